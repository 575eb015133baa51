"""The deck of made-up ballots: what is in it, that it comes out, and that a fault of any kind stops the opening."""

from dataclasses import replace
from random import Random
from uuid import uuid4

import pytest

from ballots.check import check_ballot
from ballots.opening import open_envelopes
from ballots.plaintext import Ballot
from ballots.seal import new_key
from ballots.types import BallotType, InvalidBallot
from pb.rehearsal.rules import (
    RehearsalFailed,
    check_deck,
    deck,
    over_the_limit,
    rehearse,
    rehearsed,
    seal_deck,
    stand_in,
)
from pb.rounds.rules import ProjectRules, Rules
from tests.bundle.made import START
from tests.results.made import allocation

PRIVATE, PUBLIC = new_key()


def numbered(rules, first):
    """The allocation with ballot numbers from `first` on."""
    projects = tuple(
        ProjectRules(id=p.id, number=n, title=p.title, cost_cents=p.cost_cents)
        for n, p in enumerate(rules.projects, start=first)
    )
    return rules.model_copy(update={"projects": projects, "tie_order": tuple(p.number for p in projects)})


def make_rules(random: Random) -> Rules:
    """Rules of one to four purses with up to thirty projects, of every ballot type, for all or for areas."""
    areas, first, made = [None, uuid4(), uuid4()], 1, []
    for number in range(1, random.randint(2, 5)):
        costs = [random.randint(1, 100) for _ in range(random.randint(1, 30))]
        kind = random.choice(list(BallotType))
        most = None if kind is BallotType.KNAPSACK else random.randint(1, 40)
        own = numbered(allocation(kind, costs), first)
        update = {"number": number, "area_id": random.choice(areas), "max_choices": most}
        made.append(own.model_copy(update=update | {"amount_cents": 100 * max(costs) + random.randint(0, 50_000)}))
        first += len(costs)
    terms = {"title": "Kierros", "service": "Kulttuuri", "currency": "EUR", "seed": ""}
    return Rules(round_id=uuid4(), opens=START, closes=START, allocations=tuple(made), **terms)


RULES = [make_rules(Random(seed)) for seed in range(60)]


@pytest.mark.parametrize("rules", RULES)
def test_every_project_is_chosen_two_ballots_are_blank_and_one_is_over_the_limit(rules):
    ballots = deck(rules)
    chosen = {number for choices in ballots for numbers in choices.values() for number in numbers}
    assert chosen == {p.number for a in rules.allocations for p in a.projects}
    assert sum(not any(choices.values()) for choices in ballots) == 2
    for choices in ballots:
        (papers,) = [papers for papers in rules.papers_per_voter() if papers.keys() == choices.keys()][:1]
        check_ballot(papers, choices)
    for papers in rules.papers_per_voter():
        with pytest.raises(InvalidBallot):
            check_ballot(papers, over_the_limit(rules.papers_per_voter()[0]))


@pytest.mark.parametrize("rules", RULES)
def test_a_deck_comes_out_as_it_went_in(rules):
    outcome = rehearse(rules, PRIVATE)
    assert (outcome.ballots, outcome.blank, outcome.refused) == (len(deck(rules)), 2, 1)
    assert min(outcome.marks[p.number] for a in rules.allocations for p in a.projects) >= 1


def opened_deck(rules):
    own = rehearsed(rules)
    sealed, codes = seal_deck(own, PUBLIC)
    return own, open_envelopes(PRIVATE, own.round_id, own.papers_per_voter(), sealed), codes


@pytest.mark.parametrize("rules", RULES[:10])
def test_a_ballot_lost_doubled_or_changed_is_noticed(rules):
    own, opened, codes = opened_deck(rules)
    assert check_deck(own, opened, codes)
    with pytest.raises(RehearsalFailed, match="the codes are not those that were sealed"):
        check_deck(own, opened_deck(rules)[1], codes)  # somebody's own deck, that was never sealed
    first, *rest = opened.ballots
    place = next(n for n, ballot in enumerate(opened.ballots) if any(ballot.choices.values()))
    full = opened.ballots[place]
    wiped = Ballot(full.code, dict.fromkeys(full.choices, ()))
    changed = [*opened.ballots[:place], wiped, *opened.ballots[place + 1 :]]
    for ballots in (rest, [first, *opened.ballots], changed):
        with pytest.raises(RehearsalFailed):
            check_deck(own, replace(opened, ballots=tuple(ballots)), codes)
    with pytest.raises(RehearsalFailed, match="expected"):
        check_deck(own, replace(opened, void=()), codes)


def test_a_deck_cannot_be_opened_as_the_round_nor_the_round_as_a_deck():
    rules = RULES[0]
    own, papers = rehearsed(rules), rules.papers_per_voter()
    assert own.round_id != rules.round_id
    as_round = open_envelopes(PRIVATE, rules.round_id, papers, seal_deck(own, PUBLIC)[0])
    as_deck = open_envelopes(PRIVATE, own.round_id, papers, seal_deck(rules, PUBLIC)[0])
    for opened in (as_round, as_deck):
        assert opened.ballots == ()
        assert {why for _name, why in opened.void} == {"unreadable"}


def test_the_stand_in_is_the_same_each_time():
    round_id = uuid4()
    assert stand_in(round_id) == stand_in(round_id)
    assert len(deck(stand_in(round_id))) == 4
