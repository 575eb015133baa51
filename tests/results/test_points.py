"""Points ballots from the box to the bundle: counted by every rule that counts points, and told in points."""

import json
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.codes import new_ballot_code
from ballots.plaintext import canonical
from ballots.types import BallotType
from pb.bundle.rules import unpack
from pb.language import in_language
from pb.opening.queries import count_void
from pb.results.queries import list_results, read_result
from pb.results.rules import count_allocation
from pb.results.service import publish_results, report_html
from pb.roll.models import Voter
from pb.rounds.models import PLAIN, RANKED, Allocation, CountRule
from pb.verification.service import verify_bundle
from pb.voting.service import cast_ballot, make_ticket
from tally import read_pabulib
from tests.results.made import allocation
from tests.results.voted import Voted, close_and_count, confirm, make_draft, put_in_by_hand
from tests.second_reader import read_bundle
from tests.visitor import words

POINTS = BallotType.POINTS
COUNT_POINTS = [rule for rule in CountRule if rule not in (*RANKED, *PLAIN)]
FOUR, FIVE, SIX = 4, 5, 6  # the ballot numbers of the points paper's projects: 20,000, 15,000 and 18,000 euros
GIVEN = [[FOUR] * 3, [FIVE] * 10, [FOUR] * 4 + [SIX] * 2, [], [SIX] * 6, [FOUR, FIVE]] * 2


@pytest.mark.parametrize("rule", COUNT_POINTS)
def test_every_rule_for_points_counts_them_and_not_the_ballots(rule) -> None:
    """Three voters give A a point each, one gives B five: by heads A leads, by points B."""
    paper = allocation(POINTS, [60, 60], rule=rule, min_votes=int(rule is CountRule.THRESHOLD))
    counted = count_allocation(paper, [[1], [1], [1], [2] * 5])
    assert {step.project: step.votes for step in counted.outcome.steps} == {"1": 3, "2": 5}
    if not rule.startswith("equal-shares"):  # there B's one supporter cannot pay, however many points they give
        assert counted.outcome.winners == ("2",)


ballots = st.lists(st.lists(st.integers(1, 4), max_size=9), max_size=8)


@given(st.sampled_from(COUNT_POINTS), st.lists(st.integers(20, 70), min_size=4, max_size=4), ballots, st.integers(1, 6))
def test_no_sentence_about_points_speaks_of_votes(rule, costs, given, least) -> None:
    paper = allocation(POINTS, costs, rule=rule, min_votes=least * (rule is CountRule.THRESHOLD))
    counted = count_allocation(paper, given)
    with in_language("en"):
        result = read_result(paper, "EUR", counted, (99, len(given), 0), {})
    said = " ".join([*(fate.why for fate in result.fates), *result.ties, result.preferring, result.unproven])
    assert not re.search(r"\bvotes?\b", said), said
    assert result.in_points
    for fate in result.fates:
        assert fate.votes <= fate.out_of == 9 * len(given)


def test_votes_are_still_spoken_of_where_ballots_give_none() -> None:
    counted = count_allocation(paper := allocation(BallotType.APPROVAL, [60, 60]), [[1], [2]])
    with in_language("en"):
        result = read_result(paper, "EUR", counted, (9, 2, 0), {})
    assert "vote" in " ".join([*(fate.why for fate in result.fates), *result.ties])


async def make_points(session, *, area_choice: bool = False) -> Voted:
    """Lammi's purse, and a points paper for all: ten points, all of which one project may get."""
    draft = await make_draft(session, 2.0)
    paper = await session.get(Allocation, draft.projects[-1].allocation_id)
    paper.ballot_type, paper.rule, paper.max_choices = POINTS, CountRule.GREEDY, 10
    draft.round.area_choice = area_choice
    await session.flush()
    return await confirm(session, draft)


