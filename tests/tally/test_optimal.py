"""The best affordable set, beside every subset tried one by one and beside the solver HiGHS."""

from itertools import combinations

import highspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Kind, Profile, Project, Tie, Why
from tally.greedy import greedy
from tally.optimal import knapsack
from tally.pareto import core_search
from tally.relaxation import Option

SMALL = st.integers(1, 9)


@st.composite
def elections(draw, costs=SMALL, most=7):
    """An election with some groups and perhaps a minimum of votes, and the votes of each project."""
    count = draw(st.integers(1, most))
    projects = tuple(
        Project(id_, draw(costs), group=draw(st.sampled_from(["", "", "x", "y"]))) for id_ in "abcdefghij"[:count]
    )
    budget = draw(st.integers(0, sum(p.cost for p in projects)))
    election = Election(projects, budget, draw(st.sampled_from([0, 0, 0, 2])))
    return election, {p.id: draw(st.integers(0, 5)) for p in projects}


def profile_of(votes):
    return Profile.counted({(id_,): number for id_, number in votes.items() if number})


def count(election, votes, **options):
    return knapsack(election, profile_of(votes), **options)


def worth(projects, votes, by_cost):
    return sum(votes[p.id] * (p.cost if by_cost else 1) for p in projects)


def affordable_twin(election, votes):
    """Every set of projects that the terms of the election allow."""
    for size in range(len(election.projects) + 1):
        for chosen in combinations(election.projects, size):
            groups = [p.group for p in chosen if p.group]
            enough = all(votes[p.id] >= election.min_votes for p in chosen)
            if sum(p.cost for p in chosen) <= election.budget and len(set(groups)) == len(groups) and enough:
                yield chosen


def best_twin(election, votes, by_cost):
    """What the best sets are worth, and these sets, the first in the published order first."""
    sets = list(affordable_twin(election, votes))
    most = max(worth(chosen, votes, by_cost) for chosen in sets)
    best = [chosen for chosen in sets if worth(chosen, votes, by_cost) == most]
    return most, sorted(best, key=lambda chosen: [p in chosen for p in election.projects], reverse=True)


@given(elections(), st.booleans())
def test_the_winners_are_the_first_of_the_best_sets(made_up, by_cost):
    election, votes = made_up
    most, best = best_twin(election, votes, by_cost)
    outcome = count(election, votes, by_cost=by_cost)
    assert outcome.winners == tuple(p.id for p in best[0])
    assert outcome.value == outcome.bound == most
    assert outcome.spent == sum(p.cost for p in best[0])


@given(elections(), st.booleans())
def test_a_tie_names_what_some_best_set_has_and_another_has_not(made_up, by_cost):
    election, votes = made_up
    _, best = best_twin(election, votes, by_cost)
    open_ = tuple(p.id for p in election.projects if 0 < sum(p in chosen for chosen in best) < len(best))
    rival = any(not set(chosen) <= set(best[0]) for chosen in best)
    assert count(election, votes, by_cost=by_cost).ties == ((Tie(open_, 1, True),) if rival else ())


@given(elections(), st.booleans(), st.randoms())
def test_another_published_order_can_give_other_winners_exactly_when_there_is_a_tie(made_up, by_cost, random):
    election, votes = made_up
    outcome = count(election, votes, by_cost=by_cost)
    projects = tuple(random.sample(election.projects, len(election.projects)))
    others = [count(Election(projects, election.budget, election.min_votes), votes, by_cost=by_cost)]
    for first in outcome.ties[0].projects if outcome.ties else ():
        order = tuple(sorted(election.projects, key=lambda p: p.id != first))
        others.append(count(Election(order, election.budget, election.min_votes), votes, by_cost=by_cost))
    assert all(other.value == outcome.value for other in others)
    changed = [other for other in others if set(other.winners) != set(outcome.winners)]
    assert bool(outcome.ties) or not changed
    assert bool(changed) or not outcome.ties


