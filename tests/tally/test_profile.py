"""What an election and its ballots may be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import RULES, Election, Profile, Project, instant_runoff, outcome_as_data
from tests.tally.made_up import IDS, approval_elections, ranked_elections

ballots = st.lists(st.lists(st.sampled_from(IDS), unique=True))


@pytest.mark.parametrize(
    ("projects", "budget"),
    [
        ((Project("a", 1), Project("a", 2)), 10),
        ((Project("a", 0),), 10),
        ((Project("a", -5),), 10),
        ((Project("a", 1),), -1),
    ],
)
def test_an_election_that_makes_no_sense_is_refused(projects, budget):
    with pytest.raises(ValueError, match=r"must|needs"):
        Election(projects, budget)


@pytest.mark.parametrize("ballots", [{("a", "a"): 1}, {("a",): 0}, {(): -1}])
def test_ballots_that_nobody_can_have_cast_are_refused(ballots):
    with pytest.raises(ValueError, match=r"twice|at least one voter"):
        Profile(ballots)


@given(ballots)
def test_a_profile_counts_every_ballot_once(ballots):
    profile = Profile.of(ballots, ranked=True)
    assert profile.voters == len(ballots)
    assert profile.blank == ballots.count([])


@given(ballots)
def test_the_order_of_ticks_does_not_matter_unless_ranked(ballots):
    assert Profile.of(ballots) == Profile.of(reversed([list(reversed(ballot)) for ballot in ballots]))
    assert Profile.of([["b", "a"]], ranked=True) != Profile.of([["a", "b"]], ranked=True)


@pytest.mark.parametrize("rule", RULES)
def test_a_vote_for_an_unknown_project_is_refused(rule):
    election = Election((Project("a", 1),), 1)
    with pytest.raises(ValueError, match="unknown projects: x"):
        RULES[rule](election, Profile.of([["x"]]))


@given(approval_elections())
def test_an_outcome_survives_json(made_up):
    election, ballots = made_up
    data = outcome_as_data(RULES["greedy"](election, Profile.of(ballots)))
    assert json.loads(json.dumps(data)) == data


@given(ranked_elections())
def test_a_ranked_outcome_survives_json(made_up):
    election, ballots = made_up
    data = outcome_as_data(instant_runoff(election, Profile.of(ballots, ranked=True)))
    assert json.loads(json.dumps(data)) == data
