"""Who opens a box: two officers, or two trustees with a file; and what is refused on the way."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ballots import box
from ballots.seal import new_key, opening_seed, sign
from ballots.shares import split_key
from pb.audit import Deed, list_events
from pb.bundle.queries import get_published
from pb.errors import FieldErrors, NotAllowed, Refusal
from pb.language import in_language
from pb.opening.queries import find_opening
from pb.opening.service import (
    ask_opening,
    close_voting,
    export_envelopes,
    open_ballots,
    take_opened,
)
from pb.permissions import Role
from pb.results.queries import list_counts
from pb.results.service import count_ballots, publish_results
from pb.roll.models import Voter
from pb.rounds.rules import rules_text
from pb.trustees.rules import OpenedFile
from pb.trustees.service import describe_export, load_export, open_with_shares
from pb.voting.service import cast_ballot, make_ticket
from tests.cast import make_person
from tests.results.voted import cast_six_ballots, close_and_open, make_voting, put_in_by_hand, vote, wait_for_the_close
from tests.trustees.keyholders import PRIVATE, SHARES, changed, make_held, opened_by
from tests.visitor import words

OPEN_BY_HAND = """
    UPDATE opening SET opened_at = now(), opened_by = asked_by, rehearsed = 1, final = 0, superseded = 0, void = 0"""


async def refusal(act) -> str:
    with in_language("en"), pytest.raises((Refusal, FieldErrors)) as refused:
        await act
    error = refused.value
    return error.message if isinstance(error, Refusal) else error.errors["file"]


async def closed_for_trustees(session):
    """A closed round whose key trustees hold: six ballots, one of them changed once, and one bad envelope."""
    held = await make_held(session, 1.2)
    await cast_six_ballots(session, held)
    await put_in_by_hand(session, held, b"no ballot")
    now = await wait_for_the_close(held)
    await close_voting(session, held.officer, held.round.id, now)
    return held, (session, held.officer, held.round.id), now


async def test_two_officers_open_what_the_service_holds(session):
    voted = await make_voting(session, 0.6)
    await cast_six_ballots(session, voted)
    await close_and_open(session, voted)
    opening = await find_opening(session, voted.round.id)
    assert (opening.asker.name, opening.opener.name) == ("Olga", "Otso")
    assert (opening.final, opening.superseded, opening.void) == (6, 0, 0)
    assert opening.rehearsed == 5  # two for Lammi's papers, one for those of no area, two blank ones
    deeds = [event.deed for event in await list_events(session)]
    assert [deeds.count(deed) for deed in (Deed.BOX_CLOSED, Deed.OPENING_ASKED, Deed.BOX_OPENED)] == [1, 1, 1]


async def test_one_officer_alone_opens_nothing_by_any_way(session):
    voted = await make_voting(session, 0.4)
    await vote(session, voted, [1], [4])
    now = await wait_for_the_close(voted)
    own = (session, voted.officer, voted.round.id)
    await close_voting(*own, now)
    assert "asks for the opening first" in await refusal(open_ballots(*own, now))
    await ask_opening(*own, now)
    with pytest.raises(NotAllowed):
        await open_ballots(*own, now)
    clerk = await make_person(session, "Kaisa", Role.CLERK, voted.round.service)
    with pytest.raises(NotAllowed):
        await open_ballots(session, clerk, voted.round.id, now)
    await session.flush()
    for by_hand, said in (
        (OPEN_BY_HAND, "two_officers"),
        (OPEN_BY_HAND.replace("opened_by = asked_by", "opened_by = NULL"), "two officers open a box"),
        ("UPDATE opening SET asked_by = NULL", "an opening does not change"),
    ):
        with pytest.raises(IntegrityError, match=said):
            async with session.begin_nested():
                await session.execute(text(by_hand))
    assert await box.list_opened(session, voted.round.id, allocation=1) == []


async def test_trustees_open_elsewhere_and_the_count_is_the_same(session):
    held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    assert export == await export_envelopes(*own, now)
    assert PRIVATE not in export
    await take_opened(*own, opened_by(export, 1, 2), now)
    opening = await find_opening(session, held.round.id)
    assert (opening.final, opening.superseded, opening.void, opening.rehearsed) == (6, 0, 1, 5)
    await count_ballots(*own, now)
    purse, ranked = await list_counts(session, held.round.id)
    assert (purse.outcome["winners"], ranked.outcome["winners"]) == (["1", "3"], ["4"])
    await publish_results(*own, now)
    published = await get_published(session, held.round)
    assert (published.casts, len(published.voids), len(published.leaves)) == ((6, 0), 1, 7)


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 2), (2, 1)])
async def test_any_two_trustees_open_the_same(session, pair):
    _held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    assert opened_by(export, *pair) == opened_by(export, 0, 1)
    await take_opened(*own, opened_by(export, *pair), now)


async def test_the_export_names_no_voter_no_version_and_no_time(session):
    held, own, now = await closed_for_trustees(session)
    export = json.loads(await export_envelopes(*own, now))
    assert sorted(export) == ["envelopes", "key", "log", "root", "rules", "superseded", "v"]
    refs = await session.scalars(text("SELECT encode(box_ref, 'hex') FROM box.envelope"))
    assert not any(ref in json.dumps(export) for ref in refs)
    assert len(export["envelopes"]) == 7
    assert export["rules"] == held.round.rules


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file, _: b"%PDF-1.7", "not a file that pb open has written"),
        (lambda file, _: changed(file, ballots=json.loads(file)["ballots"][1:]), "not signed"),
        (lambda file, _: changed(file, void=[]), "not signed"),
        (lambda file, export: made_up(file, export, new_key()[0]), "not signed"),
        (lambda file, _: changed(file, export="1" * 64), "another export"),
    ],
    ids=["no file", "a ballot less", "no void", "signed by another key", "another export"],
)
async def test_a_file_that_the_trustees_did_not_make_is_not_taken(session, spoil, said):
    held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    assert said in await refusal(take_opened(*own, spoil(opened_by(export, 0, 1), export), now))
    assert await find_opening(session, held.round.id) is None
    assert await box.list_opened(session, held.round.id, allocation=1) == []
    await take_opened(*own, opened_by(export, 0, 1), now)  # nothing was lost by the try


def made_up(file: bytes, export: bytes, private: bytes) -> bytes:
    """The same file, signed by somebody who has another key."""
    opened = OpenedFile.model_validate_json(file)
    return opened.model_copy(update={"signature": sign(opening_seed(private), opened.signed).hex()}).as_bytes()


async def test_who_has_the_key_still_cannot_bring_other_ballots_than_are_in_the_box(session):
    held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    true = OpenedFile.model_validate_json(opened_by(export, 0, 1))
    too_dear = true.ballots[0].model_copy(update={"choices": {1: (1, 2, 3), 2: (4,)}})
    for ballots, said in (
        ((too_dear, *true.ballots[1:]), "does not fit the ballot"),
        (true.ballots[1:], "does not fit the box"),
    ):
        false = true.model_copy(update={"ballots": ballots})
        false = false.model_copy(update={"signature": sign(opening_seed(PRIVATE), false.signed).hex()})
        assert said in await refusal(take_opened(*own, false.as_bytes(), now))
        await session.commit()
        assert await find_opening(session, held.round.id) is None
    assert await box.list_opened(session, held.round.id, allocation=1) == []
    twice = true.model_copy(update={"ballots": true.ballots[1:], "void": true.void * 2})
    twice = twice.model_copy(update={"signature": sign(opening_seed(PRIVATE), twice.signed).hex()})
    assert "does not fit the box" in await refusal(take_opened(*own, twice.as_bytes(), now))
    await take_opened(*own, true.as_bytes(), now)


async def test_two_officers_do_not_open_what_trustees_hold(session):
    _held, own, now = await closed_for_trustees(session)
    assert "Trustees hold this round's key" in await refusal(ask_opening(*own, now))


async def test_a_box_whose_key_the_service_holds_is_not_exported(session):
    voted = await make_voting(session, 0.2)
    now = await wait_for_the_close(voted)
    own = (session, voted.officer, voted.round.id)
    await close_voting(*own, now)
    assert "The service holds this round's key" in await refusal(export_envelopes(*own, now))
    assert "The service holds this round's key" in await refusal(take_opened(*own, b"", now))


async def test_a_box_is_opened_once(session):
    _held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    await take_opened(*own, opened_by(export, 0, 1), now)
    for again in (take_opened(*own, opened_by(export, 0, 1), now), export_envelopes(*own, now)):
        assert await refusal(again) == "The box has been opened already."


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([SHARES[0]], "One share opens nothing. Two of the three are needed."),
        ([SHARES[0], SHARES[0]], "Share 2 is the same sheet as one before it."),
        ([SHARES[0], "acid " * 33], "Share 2 was misread"),
        ([SHARES[0][:-3], SHARES[1]], "Share 1 was misread"),
    ],
    ids=["one", "twice", "noise", "cut"],
)
async def test_shares_that_open_nothing_are_named(session, shares, said):
    _held, own, now = await closed_for_trustees(session)
    with pytest.raises(RuntimeError, match=said):
        open_with_shares(*load_export(await export_envelopes(*own, now), now), shares)


async def test_two_good_shares_of_another_key_are_named(session):
    _held, own, now = await closed_for_trustees(session)
    with pytest.raises(RuntimeError, match="These shares are of another key"):
        open_with_shares(*load_export(await export_envelopes(*own, now), now), split_key(new_key()[0])[:2])


@pytest.mark.parametrize("field", ["log", "envelopes", "root", "key", "rules"])
async def test_a_damaged_export_is_not_opened(session, field):
    _held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    whole = json.loads(export)[field]
    for wrong in (whole[1:], whole[::-1], whole[:1]):
        with pytest.raises(RuntimeError, match=r"damaged|not an export|another key"):
            open_with_shares(*load_export(changed(export, **{field: wrong}), now), SHARES[:2])


async def test_the_officers_page_leads_through_the_trustees_opening(session, visit):
    held, _own, _now = await closed_for_trustees(session)
    await session.commit()
    officer, at = await visit(held.officer), f"/rounds/{held.round.id}/opening"
    count = f"/rounds/{held.round.id}/count"
    assert "Two of three trustees open the box with their shares" in words(
        await officer.get(f"/rounds/{held.round.id}/count")
    )
    export = await officer.post(f"{at}/export.json")
    assert export.headers["content-disposition"].startswith("attachment")
    wrong = await officer.post(f"{at}/opened", files={"file": b"{}"})
    assert (wrong.status_code, "not a file that pb open has written" in words(wrong)) == (422, True)
    assert (await officer.post(f"{at}/opened", files={"file": opened_by(export.content, 0, 2)})).status_code == 303
    assert "Two of three trustees opened the box" in words(await officer.get(count))


async def test_a_second_officer_finds_the_button_and_the_first_one_does_not(session, visit):
    voted = await make_voting(session, 0.3)
    now = await wait_for_the_close(voted)
    await close_voting(session, voted.officer, voted.round.id, now)
    await session.commit()
    first, second, at = await visit(voted.officer), await visit(voted.second), f"/rounds/{voted.round.id}/opening"
    assert "Ask for the opening" in words(await first.get(at))
    assert (await first.post(f"{at}/ask")).status_code == 303
    assert f'action="{at}/open"' not in (await first.get(at)).text
    assert "Another officer is needed" in words(await first.get(at))
    assert (await first.post(f"{at}/open")).status_code == 403
    assert "Olga asked for the opening on" in words(await second.get(at))
    assert (await second.post(f"{at}/open")).status_code == 303


async def test_a_file_of_many_ballots_is_not_too_large(session, visit):
    held, _own, _now = await closed_for_trustees(session)
    await session.commit()
    officer = await visit(held.officer)
    answer = await officer.post(f"/rounds/{held.round.id}/opening/opened", files={"file": b" " * 30_000_000 + b"{}"})
    assert (answer.status_code, "not a file that pb open has written" in words(answer)) == (422, True)


async def test_shares_open_nothing_before_the_close_by_the_rules(session):
    held, own, now = await closed_for_trustees(session)
    export = await export_envelopes(*own, now)
    with pytest.raises(RuntimeError, match="Nothing is opened before"):
        load_export(export, now - timedelta(days=30))
    rules = held.rules.model_copy(update={"title": "Rehearsal", "closes": now + timedelta(days=9)})
    with pytest.raises(RuntimeError, match="Nothing is opened before"):
        load_export(changed(export, rules=rules_text(rules)), now)
    assert held.round.rules_sha256.hex() in describe_export(*load_export(export, now))


async def test_a_voter_whose_area_has_no_paper_casts_nothing(session):
    voted = await make_voting(session, 3600)
    only_areas = voted.rules.model_copy(update={"allocations": voted.rules.allocations[:1]})
    voter = Voter(round_id=voted.round.id, person_ref=uuid4(), area_id=None)
    ticket = await make_ticket(session, voter)
    assert "There is no ballot for your area" in await refusal(
        cast_ballot(session, only_areas.papers(None), voter, {}, ticket)
    )
    assert all(only_areas.papers_per_voter())
