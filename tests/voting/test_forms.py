"""A ballot as form fields."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict

from ballots.types import BallotType, InvalidBallot, Paper, Problem
from pb.rounds.rules import AllocationRules
from pb.voting.forms import BadNumber, SamePlace, Withdrawn, check_withdrawn, hidden_fields, read_choices

TYPES = {1: BallotType.KNAPSACK, 2: BallotType.APPROVAL, 3: BallotType.RANKED, 4: BallotType.POINTS}
PAPERS = {n: Paper(type_, {}, 100, 10) for n, type_ in TYPES.items()}


def make_paper(number: int, ballot_type: BallotType) -> AllocationRules:
    return AllocationRules(
        number=number,
        name=f"Tasku {number}",
        area_id=uuid4(),
        service="Kulttuuri",
        amount_cents=100,
        ballot_type=ballot_type,
        max_choices=5,
        rule="greedy",
        projects=(),
        tie_order=(),
    )


def form(*fields: tuple[str, str]) -> FormMultiDict:
    return FormMultiDict(fields)


some_choices = st.fixed_dictionaries(
    {n: st.lists(st.integers(1, 700), unique=True, max_size=9) for n in TYPES}
    | {4: st.lists(st.integers(1, 5), max_size=10).map(sorted)}
)


@given(some_choices)
def test_hidden_fields_are_read_back_as_they_were(choices):
    papers = [make_paper(number, ballot_type) for number, ballot_type in TYPES.items()]
    fields = [(name, str(value)) for name, value in hidden_fields(papers, choices)]
    read = read_choices(PAPERS, form(*fields))
    assert read | {4: sorted(read[4])} == choices


def test_a_blank_paper_is_an_empty_list():
    sent = form(("a3p5", ""), ("other", "1"), ("a4p5", ""), ("a4p6", "0"))
    assert read_choices(PAPERS, sent) == {1: [], 2: [], 3: [], 4: []}


def test_places_decide_the_order_and_may_leave_gaps():
    assert read_choices({3: PAPERS[3]}, form(("a3p5", "4"), ("a3p9", "2"))) == {3: [9, 5]}


def test_a_project_stands_once_for_each_of_its_points_and_equal_points_are_no_fault():
    read = read_choices({4: PAPERS[4]}, form(("a4p5", "2"), ("a4p9", "2"), ("a4p6", "00")))
    assert {number: sorted(points) for number, points in read.items()} == {4: [5, 5, 9, 9]}


@pytest.mark.parametrize("points", ["999999", "11"])
def test_too_many_points_are_refused_before_they_become_a_long_list(points):
    with pytest.raises(InvalidBallot) as refused:
        read_choices(PAPERS, form(*((f"a4p{n}", points) for n in range(1, 900))))
    over = 899 * int(points) - 10
    assert (refused.value.problem, refused.value.allocation, refused.value.over) == (Problem.TOO_MANY, 4, over)


@pytest.mark.parametrize("field", [("a1", "x"), ("a1", "-1"), ("a1", "9999999")])
def test_a_tick_that_is_no_number_becomes_a_project_that_no_ballot_has(field):
    assert [0] in read_choices(PAPERS, form(field)).values()


@pytest.mark.parametrize("text", ["-1", "2.5", "1e1", "first", "9999999"])
@pytest.mark.parametrize(
    ("name", "allocation", "problem"),
    [
        ("a3p5", 3, Problem.UNKNOWN_PROJECT),
        ("a4p5", 4, Problem.UNKNOWN_PROJECT),
        ("a77p5", 77, Problem.OTHER_PAPERS),
    ],
)
def test_places_and_points_that_are_no_number_are_refused(name, allocation, problem, text):
    with pytest.raises(BadNumber) as refused:
        read_choices(PAPERS, form(("a4p9", "1"), (name, text)))
    assert (refused.value.problem, refused.value.allocation, refused.value.number) == (problem, allocation, 5)


def test_a_place_given_twice_is_refused():
    with pytest.raises(SamePlace) as refused:
        read_choices(PAPERS, form(("a3p5", "1"), ("a3p6", "1")))
    assert (refused.value.allocation, refused.value.number) == (3, 1)


def test_a_withdrawn_project_is_not_a_choice():
    with pytest.raises(Withdrawn):
        check_withdrawn({1: [4, 5]}, {5: "Rakennus suljettiin."})
