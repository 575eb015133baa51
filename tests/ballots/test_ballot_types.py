"""What each type of paper allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import canonical_choices, check_ballot, to_vote
from ballots.check import check_choices
from ballots.types import BallotType, InvalidBallot, Paper, Problem

COSTS = {1: 500, 2: 300, 3: 200, 4: 1_100}
APPROVAL = Paper(BallotType.APPROVAL, COSTS, 1_000, 2)
KNAPSACK = Paper(BallotType.KNAPSACK, COSTS, 1_000, None)
RANKED = Paper(BallotType.RANKED, COSTS, 1_000, 3)
POINTS = Paper(BallotType.POINTS, COSTS, 1_000, 10)
FEW_EACH = Paper(BallotType.POINTS, COSTS, 1_000, 10, max_points=3)


def problem(paper, choices):
    with pytest.raises(InvalidBallot) as caught:
        check_ballot({7: paper}, {7: choices})
    error = caught.value
    assert error.allocation == 7
    return error.problem, error.number, error.over


@pytest.mark.parametrize(
    ("paper", "choices"),
    [
        (APPROVAL, []),
        (APPROVAL, [4, 1]),
        (KNAPSACK, []),
        (KNAPSACK, [3, 1, 2]),
        (RANKED, []),
        (RANKED, [3, 1, 4]),
        (POINTS, []),
        (POINTS, [4] * 10),
        (POINTS, [1, 4, 4, 2, 1]),
        (FEW_EACH, [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ],
)
def test_an_allowed_ballot_passes(paper, choices):
    check_ballot({7: paper}, {7: choices})


@pytest.mark.parametrize(
    ("paper", "choices", "expected"),
    [
        (APPROVAL, [1, 5], (Problem.UNKNOWN_PROJECT, 5, None)),
        (APPROVAL, [0], (Problem.UNKNOWN_PROJECT, 0, None)),
        (APPROVAL, [1, 1], (Problem.REPEATED_PROJECT, 1, 1)),
        (APPROVAL, [1, 2, 3, 4], (Problem.TOO_MANY, None, 2)),
        (KNAPSACK, [2, 2], (Problem.REPEATED_PROJECT, 2, 1)),
        (KNAPSACK, [1, 4], (Problem.OVER_MONEY, None, 600)),
        (KNAPSACK, [-1], (Problem.UNKNOWN_PROJECT, -1, None)),
        (RANKED, [2, 1, 2], (Problem.REPEATED_PROJECT, 2, 1)),
        (RANKED, [4, 3, 2, 1], (Problem.TOO_MANY, None, 1)),
        (POINTS, [1, 1, 5], (Problem.UNKNOWN_PROJECT, 5, None)),
        (POINTS, [1] * 7 + [2] * 5, (Problem.TOO_MANY, None, 2)),
        (FEW_EACH, [1, 2, 2, 2, 2, 2], (Problem.REPEATED_PROJECT, 2, 2)),
        (FEW_EACH, [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4], (Problem.TOO_MANY, None, 1)),
    ],
)
def test_a_refusal_says_what_is_wrong_with_which_project_and_by_how_much(paper, choices, expected):
    assert problem(paper, choices) == expected


def test_a_knapsack_may_also_limit_the_number():
    paper = Paper(BallotType.KNAPSACK, COSTS, 1_000, 2)
    assert problem(paper, [1, 2, 3]) == (Problem.TOO_MANY, None, 1)


def test_a_blank_knapsack_passes_even_when_there_is_no_money():
    check_ballot({7: Paper(BallotType.KNAPSACK, COSTS, -1, None)}, {7: []})


@pytest.mark.parametrize("ballot_type", [BallotType.APPROVAL, BallotType.RANKED, BallotType.POINTS])
def test_only_a_knapsack_needs_no_limit(ballot_type):
    with pytest.raises(ValueError, match="needs max_choices"):
        Paper(ballot_type, COSTS, 1_000, None)


@pytest.mark.parametrize(
    ("choices", "expected", "allocation"),
    [
        ({1: [], 2: [], 3: [1]}, Problem.OTHER_PAPERS, 3),
        ({1: []}, Problem.OTHER_PAPERS, 2),
    ],
)
def test_a_ballot_fills_exactly_the_voters_papers(choices, expected, allocation):
    with pytest.raises(InvalidBallot) as caught:
        check_ballot({1: APPROVAL, 2: RANKED}, choices)
    assert (caught.value.problem, caught.value.allocation) == (expected, allocation)


def test_the_text_of_an_error_never_names_a_choice():
    error = InvalidBallot(Problem.UNKNOWN_PROJECT, number=4321)
    assert "4321" not in str(error) + repr(error)


@given(st.permutations([1, 2, 10]))
def test_only_a_ranked_vote_keeps_its_order(choices):
    assert to_vote(BallotType.APPROVAL, choices) == to_vote(BallotType.KNAPSACK, choices) == ("1", "2", "10")
    assert to_vote(BallotType.RANKED, choices) == tuple(map(str, choices))


def test_a_vote_of_points_says_how_many_each_project_gets():
    assert to_vote(BallotType.POINTS, [10, 2, 10, 10]) == (("2", 1), ("10", 3))
    assert to_vote(BallotType.POINTS, []) == ()


def slowly_allowed(paper, choices):
    """The obvious twin of `check_choices`: every limit looked at on its own, choice by choice."""
    for number in choices:
        times = sum(other == number for other in choices)
        points = paper.type is BallotType.POINTS
        if number not in [*paper.costs]:
            return False
        if times > 1 and not points:
            return False
        if points and paper.max_points is not None and times > paper.max_points:
            return False
    if paper.max_choices is not None and len(choices) > paper.max_choices:
        return False
    return paper.type is not BallotType.KNAPSACK or not choices or sum(map(COSTS.get, choices)) <= paper.amount


@given(
    st.sampled_from([APPROVAL, KNAPSACK, RANKED, POINTS, FEW_EACH, Paper(BallotType.POINTS, COSTS, 1_000, 3, 2)]),
    st.lists(st.integers(0, 5), max_size=12),
)
def test_the_check_agrees_with_its_slow_twin(paper, choices):
    try:
        check_choices(paper, choices)
    except InvalidBallot:
        assert not slowly_allowed(paper, choices)
    else:
        assert slowly_allowed(paper, choices)


def test_a_sealed_ballot_does_not_tell_in_which_order_the_projects_were_ticked():
    papers = {1: APPROVAL, 2: KNAPSACK, 3: RANKED, 4: POINTS}
    sealed = canonical_choices(papers, {1: [4, 1], 2: [3, 2], 3: [3, 1], 4: [4, 1, 4, 2]})
    assert sealed == {1: [1, 4], 2: [2, 3], 3: [3, 1], 4: [1, 2, 4, 4]}
