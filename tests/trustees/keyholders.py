"""A ceremony and its three trustees, and rounds whose key they hold."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.seal import new_key
from ballots.shares import split_key
from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.permissions import Phase, Role
from pb.trustees.queries import find_key
from pb.trustees.rules import ceremony_of
from pb.trustees.service import add_key, open_with_shares, take_rehearsal
from tests.cast import make_allocation, make_area, make_person, make_projects, make_round, make_service
from tests.results.voted import BEFORE, Voted

PRIVATE = new_key()[0]
SHARES = split_key(PRIVATE)
CEREMONY = ceremony_of(PRIVATE).as_bytes()


def opened_by(export: bytes, *shares: int) -> bytes:
    """The file that these trustees (0 to 2) make of an export."""
    return open_with_shares(export, [SHARES[n] for n in shares])[0].as_bytes()


def changed(file: bytes, **fields: object) -> bytes:
    return json.dumps(json.loads(file) | fields).encode()


async def make_draft(session: AsyncSession, seconds: float = 3600) -> Voted:
    """As `tests.results.voted.make_voting`, before its ballot is confirmed."""
    service, lammi = await make_service(session), await make_area(session)
    officer = await make_person(session, "Olga", Role.OFFICER, service)
    second = await make_person(session, "Otso", Role.OFFICER, service)
    round_ = await make_round(session, service, Phase.VOTING, "Kulttuuria kaikille 2027")
    purse = await make_allocation(session, round_, 1, lammi)
    ranked = await make_allocation(session, round_, 2, None, BallotType.RANKED, 20_000_00)
    projects = await make_projects(session, purse, 6_000_00, 5_000_00, 3_000_00)
    projects += await make_projects(session, ranked, 20_000_00, 15_000_00, 18_000_00)
    closes = datetime.now(UTC) + timedelta(seconds=seconds)
    voting = round_.window(Phase.VOTING)
    assert voting is not None
    voting.closes = closes
    await session.commit()
    return Voted(round_, officer, second, None, projects, lammi.id, closes)


async def rehearse_key(session: AsyncSession, draft: Voted) -> None:
    """The officer brings the ceremony, and two trustees open the rehearsal."""
    await add_key(session, draft.officer, draft.round.id, CEREMONY, BEFORE)
    key = await find_key(session, draft.round.id)
    assert key is not None
    await take_rehearsal(session, draft.officer, draft.round.id, opened_by(key.rehearsal, 0, 2), BEFORE)


async def make_held(session: AsyncSession, seconds: float = 1.0) -> Voted:
    """A confirmed round whose voting closes in so many seconds and whose key trustees hold."""
    draft = await make_draft(session, seconds)
    await rehearse_key(session, draft)
    draft.rules = await confirm_ballot(session, draft.officer, draft.round.id, BEFORE, [p.id for p in draft.projects])
    await session.commit()
    return draft
