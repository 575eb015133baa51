"""Whose ballots are not published: no list, and no group of voters that lists tell apart, is shorter than ten."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.types import BallotType
from pb.rounds.rules import FEWEST_SHOWN, Rules, WhyWithheld, why_withheld
from tests.cast import NOW
from tests.results.made import allocation

FEW, COVER = WhyWithheld.FEW, WhyWithheld.COVER
Voters = Mapping[UUID | None, int]  # how many voted, by area; None: of no area

# Each allocation's area, 0 for the whole city; and the voters of areas 1 to 5, with those of none (0) first.
allocation_areas = st.lists(st.integers(0, 5), min_size=1, max_size=8)
SIZES = [0, 0, 0, 0, 1, 4, 9, 10, 11, 25, 300]
area_voters = st.lists(st.sampled_from(SIZES), min_size=6, max_size=6)


def area(number: int) -> UUID | None:
    return UUID(int=number) if number else None


def make_rules(areas: Sequence[int]) -> Rules:
    """An allocation for each of these areas, in their order."""
    paper = allocation(BallotType.APPROVAL, [10])
    papers = [paper.model_copy(update={"number": n, "area_id": area(a)}) for n, a in enumerate(areas, start=1)]
    terms = {"title": "Kierros", "service": "Kulttuuri", "currency": "EUR", "seed": "", "opens": NOW, "closes": NOW}
    return Rules(round_id=UUID(int=9), allocations=tuple(papers), **terms)


def ballots_of(rules: Rules, voters: Voters) -> dict[int, int]:
    """How many ballots each allocation has when all these people have voted."""
    whole = sum(voters.values())
    return {a.number: voters.get(a.area_id, 0) if a.area_id else whole for a in rules.allocations}


def groups(rules: Rules, voters: Voters, withheld: Collection[int]) -> list[int]:
    """How many voters have their codes in the same lists, for each set of lists that tells a group apart."""
    together: Counter[frozenset[int]] = Counter()
    for own, number in voters.items():
        together[frozenset(rules.papers(own).keys() - {*withheld})] += number
    return [number for lists, number in together.items() if lists and number]


def drawn(areas: Sequence[int], numbers: Sequence[int]) -> tuple[Rules, dict[UUID | None, int]]:
    return make_rules(areas), {area(number): voters for number, voters in enumerate(numbers)}


@settings(max_examples=1000)
@given(allocation_areas, area_voters)
def test_no_group_of_one_to_nine_voters_shows(areas, numbers):
    rules, voters = drawn(areas, numbers)
    withheld = why_withheld(rules, ballots_of(rules, voters))
    assert min(groups(rules, voters, withheld), default=FEWEST_SHOWN) >= FEWEST_SHOWN


@settings(max_examples=1000)
@given(allocation_areas, area_voters)
def test_nothing_is_withheld_without_need(areas, numbers):
    """An area's lists stand for the same voters, so they are shown or withheld together."""
    rules, voters = drawn(areas, numbers)
    ballots = ballots_of(rules, voters)
    withheld = why_withheld(rules, ballots)
    assert all((why is FEW) is (ballots[number] < FEWEST_SHOWN) for number, why in withheld.items())
    covers = {a.area_id for a in rules.allocations if withheld.get(a.number) is COVER}
    assert len(covers) <= 1
    for cover in covers:
        less = {n for n in withheld if n not in {a.number for a in rules.allocations if a.area_id == cover}}
        assert min(groups(rules, voters, less)) < FEWEST_SHOWN
        assert voters[cover] == min(voters[a.area_id] for a in rules.allocations if a.area_id and a.number not in less)


def test_without_the_second_rule_small_groups_would_show():
    random, small = Random(4), 0
    for _ in range(1000):
        rules, voters = drawn(range(6), random.choices(SIZES, k=6))
        ballots = ballots_of(rules, voters)
        first = [number for number, why in why_withheld(rules, ballots).items() if why is FEW]
        small += min(groups(rules, voters, first), default=FEWEST_SHOWN) < FEWEST_SHOWN
    assert small > 200


CASES = [
    ([0], {0: 9}, {1: FEW}),
    ([0], {0: 10}, {}),
    ([0, 1], {0: 0, 1: 10}, {}),
    ([0, 1], {0: 1, 1: 10}, {2: COVER}),
    ([0, 1], {0: 9, 1: 300}, {2: COVER}),
    ([0, 1], {0: 10, 1: 300}, {}),
    ([0, 1, 2], {1: 3, 2: 300}, {2: FEW, 3: COVER}),
    ([0, 1, 2, 3], {1: 3, 2: 300, 3: 12}, {2: FEW, 4: COVER}),
    ([0, 1, 2, 3], {1: 5, 2: 5, 3: 12}, {2: FEW, 3: FEW}),
    ([2, 0, 1, 2, 1], {0: 1, 1: 20, 2: 20}, {1: COVER, 4: COVER}),
    ([1, 2], {0: 3, 1: 3, 2: 30}, {1: FEW}),
    ([0, 1], {}, {1: FEW, 2: FEW}),
]


@pytest.mark.parametrize(("areas", "voters", "withheld"), CASES)
def test_what_is_withheld_and_why(areas, voters, withheld):
    rules = make_rules(areas)
    assert why_withheld(rules, ballots_of(rules, {area(a): n for a, n in voters.items()})) == withheld
