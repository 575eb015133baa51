"""Best first, beside a slow twin: most votes, most votes for the money, with a minimum, groups and part funding."""

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Profile, Project, Tie, Unsupported, Why, count
from tests.tally.made_up import profile_of, set_elections
from tests.tally.twins import greedy_tie_decides_twin, greedy_twin, votes_twin, worth_twin

MADE_UP = {
    "greedy": set_elections(),
    "threshold": set_elections(least_votes=1),
    "no-skip": set_elections(),
    "per-euro": set_elections(),
}
a_case = st.sampled_from(list(MADE_UP)).flatmap(lambda rule: MADE_UP[rule].map(lambda made_up: (rule, *made_up)))


def outcome_of(rule, election, kind, ballots):
    return count(election, profile_of(ballots, kind), rule)


@given(a_case)
def test_the_winners_are_those_of_the_slow_count(case):
    rule, election, _, ballots = case
    outcome = outcome_of(*case)
    assert (outcome.winners, outcome.part) == greedy_twin(election, ballots, rule)
    costs = {project.id: project.cost for project in election.projects}
    assert outcome.spent == sum(costs[id_] for id_ in outcome.winners) + (outcome.part[1] if outcome.part else 0)
    assert outcome.rule == rule


@given(set_elections())
def test_no_unfunded_project_still_fits_unless_its_votes_or_its_group_bar_it(made_up):
    election, _, ballots = made_up
    outcome = outcome_of("greedy", *made_up)
    left = election.budget - outcome.spent
    groups = {project.group for project in election.projects if project.id in outcome.winners} - {""}
    assert left >= 0
    for project in election.projects:
        barred = votes_twin(project.id, ballots) < election.min_votes or project.group in groups
        assert barred or project.cost > left or project.id in outcome.winners


@given(a_case)
def test_each_step_tells_votes_cost_money_and_why(case):
    _, election, _, ballots = case
    outcome, left = outcome_of(*case), election.budget
    group = {project.id: project.group for project in election.projects}
    assert sorted(step.project for step in outcome.steps) == sorted(election.ids)
    for step in outcome.steps:
        assert (step.left, step.votes) == (left, votes_twin(step.project, ballots))
        assert step.funded == (step.why is Why.FUNDED) == (step.project in outcome.winners)
        assert (step.why is Why.FEW_VOTES) == (step.votes < election.min_votes)
        if step.why is Why.CONFLICT:
            assert step.other in outcome.winners
            assert group[step.other] == group[step.project] != ""
        if step.why is Why.TOO_DEAR:
            assert step.cost > left
        if step.why is Why.STOPPED:
            assert next(s for s in outcome.steps if s.project == step.other).cost > left or outcome.part
        left = 0 if step.why is Why.PART else left - step.cost * step.funded


@given(a_case)
def test_a_tie_names_each_group_of_equals_in_the_published_order(case):
    rule, election, _, ballots = case
    standing = [p for p in election.projects if votes_twin(p.id, ballots) >= election.min_votes]
    worth = {project.id: worth_twin(project, ballots, rule) for project in standing}
    best_first = sorted(worth, key=lambda id_: -worth[id_])
    groups = [tuple(equals) for _, equals in groupby(best_first, key=worth.get)]
    ties = outcome_of(*case).ties
    assert [tie.projects for tie in ties] == [group for group in groups if len(group) > 1]
    assert [tie.place for tie in ties] == [best_first.index(tie.projects[0]) + 1 for tie in ties]


@given(a_case)
def test_a_tie_decides_exactly_when_another_order_gives_other_winners(case):
    rule, election, _, ballots = case
    for tie in outcome_of(*case).ties:
        decides = greedy_tie_decides_twin(election, ballots, rule, tie.projects)
        assert tie.decided == decides or (len(tie.projects) > 4 and decides)


@given(a_case, st.randoms())
def test_the_published_order_matters_only_among_equals(case, random):
    rule, election, kind, ballots = case
    outcome = outcome_of(*case)
    other = replace(election, projects=tuple(random.sample(election.projects, len(election.projects))))
    if not any(tie.decided or len(tie.projects) > 4 for tie in outcome.ties):
        again = outcome_of(rule, other, kind, ballots)
        assert (set(again.winners), again.part) == (set(outcome.winners), outcome.part)


@given(set_elections(), st.integers(1, 8))
def test_a_higher_minimum_lets_only_projects_win_that_reach_it(made_up, more):
    election, kind, ballots = made_up
    higher = replace(election, min_votes=election.min_votes + more)
    outcome = outcome_of("threshold", higher, kind, ballots)
    assert all(votes_twin(id_, ballots) >= higher.min_votes for id_ in outcome.winners)
    reached = {p.id for p in election.projects if votes_twin(p.id, ballots) >= higher.min_votes}
    only = replace(election, projects=tuple(p for p in election.projects if p.id in reached), min_votes=0)
    others = [{id_: points for id_, points in ballot.items() if id_ in reached} for ballot in ballots]
    assert outcome.winners == outcome_of("greedy", only, kind, others).winners


def test_without_a_minimum_the_rule_threshold_cannot_count():
    with pytest.raises(Unsupported, match=r"The rule threshold cannot count this: .* needs a minimum of votes"):
        count(Election((Project("a", 1),), 1), Profile.of([["a"]]), "threshold")


def test_no_skip_stops_where_greedy_goes_on():
    election = Election((Project("a", 6), Project("b", 5), Project("c", 4)), 10)
    profile = Profile.counted({("a",): 3, ("b",): 2, ("c",): 1})
    assert count(election, profile, "greedy").winners == ("a", "c")
    assert count(election, profile, "no-skip").winners == ("a",)
    assert [s.why for s in count(election, profile, "no-skip").steps] == [Why.FUNDED, Why.TOO_DEAR, Why.STOPPED]


def test_per_euro_compares_exactly():
    """As floats the two costs would be equal."""
    election = Election((Project("a", 10**17), Project("b", 10**17 - 1)), 10**17)
    outcome = count(election, Profile.counted({("a", "b"): 3}), "per-euro")
    assert (outcome.winners, outcome.ties) == (("b",), ())


def test_a_tie_of_more_than_four_with_groups_is_still_found_by_who_goes_first():
    projects = tuple(Project(id_, 1, group="x") for id_ in "abcde")
    outcome = count(Election(projects, 5), Profile.counted({tuple("abcde"): 2}), "greedy")
    assert outcome.ties == (Tie(tuple("abcde"), 1, decided=True),)
