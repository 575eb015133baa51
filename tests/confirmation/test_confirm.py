"""Confirming: what hinders it, what it freezes, and that anyone can check the hash and repeat the draw."""

import hashlib
import json

import pytest
from sqlalchemy import select, text

from ballots.box import get_box
from pb import keys
from pb.confirmation.service import confirm_ballot
from pb.errors import MissingKey, NotAllowed, Refusal, WrongPhase
from pb.estimates.models import Project
from pb.language import in_language
from pb.permissions import Phase, Role
from pb.roll.models import Voter
from pb.rounds.models import CountRule
from pb.rounds.rules import draw, read_rules, voting_is_open
from tests.cast import DAY, NOW, make_allocation, make_idea, make_person, make_round, make_service
from tests.visitor import words

OPENS, CLOSES = NOW + 6 * DAY, NOW + 20 * DAY  # voting, by the calendar of a round in its estimates


async def confirm(session, case, now=NOW, **options):
    with in_language("en"):
        return await confirm_ballot(session, case.officer, case.round.id, now, **options)


async def test_the_rules_hash_to_what_is_shown(session, confirmed, visit):
    browser = await visit(None)
    file = await browser.get(f"/rounds/{confirmed.round.id}/rules.json")
    sha256 = hashlib.sha256(file.content).hexdigest()
    assert sha256 in (await browser.get(f"/rounds/{confirmed.round.id}")).text
    assert (await get_box(session, confirmed.round.id)).rules_sha256.hex() == sha256
    assert file.headers["content-type"] == "application/json; charset=utf-8"


async def test_the_officer_is_warned_of_lists_so_short_that_they_tell_what_everybody_chose(
    session, draft, lammi, visit
):
    browser = await visit(draft.officer)
    path = f"/rounds/{draft.round.id}/confirm"
    for of_lammi, of_none, said in (
        (0, 0, [f"{lammi.name} : 0 voters on the roll", "Koko kaupunki 2 : 0 voters on the roll"]),
        (1, 8, [f"{lammi.name} : one voter on the roll", "Koko kaupunki 2 : 9 voters on the roll"]),
        (8, 1, [f"{lammi.name} : 9 voters on the roll"]),
        (1, 0, []),
    ):
        areas = [lammi.id] * of_lammi + [None] * of_none
        session.add_all([Voter(round_id=draft.round.id, area_id=area_id) for area_id in areas])
        await session.commit()
        page = words(await browser.get(path))
        assert [line in page for line in said] == [True] * len(said)
        assert page.count("on the roll") == len(said)
        assert ("A list of fewer than 10 ballots could reveal what everybody chose." in page) is bool(said)


async def test_the_rules_say_all_that_counts(session, confirmed):
    rules = json.loads(confirmed.round.rules)
    lammi, ranked = rules["allocations"]
    assert (lammi["amount_cents"], lammi["ballot_type"], lammi["rule"]) == (10_000_00, "knapsack", "greedy")
    assert (ranked["max_choices"], ranked["rule"]) == (3, "irv")
    assert sorted(p["cost_cents"] for p in lammi["projects"]) == [5_000_00, 6_000_00, 7_000_00]
    assert [p["number"] for p in lammi["projects"]] == [1, 2, 3]
    assert sorted(ranked["tie_order"]) == [4, 5, 6]
    assert [p.number for p in await session.scalars(select(Project).order_by(Project.number))][:6] == [1, 2, 3, 4, 5, 6]


async def test_the_draw_can_be_repeated_from_the_seed(confirmed):
    """With nothing but the published file: numbers and tie orders are sorted SHA-256 sums."""
    rules = json.loads(confirmed.round.rules)
    for allocation in rules["allocations"]:
        ids = {p["id"]: p["number"] for p in allocation["projects"]}

        for purpose, order in (("number", sorted(ids.values())), ("tie", allocation["tie_order"])):
            lots = {hashlib.sha256(f"{rules['seed']}|{purpose}|{i}".encode()).hexdigest(): n for i, n in ids.items()}
            assert [lots[lot] for lot in sorted(lots)] == order


def test_a_lot_does_not_depend_on_the_order_in_which_it_is_given(draft):
    ids = [p.id for p in draft.projects]
    assert draw("seed", "tie", ids) == draw("seed", "tie", reversed(ids)) != draw("other", "tie", ids)


async def test_an_order_from_a_file_takes_the_lots_place(session, draft):
    order = [p.id for p in reversed(draft.projects)]
    rules = await confirm(session, draft, order=order)
    assert rules.seed == ""
    assert [p.id for a in rules.allocations for p in a.projects] == order[3:] + order[:3]
    assert [a.tie_order for a in rules.allocations] == [(1, 2, 3), (4, 5, 6)]


async def test_confirming_makes_the_keys(confirmed):
    for purpose in ("opening", "box", "code"):
        path = keys.key_path(purpose, confirmed.round.id)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_nothing_is_confirmed_while_the_key_of_printed_codes_is_lost(session, draft):
    path = keys.key_path("code", draft.round.id)
    path.unlink()
    with pytest.raises(MissingKey):
        await confirm(session, draft)
    assert not path.exists()


async def test_no_round_opens_on_a_database_that_could_lose_votes(session, draft):
    await session.execute(text("SET LOCAL synchronous_commit = off"))
    with pytest.raises(Refusal, match=r"could lose votes when the power fails \(synchronous_commit = off\)"):
        await confirm(session, draft)


