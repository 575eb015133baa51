"""The roll: people without names, and codes of which only an HMAC is kept."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select, text

from ballots.codes import read_code, show_code
from pb import keys
from pb.app import make_app
from pb.clock import now
from pb.confirmation.service import confirm_ballot
from pb.database import make_engine, make_sessions
from pb.errors import FieldErrors, MissingKey, NotAllowed, NotFound, Refusal, TooMany
from pb.language import in_language
from pb.permissions import Phase, Role
from pb.results.service import publish_results
from pb.roll.forms import RollForm
from pb.roll.models import Voter, VotingCode, WrongGuesses
from pb.roll.queries import count_voters, eligible, find_voter
from pb.roll.service import SLOT_SECONDS, add_voters, code_hmac, enter_code, replace_code
from pb.rounds.rules import read_rules
from pb.settings import get_settings
from tests.cast import DAY, NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service
from tests.results.voted import make_counted, make_voting
from tests.visitor import Visitor, words


@pytest.fixture
async def round_(session, culture):
    made = await make_round(session, culture, Phase.ESTIMATES)
    await session.commit()
    return made


@pytest.fixture
async def clerk(session, culture):
    return await make_person(session, "Kaisa", Role.CLERK, culture)


@pytest.fixture
async def codes(session, round_, clerk, lammi):
    return await add_voters(session, clerk, round_.id, RollForm(area_id=lammi.id, number=3), NOW)


async def test_every_voter_gets_a_code_of_their_own(session, round_, codes, lammi):
    assert len(set(codes)) == 3
    voters = [await find_voter(session, round_.id, code_hmac(round_.id, read_code(code))) for code in codes]
    assert len({v.person_ref for v in voters}) == 3
    assert {v.area_id for v in voters} == {lammi.id}


async def test_no_table_holds_a_code_or_tells_its_place_on_the_list(session, codes):
    kept = [c.code_hmac for c in await session.scalars(select(VotingCode))]
    assert all(read_code(code).encode() not in k for code in codes for k in kept)
    for table, column in (("voter", "person_ref"), ("voting_code", "code_hmac")):
        as_written = list(await session.scalars(text(f"SELECT {column} FROM {table} ORDER BY ctid")))
        assert as_written == sorted(as_written)


async def test_a_code_of_one_round_is_none_of_another(session, round_, codes, culture, clerk):
    other = await make_round(session, culture, Phase.ESTIMATES, "Toinen")
    await add_voters(session, clerk, other.id, RollForm(number=1), NOW)
    assert code_hmac(other.id, "A" * 12) != code_hmac(round_.id, "A" * 12)
    assert await enter_code(session, other.id, codes[0], "1.2.3.4", NOW) is None


async def test_a_lost_code_is_replaced_for_the_same_person(session, round_, codes, clerk):
    before = await find_voter(session, round_.id, code_hmac(round_.id, read_code(codes[0])))
    fresh = await replace_code(session, clerk, round_.id, codes[0].lower(), NOW)
    after = await find_voter(session, round_.id, code_hmac(round_.id, read_code(fresh)))
    assert after.person_ref == before.person_ref
    assert await enter_code(session, round_.id, codes[0], "1.2.3.4", NOW) is None
    with pytest.raises(FieldErrors):
        await replace_code(session, clerk, round_.id, codes[0], NOW)


async def test_wrong_revoked_and_mistyped_codes_get_the_same_answer(session, round_, codes, clerk):
    await replace_code(session, clerk, round_.id, codes[0], NOW)
    for wrong in (codes[0], show_code("A" * 12), "abc", "", "é" * 12, "1" * 500):
        assert await enter_code(session, round_.id, wrong, "1.2.3.4", NOW) is None
    assert await session.scalar(select(func.sum(WrongGuesses.tries))) == 6


async def test_after_twenty_wrong_codes_even_a_good_one_waits_ten_minutes(session, round_, codes):
    for _guess in range(get_settings().code_guesses):
        await enter_code(session, round_.id, "abc", "1.2.3.4", NOW)
    with in_language("en"), pytest.raises(TooMany, match="Wait ten minutes"):
        await enter_code(session, round_.id, codes[0], "1.2.3.4", NOW)
    assert await enter_code(session, round_.id, codes[0], "5.6.7.8", NOW)
    assert await enter_code(session, round_.id, codes[0], "1.2.3.4", NOW + DAY * SLOT_SECONDS / 86400)


async def test_a_good_code_is_not_counted_and_no_address_is_kept(session, round_, codes):
    await enter_code(session, round_.id, codes[0], "1.2.3.4", NOW)
    assert await session.scalar(select(func.count()).select_from(WrongGuesses)) == 0
    await enter_code(session, round_.id, "abc", "1.2.3.4", NOW)
    assert b"1.2.3.4" not in await session.scalar(select(WrongGuesses.source_hmac))
    await enter_code(session, round_.id, "abc", "1.2.3.4", NOW + DAY)
    assert await session.scalar(select(func.count()).select_from(WrongGuesses)) == 1  # the old slot is swept away


async def test_who_is_eligible_for_what(session, round_, codes, clerk, lammi, officer):
    hauho = await make_area(session, "Hauho")
    await add_voters(session, clerk, round_.id, RollForm(area_id=hauho.id, number=2), NOW)
    await add_voters(session, clerk, round_.id, RollForm(number=1), NOW)
    on_roll = await count_voters(session, round_.id)
    assert on_roll == {lammi.id: 3, hauho.id: 2, None: 1}
    round_.allocations = [await make_allocation(session, round_, 1, lammi), await make_allocation(session, round_, 2)]
    for allocation in round_.allocations:
        await make_projects(session, allocation, 100)
    await confirm_ballot(session, officer, round_.id, NOW)
    allocations = read_rules(round_.rules).allocations
    assert [eligible(a, on_roll) for a in allocations] == [3, 6]
    assert [eligible(a, on_roll, area_choice=True) for a in allocations] == [6, 6]


WRONG = [("0", "at least 1."), ("20001", "write 20000 at most."), ("x", "Write a whole number.")]


@pytest.mark.parametrize(("number", "sentence"), WRONG)
async def test_a_wrong_number_keeps_what_was_typed(session, round_, clerk, lammi, visit, number, sentence):
    answer = await (await visit(clerk)).post(f"/rounds/{round_.id}/roll", {"number": number, "area_id": str(lammi.id)})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert f'value="{number}"' in answer.text
    assert f'value="{lammi.id}" selected' in answer.text
    assert await session.scalar(select(func.count()).select_from(Voter)) == 0


async def test_the_codes_are_shown_this_once(round_, clerk, lammi, visit):
    browser = await visit(clerk)
    page = await browser.post(f"/rounds/{round_.id}/roll", {"number": "2", "area_id": str(lammi.id)})
    shown = [word for word in words(page).split() if word.count("-") == 2 and word.isupper()]
    assert len(shown) == 2
    assert page.headers["cache-control"] == "no-store"
    again = await browser.get(f"/rounds/{round_.id}/roll")
    assert "2 voters on the roll" in words(again)
    assert all(code not in again.text for code in shown)
    wrong = await browser.post(f"/rounds/{round_.id}/roll/replace", {"code": "ABCD-EFGH-JKMN"})
    assert (wrong.status_code, 'value="ABCD-EFGH-JKMN"' in wrong.text) == (422, True)
    replaced = await browser.post(f"/rounds/{round_.id}/roll/replace", {"code": shown[0]})
    assert (replaced.status_code, shown[0] in replaced.text) == (200, False)


async def test_after_publication_the_roll_is_closed(session):
    voted = await make_counted(session)
    await publish_results(session, voted.officer, voted.round.id, now())
    with in_language("en"), pytest.raises(Refusal, match="The roll no longer changes"):
        await add_voters(session, voted.officer, voted.round.id, RollForm(number=1), NOW)
    with pytest.raises(Refusal):
        await replace_code(session, voted.officer, voted.round.id, "ABCD-EFGH-JKMN", NOW)


async def test_a_lost_key_is_never_replaced_where_codes_were_made(session, round_, codes, clerk, tmp_path):
    path = keys.key_path("code", round_.id)
    kept = path.rename(tmp_path / "code.key")
    for act in (enter_code(session, round_.id, codes[0], "1.2.3.4", NOW),
                add_voters(session, clerk, round_.id, RollForm(number=1), NOW),
                replace_code(session, clerk, round_.id, codes[0], NOW)):  # fmt: skip
        with pytest.raises(MissingKey):
            await act
        assert not path.exists()
    kept.rename(path)
    assert await enter_code(session, round_.id, codes[0], "1.2.3.4", NOW)


@pytest.fixture
async def committing(database):
    """Sessions on a fresh database where commits are real."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def test_no_more_wrong_codes_get_through_side_by_side(committing):
    """The wrong ones are answered by a page and counted all the same; good ones never count."""
    async with committing() as session, session.begin():
        voted = await make_voting(session, 3600)
        codes = await add_voters(session, voted.officer, voted.round.id, RollForm(number=30), NOW)
    page, app, limit = f"/rounds/{voted.round.id}/vote", make_app(committing), get_settings().code_guesses
    async with Visitor(app) as visitor:
        good = await asyncio.gather(*(visitor.post(page, {"code": code}) for code in codes))
        assert {answer.status_code for answer in good} == {303}
        wrong = await asyncio.gather(*(visitor.post(page, {"code": "ABCD-EFGH-JKMN"}) for _guess in range(60)))
        assert Counter(answer.status_code for answer in wrong) == {422: limit, 429: 60 - limit}
    async with committing() as session:
        assert await session.scalar(select(WrongGuesses.tries)) == limit


async def test_an_area_that_is_not_there_is_not_found(session, round_, clerk):
    with pytest.raises(NotFound):
        await add_voters(session, clerk, round_.id, RollForm(area_id=round_.id, number=1), NOW)


async def test_another_services_clerk_does_not_touch_the_roll(session, round_):
    stranger = await make_person(session, "Kalle", Role.CLERK, await make_service(session, "Liikunta"))
    with pytest.raises(NotAllowed):
        await add_voters(session, stranger, round_.id, RollForm(number=1), NOW)


async def test_the_same_form_sent_twice_adds_its_voters_once(session, round_, clerk, lammi):
    form = RollForm(area_id=lammi.id, number=4)
    await add_voters(session, clerk, round_.id, form, NOW)
    with pytest.raises(Refusal):
        await add_voters(session, clerk, round_.id, form, NOW)
    assert await count_voters(session, round_.id) == {lammi.id: 4}
