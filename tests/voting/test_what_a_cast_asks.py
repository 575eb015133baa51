"""What a cast asks of the database: two statements, and the box does not close between them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from ballots.box import close_box
from ballots.codes import new_ballot_code
from ballots.types import StillOpen
from pb.confirmation.service import confirm_ballot, withdraw_project
from pb.database import make_engine, make_sessions
from pb.estimates.queries import list_projects
from pb.permissions import Phase
from pb.roll.forms import RollForm
from pb.roll.queries import find_voter
from pb.roll.service import add_voters, code_hmac
from pb.voting.queries import enter_box
from pb.voting.service import Ticket
from tests.cast import DAY, NOW, make_allocation, make_projects, make_round
from tests.voting.town import LAMMI, ballots_in, come_in, make_town, review, sign_in_voter, vote

Asked = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def asked(engine) -> Asked:
    """Collects the first word of each statement inside a `with`; savepoints stand for the transaction here."""

    @contextmanager
    def asked() -> Iterator[list[str]]:
        words: list[str] = []

        def note(_connection, _cursor, statement: str, *_rest: object) -> None:
            words.extend(word for word in statement.split()[:1] if word not in ("SAVEPOINT", "RELEASE"))

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        yield words
        event.remove(engine.sync_engine, "before_cursor_execute", note)

    return asked


async def test_a_cast_asks_two_statements_of_the_database(visitor, town, asked):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))  # once in a process the rules are read
    form = await review(visitor, town, town.ticks(LAMMI, 2))
    with asked() as statements:
        assert (await visitor.post(f"{town.booth}/cast", form)).status_code == 303
    assert statements == ["SELECT", "WITH"]


async def test_a_repeat_is_answered_though_its_project_has_been_withdrawn_since(visitor, session, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    assert (await visitor.post(f"{town.booth}/cast", form)).status_code == 303
    project = next(p for p in await list_projects(session, town.round.id) if p.title == "Hanke 1-1")
    await withdraw_project(session, town.officer, town.round.id, project.id, "Rakennus suljettiin.", NOW)
    await session.commit()
    assert (await visitor.post(f"{town.booth}/cast", form)).status_code == 303
    assert (await ballots_in(session, town.round.id))[0][LAMMI] == (town.number(LAMMI, 1),)


async def test_a_draft_is_not_there_even_for_whoever_has_a_code_and_a_ticket(visitor, session, town):
    later = 100 * DAY
    draft = await make_round(session, town.round.service, Phase.ESTIMATES, "Luonnos")
    for window in draft.windows:
        window.opens, window.closes = window.opens + later, window.closes + later
    draft.allocations.append(await make_allocation(session, draft, 1))
    await make_projects(session, draft.allocations[0], 1_000_00)
    codes = await add_voters(session, town.officer, draft.id, RollForm(number=1), NOW)
    stored = code_hmac(draft.id, codes[0].replace("-", ""))
    voter = await find_voter(session, draft.id, stored)
    form = {"ticket": Ticket(uuid4(), new_ballot_code(), 0).signed(voter)}
    for confirmed in (False, True):
        if confirmed:
            await confirm_ballot(session, town.officer, draft.id, NOW + later)
        await session.commit()
        sign_in_voter(visitor, replace(town, round=draft), stored, NOW + DAY)
        answer = await visitor.post(f"/rounds/{draft.id}/vote/cast", form)
        assert answer.status_code == 404


async def test_the_close_waits_for_a_cast_that_has_entered_the_box(database):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as session:
        town = await make_town(session)
    stored = code_hmac(town.round.id, town.codes[0].replace("-", ""))
    async with sessions() as casting, sessions() as closing:
        assert await enter_box(casting, town.round.id, stored)
        await closing.execute(text("SET lock_timeout = '100ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await close_box(closing, town.round.id)
        await closing.rollback()
        await casting.rollback()
        with pytest.raises(StillOpen):
            await close_box(closing, town.round.id)
    await engine.dispose()