@given(elections(), st.booleans())
def test_each_step_tells_its_fate_and_the_money_left(made_up, by_cost):
    election, votes = made_up
    outcome = count(election, votes, by_cost=by_cost)
    left, groups = election.budget, {p.id: p.group for p in election.projects}
    losers = tuple(id_ for id_ in election.ids if id_ not in outcome.winners)
    assert tuple(step.project for step in outcome.steps) == outcome.winners + losers
    for step in outcome.steps:
        assert (step.left, step.votes, step.funded) == (left, votes[step.project], step.project in outcome.winners)
        assert step.price == (10**6 * step.cost // step.votes if step.funded and step.votes else 0)
        rivals = [id_ for id_ in outcome.winners if groups[id_] and groups[id_] == groups[step.project]]
        if step.funded:
            assert (step.why, step.other) == (Why.FUNDED, None)
        elif step.votes < election.min_votes:
            assert (step.why, step.other) == (Why.FEW_VOTES, None)
        else:
            assert (step.why, step.other) == ((Why.CONFLICT, rivals[0]) if rivals else (Why.NOT_BEST, None))
        left -= step.cost * step.funded
    assert left == election.budget - outcome.spent >= 0


@given(elections(), st.booleans())
def test_no_loser_still_fits(made_up, by_cost):
    election, votes = made_up
    outcome = count(election, votes, by_cost=by_cost)
    assert all(s.cost > s.left for s in outcome.steps if s.why is Why.NOT_BEST)


@given(elections(), st.booleans())
def test_without_time_the_set_is_affordable_and_the_bound_holds(made_up, by_cost):
    election, votes = made_up
    most, best = best_twin(election, votes, by_cost)
    outcome = count(election, votes, by_cost=by_cost, deadline=0)
    winners = tuple(p for p in election.projects if p.id in outcome.winners)
    assert winners in set(affordable_twin(election, votes))
    assert worth(winners, votes, by_cost) == outcome.value <= most <= outcome.bound
    assert all(s.cost > s.left for s in outcome.steps if s.why is Why.NOT_BEST)
    assert not outcome.proven or winners == best[0]


PAIRS = st.lists(st.tuples(SMALL, st.integers(0, 5)), min_size=1, max_size=3)


@given(st.lists(PAIRS, max_size=8), st.integers(0, 30))
def test_the_set_found_while_searching_is_worth_the_best(pairs, budget):
    groups = [(*(Option(cost, value, 0) for cost, value in options), Option(0, 0, 1)) for options in pairs]
    search = core_search(groups, budget, deadline=float("inf"))
    found = search.incumbent()
    assert sum(option.value for option in found) == search.best == search.bound
    assert sum(option.cost for option in found) <= budget


def lognormal_election(seed, count_, unit=1):
    """Costs from 3 000 to 2 million euros in cents, rounded to `unit`; votes by popularity; a quarter can be paid."""
    random = np.random.default_rng(seed)
    euros = np.clip(np.exp(random.normal(11, 1.3, count_)), 3_000, 2_000_000)
    costs = np.ceil(euros * 100 / unit).astype(int) * unit
    votes = (50_000 * (random.permutation(count_) + 1.0) ** -0.8 * random.uniform(0.7, 1.3, count_)).astype(int)
    ids = [str(number) for number in range(count_)]
    projects = tuple(Project(id_, cost) for id_, cost in zip(ids, costs.tolist(), strict=True))
    return Election(projects, int(costs.sum()) // 4), dict(zip(ids, votes.tolist(), strict=True))


def with_groups(election, size):
    projects = tuple(
        Project(p.id, p.cost, group=f"g{number // size}" if number % 3 == 0 else "")
        for number, p in enumerate(election.projects)
    )
    return Election(projects, election.budget)


def highs_value(election, votes, by_cost):
    """What the best set is worth by the mixed-integer solver HiGHS."""
    solver = highspy.Highs()
    for name, setting in {"output_flag": False, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "time_limit": 30.0}.items():
        solver.setOptionValue(name, setting)
    chosen = [solver.addBinary() for _ in election.projects]
    both = list(zip(chosen, election.projects, strict=True))
    unit = np.gcd.reduce([p.cost for p in election.projects])  # small numbers, well within the solver's tolerances
    solver.addConstr(sum(x * int(p.cost // unit) for x, p in both) <= int(election.budget // unit))
    for group in {p.group for p in election.projects} - {""}:
        solver.addConstr(sum(x for x, p in both if p.group == group) <= 1)
    solver.maximize(sum(x * (votes[p.id] * int(p.cost // unit if by_cost else 1)) for x, p in both))
    winners = [p for x, p in both if solver.val(x) > 0.5]
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    assert sum(p.cost for p in winners) <= election.budget
    return worth(winners, votes, by_cost)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("grouped", [False, True])
def test_most_votes_of_hundreds_of_projects_are_those_of_highs(seed, grouped):
    election, votes = lognormal_election(seed, 200)
    election = with_groups(election, 12) if grouped else election
    outcome = count(election, votes)
    assert outcome.value == outcome.bound == highs_value(election, votes, by_cost=False)


@pytest.mark.parametrize("seed", range(5))
def test_most_votes_times_cost_of_hundreds_of_projects_are_those_of_highs(seed):
    election, votes = lognormal_election(seed, 100, unit=100_000)
    outcome = count(election, votes, by_cost=True)
    assert outcome.value == outcome.bound == highs_value(election, votes, by_cost=True)


@pytest.mark.parametrize("seed", range(3))
def test_votes_that_grow_with_the_cost_are_no_harder(seed):
    election, _ = lognormal_election(seed, 100)
    votes = {p.id: p.cost // 1000 + 100 for p in election.projects}
    outcome = count(election, votes)
    assert outcome.value == outcome.bound == highs_value(election, votes, by_cost=False)
    assert outcome.value >= sum(votes[id_] for id_ in greedy(election, profile_of(votes)).winners)


@pytest.mark.parametrize("seconds", [0, 0.05, 0.2])
def test_a_count_out_of_time_says_so(seconds):
    """300 projects with one or two votes: any of countless sets may fill the budget to the cent."""
    election, _ = lognormal_election(1, 300)
    votes = {p.id: 1 + number % 2 for number, p in enumerate(election.projects)}
    outcome = count(election, votes, by_cost=True, deadline=seconds)
    assert not outcome.proven
    assert outcome.value < outcome.bound <= 2 * election.budget
    assert outcome.spent <= election.budget
    assert outcome.value == worth([p for p in election.projects if p.id in outcome.winners], votes, by_cost=True)
    assert not outcome.ties


@given(elections(costs=st.integers(2**31, 2**31 + 9), most=5))
def test_numbers_beyond_64_bits_are_counted_exactly(made_up):
    election, votes = made_up
    votes = {id_: number * 2**40 + place for place, (id_, number) in enumerate(votes.items())}
    most, best = best_twin(election, votes, by_cost=True)
    outcome = count(election, votes, by_cost=True)
    assert (outcome.value, outcome.bound, outcome.winners) == (most, most, tuple(p.id for p in best[0]))


@given(elections(), st.lists(st.sets(st.sampled_from("abc")).map(sorted)), st.randoms())
def test_the_order_of_ballots_does_not_matter(made_up, ballots, random):
    election, _ = made_up
    ballots = [[id_ for id_ in ballot if id_ in election.ids] for ballot in ballots]
    shuffled = random.sample(ballots, len(ballots))
    assert knapsack(election, Profile.of(ballots)) == knapsack(election, Profile.of(shuffled))


def test_a_group_whose_first_project_cannot_win_waits_for_its_next():
    """The best sets are {b, c} and {b, d}. The group of a is settled at c, which stands before d."""
    projects = (Project("a", 9, group="x"), Project("b", 2), Project("c", 3, group="x"), Project("d", 3))
    outcome = count(Election(projects, 5), {"a": 9, "b": 1, "c": 2, "d": 2})
    assert outcome.winners == ("b", "c")
    assert outcome.ties == (Tie(("c", "d"), 1, True),)


def test_points_are_votes():
    profile = Profile.of([[("a", 1), ("b", 5)], [("a", 1)]], Kind.POINTS)
    outcome = knapsack(Election((Project("a", 2), Project("b", 2)), 3), profile)
    assert (outcome.winners, outcome.value, outcome.rule) == (("b",), 5, "knapsack")


def test_part_funding_does_not_apply():
    election = Election((Project("a", 2), Project("b", 2)), 3, part_funding=True)
    outcome = count(election, {"a": 1, "b": 5})
    assert (outcome.winners, outcome.spent, outcome.part) == (("b",), 2, None)


def test_without_votes_projects_are_funded_in_the_published_order_while_they_fit():
    outcome = count(Election((Project("a", 3), Project("b", 9), Project("c", 2), Project("d", 1)), 5), {"a": 0})
    assert (outcome.winners, outcome.value) == (("a", "c"), 0)


def test_one_project_wins_if_it_fits():
    assert count(Election((Project("a", 3),), 3), {"a": 1}).winners == ("a",)
    assert count(Election((Project("a", 3),), 2), {"a": 1}).winners == ()


def test_without_money_or_projects_nothing_wins():
    outcome = count(Election((Project("a", 3),), 0), {"a": 1}, by_cost=True)
    assert (outcome.winners, outcome.value, outcome.bound, outcome.rule) == ((), 0, 0, "knapsack/cost")
    assert count(Election((), 5), {}).winners == ()


def test_a_vote_for_an_unknown_project_is_refused():
    with pytest.raises(ValueError, match="votes for unknown projects: z"):
        count(Election((Project("a", 3),), 5), {"z": 1})
