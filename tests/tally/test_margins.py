"""With what a project would have needed it wins, with less it does not: counted again, for every rule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally import RULES, Election, Kind, Margin, Profile, Project, count, margins
from tally.rules import COMPARED
from tests.tally.test_rules import any_elections


def winning(election, profile, outcome):
    """How to see who wins a changed election: by the rule, but with Add1 at the share of the outcome."""
    rule = RULES[outcome.rule].count
    if "add1" in outcome.rule and outcome.share:
        rule = rule.at_share_of(outcome, election, profile)

    def wins(project, election, profile):
        again = rule(election, profile)
        return project in again.winners and again.spent <= election.budget

    return wins


def with_votes(profile, project, votes):
    if not votes:
        return profile
    return profile.plus(((project, votes),), 1) if profile.kind is Kind.POINTS else profile.plus((project,), votes)


@pytest.mark.parametrize("rule", [*COMPARED, "knapsack/cost", "equal-shares/comparison/cardinality"])
@settings(max_examples=8)
@given(st.data())
def test_a_margin_is_just_enough(rule, data):
    election, ballots, kind = data.draw(any_elections(rule))
    profile = Profile.of(ballots, kind)
    outcome = count(election, profile, rule)
    found = margins(election, profile, outcome)
    assert list(found) == [step.project for step in outcome.steps if not step.funded][: len(found)]
    assert len(found) + len(outcome.winners) == len(election.ids)
    wins = winning(election, profile, outcome)
    for project, margin in found.items():
        assert (margin.share is None) == ("add1" not in rule or not outcome.share)
        own = next(p.cost for p in election.projects if p.id == project)
        if margin.votes is not None:
            assert wins(project, election, with_votes(profile, project, margin.votes))
            assert not wins(project, election, with_votes(profile, project, margin.votes - 1))
        else:
            assert not wins(project, election, with_votes(profile, project, 1))
        if margin.cost is not None:
            assert 0 < margin.cost < own
            assert wins(project, election.at_costs({project: margin.cost}), profile)
            assert not wins(project, election.at_costs({project: margin.cost + 1}), profile)
        elif not RULES[rule].for_seats and own > 1:
            assert not wins(project, election.at_costs({project: 1}), profile)


def test_a_project_dearer_than_the_budget_needs_no_votes_but_a_lower_cost():
    election = Election((Project("a", 500), Project("b", 900)), 600)
    profile = Profile.counted({("a",): 3, ("b",): 7})
    assert margins(election, profile, count(election, profile, "greedy")) == {"b": Margin(None, 600)}


def test_seats_have_no_cost():
    election = Election.for_seats(["Ann", "Ben"], 1)
    profile = Profile.counted({("1",): 5, ("2",): 3}, Kind.RANKED)
    assert margins(election, profile, count(election, profile, "stv")) == {"2": Margin(3, None)}


def test_points_count_as_votes():
    election = Election((Project("a", 5), Project("b", 6)), 6)
    profile = Profile.counted({(("a", 5), ("b", 1)): 2}, Kind.POINTS)
    assert margins(election, profile, count(election, profile, "greedy")) == {"b": Margin(9, 1)}