async def test_a_ballot_is_confirmed_once(session, confirmed):
    rules = confirmed.round.rules
    with pytest.raises(Refusal, match="confirmed already"):
        await confirm(session, confirmed)
    assert confirmed.round.rules == rules


@pytest.mark.parametrize(("now", "error"), [(OPENS, WrongPhase), (CLOSES, Refusal), (NOW + 99 * DAY, Refusal)])
async def test_after_voting_has_opened_it_is_too_late(session, draft, now, error):
    with pytest.raises(error):
        await confirm(session, draft, now)


async def test_in_the_last_instant_before_voting_it_can_be_confirmed(session, draft):
    await confirm(session, draft, OPENS.replace(microsecond=0) - DAY / 86400)
    assert draft.round.confirmed_at is not None


async def test_without_the_confirmation_voting_does_not_open(draft, confirmed):
    windows = confirmed.round.windows
    for moment, is_open in ((OPENS - DAY, False), (OPENS, True), (CLOSES - DAY, True), (CLOSES, False)):
        assert voting_is_open(True, windows, moment) == is_open
        assert not voting_is_open(False, windows, moment)


async def test_a_round_that_was_not_confirmed_has_no_ballot_to_fill(session, culture, visit):
    round_ = await make_round(session, culture, Phase.VOTING)
    await session.commit()
    answer = await (await visit(None)).get(f"/rounds/{round_.id}/vote")
    assert 'name="code"' not in answer.text


async def test_every_hindrance_is_named_at_once(session, draft, culture, officer, visit):
    draft.allocations[0].amount_cents = 4_000_00
    session.add(await make_allocation(session, draft.round, 3))
    await session.commit()
    answer = await (await visit(officer)).post(f"/rounds/{draft.round.id}/confirm")
    assert answer.status_code == 409
    assert "Hanke 1-1 costs more than its allocation has." in words(answer)
    assert "Koko kaupunki 3: no project is on the ballot." in words(answer)
    page = await (await visit(officer)).get(f"/rounds/{draft.round.id}/confirm")
    assert "Mend these first" in words(page)
    assert '<form method="post"><input' not in page.text


async def test_the_single_transferable_vote_needs_equal_costs(session, draft):
    draft.allocations[1].rule = CountRule.STV
    with pytest.raises(Refusal) as refused:
        await confirm(session, draft)
    assert refused.value.message == (
        "Koko kaupunki 2: the single transferable vote needs projects that all cost the same."
    )
    for project in draft.projects[3:]:
        project.cost_cents = 5_000_00
    rules = await confirm(session, draft)
    assert rules.allocations[1].rule == "stv"


async def test_the_terms_of_the_rule_are_frozen(session, draft):
    allocation = draft.allocations[0]
    allocation.rule, allocation.min_votes, allocation.part_funding = CountRule.THRESHOLD, 50, True
    await confirm(session, draft)
    (frozen, other) = read_rules(draft.round.rules).allocations
    assert (frozen.rule, frozen.min_votes, frozen.part_funding) == ("threshold", 50, True)
    assert (other.min_votes, other.part_funding) == (0, False)


def test_rules_frozen_before_there_were_more_of_them_are_still_read(confirmed):
    """The text stays as it was hashed: the former name, and no terms."""
    former = json.loads(confirmed.round.rules)
    for allocation in former["allocations"]:
        del allocation["min_votes"], allocation["part_funding"]
    former["allocations"][1]["rule"] = "instant-runoff"
    assert read_rules(json.dumps(former)) == read_rules(confirmed.round.rules)


async def test_a_round_without_voting_dates_or_money_is_not_confirmed(session, culture, officer):
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    round_.windows = [w for w in round_.windows if w.phase is not Phase.VOTING]
    await session.flush()
    with in_language("en"), pytest.raises(Refusal) as refused:
        await confirm_ballot(session, officer, round_.id, NOW)
    assert refused.value.message == "The voting phase has no dates. No allocation has been made."


async def test_ideas_without_an_estimate_are_pointed_out(session, draft, officer, resident, visit):
    await make_idea(session, draft.round, resident)
    await session.commit()
    page = await (await visit(officer)).get(f"/rounds/{draft.round.id}/confirm")
    assert "One published idea has no estimate. It will not be on the ballot." in words(page)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OFFICER, Role.RESIDENT)])
async def test_only_the_officer_confirms(session, draft, culture, role):
    person = await make_person(session, "Joku", role, culture)
    with pytest.raises(NotAllowed):
        await confirm_ballot(session, person, draft.round.id, NOW)


async def test_another_services_officer_does_not_confirm(session, draft):
    stranger = await make_person(session, "Leo", Role.OFFICER, await make_service(session, "Liikunta"))
    with pytest.raises(NotAllowed):
        await confirm_ballot(session, stranger, draft.round.id, NOW)


async def test_rules_read_back_are_the_rules(confirmed):
    rules = read_rules(confirmed.round.rules)
    assert read_rules(rules.model_dump_json()) == rules
    assert sorted(map(sorted, rules.papers_per_voter())) == [[1, 2], [2]]
    assert set(rules.papers(None)) == {2}
    assert set(rules.papers(confirmed.allocations[0].area_id)) == {1, 2}