async def cast(session, voted: Voted, given: list[int], area=None) -> str:
    voter = Voter(round_id=voted.round.id, person_ref=uuid4(), area_id=None)
    session.add(voter)
    await session.flush()
    papers = voted.rules.papers(area)
    ticket = await make_ticket(session, voter)
    choices = {number: given if number == 2 else [1] for number in papers}
    await cast_ballot(session, papers, voter, choices, ticket)
    return ticket.code


async def finish(session, voted: Voted) -> None:
    await close_and_count(session, voted)
    await publish_results(session, voted.officer, voted.round.id, datetime.now(UTC))
    await session.commit()


async def test_points_are_opened_counted_told_and_verified(session, visitor, tmp_path) -> None:
    voted = await make_points(session)
    codes = [await cast(session, voted, marks) for marks in GIVEN]
    spoilt = canonical(voted.round.id, new_ballot_code(), {2: [FOUR] * 11})
    await put_in_by_hand(session, voted, spoilt)
    await finish(session, voted)
    assert await count_void(session, voted.round.id) == {"not allowed": 1}

    own = f"/rounds/{voted.round.id}/results"
    page = words(await visitor.get(f"{own}/2"))
    assert "22 points of 120 possible" in page
    assert "The project with most points is funded first" in page
    assert not re.search(r"\d votes?\b", page)
    found = words(await visitor.post(f"{own}/ballot", {"code": codes[2]}))
    assert "4 points" in found
    assert "2 points" in found
    with in_language("en"):
        assert "Points" in (await report_html(session, voted.round))[0]

    packed = (await visitor.get(f"{own}/bundle.zip")).content
    verdict = verify_bundle(packed)
    assert verdict.faults == ()
    second = read_bundle(packed)["allocations"]["2"]
    assert second["votes"] == {"4": 16, "5": 22, "6": 16}
    assert (second["ballots"], second["blank"]) == (12, 2)
    (result,) = (r for r in await list_results(session, voted.round) if r.allocation.number == 2)
    assert second["winners"] == [fate.project.number for fate in result.winners] == [FIVE]
    (path := tmp_path / "a.pb").write_bytes(unpack(packed)["allocation-2.pb"])
    file = read_pabulib(path, keep_voters=True)
    assert {key: file.meta[key] for key in ("vote_type", "max_points", "max_sum_points")} == {
        "vote_type": "cumulative",
        "max_points": "10",
        "max_sum_points": "10",
    }
    assert sorted(row[1:] for row in file.voters.rows)[-1] == ("6", "6")
    assert ("4,6", "4,2") in [row[1:] for row in file.voters.rows]


async def test_where_voters_choose_the_area_its_turnout_is_a_count_and_no_share(session, visitor) -> None:
    voted = await make_points(session, area_choice=True)
    for marks in GIVEN:
        await cast(session, voted, marks, voted.lammi)
    await finish(session, voted)
    own = f"/rounds/{voted.round.id}/results"
    assert [r.eligible for r in await list_results(session, voted.round)] == [None, 12]
    assert "12 voters who chose this area" in words(await visitor.get(f"{own}/1"))
    assert "of the 12 who could vote" in words(await visitor.get(f"{own}/2"))
    for path in ("", "/1"):
        assert (await visitor.get(own + path)).status_code == 200
    packed = (await visitor.get(f"{own}/bundle.zip")).content
    assert verify_bundle(packed).faults == ()
    rules = json.loads(unpack(packed)["rules.json"])
    assert rules["area_choice"] is True
    with in_language("en"):
        html, _title = await report_html(session, voted.round)
    assert re.search(r'<td class="n">12</td><td class="n">–</td>', html)


def test_rules_that_were_frozen_before_know_neither_points_nor_a_choice() -> None:
    paper = allocation(BallotType.APPROVAL, [60]).model_dump(mode="json")
    del paper["max_points"]
    assert type(allocation(BallotType.APPROVAL, [60])).model_validate(paper).max_points is None
