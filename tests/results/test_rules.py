"""From ballots to the count, and why each project was chosen or not."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.types import BallotType
from pb.language import in_language
from pb.results.queries import read_result
from pb.results.rules import as_data, count_allocation, election_of, profile_of, read_counted
from pb.rounds.models import FUNDS_IN_PART, WITHOUT_MINIMUM, CountRule
from pb.rounds.models import RANKED as RANKED_RULES
from pb.rounds.rules import AllocationRules
from tests.results.made import allocation


def whys(paper: AllocationRules, ballots: Sequence[Sequence[int]], withdrawn: dict[int, str] | None = None) -> dict:
    """Title → the sentence of its fate, in English."""
    withdrawn = withdrawn or {}
    with in_language("en"):
        counted = replace(count_allocation(paper, ballots, withdrawn), margins={})
        result = read_result(paper, "EUR", counted, (9, len(ballots), 0), withdrawn)
    return {fate.project.title: fate.why for fate in result.fates}


def ties(paper: AllocationRules, ballots: Sequence[Sequence[int]]) -> list[str]:
    with in_language("en"):
        return list(read_result(paper, "EUR", count_allocation(paper, ballots), (9, 9, 0), {}).ties)


def test_projects_stand_in_the_published_order_and_withdrawn_ones_do_not_stand() -> None:
    election = election_of(allocation(BallotType.APPROVAL, [10, 20, 30], order=[3, 1, 2]), [1])
    assert [(p.id, p.cost, p.title) for p in election.projects] == [("3", 3000, "C"), ("2", 2000, "B")]


def test_a_withdrawn_project_is_crossed_out_of_ballots_and_the_rest_stands() -> None:
    paper = allocation(BallotType.RANKED, [10, 20, 30])
    assert profile_of(paper, [[2, 1, 3], [3, 1], [2]], [2]).ballots == {("1", "3"): 1, ("3", "1"): 1, (): 1}


def test_the_order_of_ticks_means_nothing_and_the_order_of_ranks_does() -> None:
    ballots = [[2, 1], [1, 2]]
    assert len(profile_of(allocation(BallotType.APPROVAL, [1, 1]), ballots).ballots) == 1
    assert len(profile_of(allocation(BallotType.RANKED, [1, 1]), ballots).ballots) == 2


KNAPSACK, RANKED = BallotType.KNAPSACK, BallotType.RANKED
WHY = {
    "the first is chosen": (
        KNAPSACK,
        [60, 50],
        [[1]],
        "A",
        "Chosen, because at its turn €100 was left and it costs €60.",
    ),
    "one that no longer fits": (
        KNAPSACK,
        [60, 50],
        [[1], [1], [2]],
        "B",
        "Not chosen: at its turn €40 was left and it costs €50, so €10 was missing.",
    ),
    "a later one that still fits": (
        KNAPSACK,
        [60, 50, 40],
        [[1, 3], [1], [1], [2], [2]],
        "C",
        "Chosen, because at its turn €40 was left and it costs €40.",
    ),
    "nobody voted and it fits": (
        KNAPSACK,
        [60, 30],
        [[1]],
        "B",
        "Chosen, although nobody voted for it: at its turn €40 was left and it costs €30.",
    ),
    "nobody voted and it does not fit": (
        KNAPSACK,
        [60, 50],
        [[1]],
        "B",
        "Nobody voted for it. Not chosen: at its turn €40 was left and it costs €50, so €10 was missing.",
    ),
    "a tie lost by the published order": (
        KNAPSACK,
        [60, 50],
        [[1], [2]],
        "B",
        "Not chosen: A got as many votes and came first in the published order. "
        "Then €40 was left and the project costs €50, so €10 was missing.",
    ),
    "equal votes, but too dear in any order": (
        KNAPSACK,
        [60, 30, 45],
        [[1], [1], [2], [3]],
        "C",
        "Not chosen: at its turn €10 was left and it costs €45, so €35 was missing.",
    ),
    "elected in the first round": (
        RANKED,
        [60, 50],
        [[1], [1], [2]],
        "A",
        "Chosen in round 1 with 2 of 3 votes, more than half.",
    ),
    "second in the last round": (
        RANKED,
        [60, 50],
        [[1], [1], [2]],
        "B",
        "Not chosen: in the last round it had 1 of 3 votes.",
    ),
    "dropped out": (
        RANKED,
        [60, 50, 40],
        [[1], [1], [2], [2], [3, 1]],
        "C",
        "Dropped out in round 1 with 1 vote, the fewest.",
    ),
    "dropped out by the published order": (
        RANKED,
        [60, 50, 40],
        [[1], [1], [2], [3]],
        "C",
        "Dropped out in round 1. It and B had the fewest votes, 1 vote each, and it came last in the published order.",
    ),
    "no ballot names anything": (RANKED, [60, 50], [[]], "A", "Not chosen: no ballot named a project."),
}


@pytest.mark.parametrize("case", WHY)
def test_why(case: str) -> None:
    kind, costs, ballots, project, sentence = WHY[case]
    assert whys(allocation(kind, costs), ballots)[project] == sentence


def test_a_withdrawn_project_keeps_the_citys_reason_and_comes_last() -> None:
    paper = allocation(KNAPSACK, [60, 50])
    outcome = count_allocation(paper, [[1], [1], [2]], {1: "Talo paloi."})
    with in_language("en"):
        fates = read_result(paper, "EUR", outcome, (3, 3, 0), {1: "Talo paloi."}).fates
    assert [(fate.project.title, fate.state, fate.reason) for fate in fates] == [
        ("B", "funded", ""),
        ("A", "withdrawn", "Talo paloi."),
    ]
    assert fates[1].why == "The city withdrew the project. Votes for it were not counted."


def test_a_tie_that_decided_comes_first_and_says_what_it_decided() -> None:
    paper = allocation(KNAPSACK, [10, 10, 70, 60], order=[1, 2, 4, 3])
    ballots = [[1], [1], [1], [2], [2], [2], [3], [3], [4], [4]]
    assert ties(paper, ballots) == [
        "D and C had 2 votes each. The published order put D first. It decided: D was chosen, C was not.",
        "A and B had 3 votes each. Their order did not change what was chosen.",
    ]


def test_a_tie_names_as_first_the_first_that_still_fitted() -> None:
    assert ties(allocation(KNAPSACK, [90, 40, 40], euros=50), [[1], [2], [3]]) == [
        "A, B, and C had 1 vote each. The published order put B first. It decided: B was chosen, C was not."
    ]


def test_a_tie_of_a_ranked_count_names_its_round_and_who_dropped_out() -> None:
    paper = allocation(RANKED, [10, 10, 10], order=[3, 2, 1])
    assert ties(paper, [[1], [2], [3], [3]]) == [
        "In round 1 B and A had the fewest votes, 1 vote each. The published order put A last, so it dropped out. "
        "This did not change what was chosen."
    ]


@pytest.mark.parametrize(
    ("costs", "ballots", "sentence"),
    [
        ([10, 10], [[1], [1], [2]], "Counted twice with two programs, the same result."),
        ([10, 10], [[1], [2]], "there was a tie"),
        ([10], [[1]], "there was only one project"),
        ([10, 10], [[]], "no ballot named a project"),
    ],
)
def test_what_the_second_count_says(costs: list[int], ballots: list[list[int]], sentence: str) -> None:
    paper = allocation(RANKED, costs)
    with in_language("en"):
        result = read_result(paper, "EUR", count_allocation(paper, ballots), (9, 9, 0), {})
    assert sentence in result.second_count


def test_every_ballot_is_found_again_in_every_round() -> None:
    paper = allocation(RANKED, [10, 10, 10])
    ballots = [[1], [1], [1], [2], [2], [3], [], [2]]
    result = read_result(paper, "EUR", count_allocation(paper, ballots), (9, 8, 1), {})
    assert result.rounds == [[3, 3, 3], [3, 3, None], [1, None, None]]
    assert (result.in_play, result.out_of_play) == ([7, 6, 3], [0, 1, 4])  # and one blank: 8 in every round


numbers = st.integers(1, 4)
ballots = st.lists(st.lists(numbers, unique=True, max_size=4), max_size=12)


terms = st.fixed_dictionaries({"min_votes": st.integers(0, 3), "part_funding": st.booleans()})


@settings(max_examples=100)
@given(rule=st.sampled_from(CountRule), ballots=ballots, withdrawn=st.sets(numbers), terms=terms)
def test_each_project_gets_its_sentences_and_a_count_survives_the_database(
    rule: CountRule, ballots: list[list[int]], withdrawn: set[int], terms: dict[str, Any]
) -> None:
    kind = BallotType.RANKED if rule in RANKED_RULES else BallotType.APPROVAL
    terms["min_votes"] = 0 if rule in WITHOUT_MINIMUM else max(terms["min_votes"], int(rule is CountRule.THRESHOLD))
    terms["part_funding"] &= rule in FUNDS_IN_PART
    costs = [40, 40, 40, 40] if rule is CountRule.STV else [70, 50, 40, 10]
    paper = allocation(kind, costs, rule=rule, **terms)
    counted = count_allocation(paper, ballots, withdrawn)
    outcome = counted.outcome
    stored = json.loads(json.dumps(as_data(counted)))
    assert read_counted(**stored) == counted
    result = read_result(paper, "EUR", counted, (20, len(ballots), 0), dict.fromkeys(withdrawn, "x"))
    assert sorted(fate.project.number for fate in result.fates) == [1, 2, 3, 4]
    assert all(fate.why and "%(" not in fate.why for fate in result.fates)
    assert len(result.ties) == len(outcome.ties)
    assert all(0 <= fate.votes <= fate.out_of for fate in result.fates)


FORMER_GREEDY = {
    "rule": "greedy",
    "winners": ["1"],
    "spent": 6000,
    "ties": [{"projects": ["1", "2"], "place": 1, "decided": True}],
    "steps": [
        {"project": "1", "votes": 1, "cost": 6000, "left": 10000, "funded": True},
        {"project": "2", "votes": 1, "cost": 5000, "left": 4000, "funded": False},
    ],
    "rounds": [],
    "second_count": "",
}
FORMER_RANKED = {
    "rule": "instant-runoff",
    "winners": ["1"],
    "spent": 6000,
    "ties": [],
    "steps": [
        {"project": "1", "votes": 2, "cost": 6000, "left": 10000, "funded": True},
        {"project": "2", "votes": 1, "cost": 5000, "left": 4000, "funded": False},
    ],
    "rounds": [{"votes": [["1", 2], ["2", 1]], "exhausted": 0, "eliminated": None, "elected": "1"}],
    "second_count": "agrees",
}


@pytest.mark.parametrize(
    ("kind", "former", "said"),
    [
        (KNAPSACK, FORMER_GREEDY, [WHY["the first is chosen"][-1], WHY["a tie lost by the published order"][-1]]),
        (RANKED, FORMER_RANKED, [WHY["elected in the first round"][-1], WHY["second in the last round"][-1]]),
    ],
)
def test_outcomes_stored_by_an_earlier_version_are_still_told(
    kind: BallotType, former: dict[str, Any], said: list[str]
) -> None:
    paper = allocation(kind, [60, 50])
    with in_language("en"):
        told = read_result(paper, "EUR", read_counted(former, {}, []), (9, 3, 0), {})
    assert [fate.why for fate in told.fates] == said
    assert (told.comparison, told.unmeasured) == ((), "")
