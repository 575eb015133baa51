"""What an election and its ballots may be, and the votes as numbers beside plain sums."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import RULES, Election, Kind, Profile, Project, Unsupported, count, outcome_as_data
from tally.profile import own_winners
from tests.tally.made_up import IDS, profile_of, profiles, ranked_elections, set_elections

some_ids = st.sets(st.sampled_from(IDS))


def named(ballot, kind):
    """The ids of a ballot, and its points or one for each."""
    return dict(ballot) if kind is Kind.POINTS else dict.fromkeys(ballot, 1)


def told(ballots, kind):
    """Plain ballots counted: unranked ones without their order."""
    return Counter(tuple(ballot) if kind is Kind.RANKED else tuple(sorted(ballot)) for ballot in ballots)


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


@pytest.mark.parametrize(
    ("ballots", "kind"),
    [
        ({("a", "a"): 1}, Kind.APPROVAL),
        ({("a", "b", "a"): 1}, Kind.RANKED),
        ({(("a", 1), ("a", 2)): 1}, Kind.POINTS),
        ({("a",): 0}, Kind.APPROVAL),
        ({(): -1}, Kind.RANKED),
        ({(("a", -1),): 1}, Kind.POINTS),
    ],
)
def test_ballots_that_nobody_can_have_cast_are_refused(ballots, kind):
    with pytest.raises(ValueError, match=r"twice|at least one voter|below 0"):
        Profile.counted(ballots, kind)


@given(profiles())
def test_a_profile_gives_its_ballots_back(made_up):
    ballots, kind = made_up
    profile = Profile.of(ballots, kind)
    assert (profile.voters, profile.blank) == (len(ballots), ballots.count(()))
    assert profile.ballots == dict(profile) == told(ballots, kind)
    assert Profile.counted(dict(profile), kind).ballots == profile.ballots


@given(profiles())
def test_the_order_within_a_ballot_matters_only_when_it_is_ranked(made_up):
    ballots, kind = made_up
    backwards = Profile.of([ballot[::-1] for ballot in ballots], kind).ballots
    if kind is Kind.RANKED:
        assert backwards == Counter(ballot[::-1] for ballot in ballots)
    else:
        assert backwards == Profile.of(ballots, kind).ballots


@given(profiles())
def test_votes_and_supporters_are_plain_sums(made_up):
    ballots, kind = made_up
    profile = Profile.of(ballots, kind)
    votes, supporters = Counter(), Counter()
    for ballot in ballots:
        votes.update(named(ballot, kind))
        supporters.update(id_ for id_, points in named(ballot, kind).items() if points)
    assert dict(zip(profile.ids, profile.votes.tolist(), strict=True)) == {id_: votes[id_] for id_ in profile.ids}
    assert Counter(dict(zip(profile.ids, profile.supporters.tolist(), strict=True))) == supporters


@given(profiles(), some_ids)
def test_only_crosses_the_other_projects_out(made_up, kept):
    ballots, kind = made_up
    left = [tuple(c for c in ballot if (c[0] if kind is Kind.POINTS else c) in kept) for ballot in ballots]
    only = Profile.of(ballots, kind).only(kept)
    assert only.ballots == told(left, kind)
    assert set(only.ids) <= kept


@given(profiles(), profiles())
def test_plus_adds_ballots(made_up, others):
    ballots, kind = made_up
    more = [ballot for ballot in others[0] if others[1] is kind]
    profile = Profile.of(ballots, kind)
    for ballot in more:
        profile = profile.plus(ballot, 2)
    assert profile.ballots == told([*ballots, *more, *more], kind)
    assert (
        profile.votes.tolist()
        == Profile.of([*ballots, *more, *more], kind).for_election(election(profile)).votes.tolist()
    )


def election(profile):
    return Election(tuple(Project(id_, 1) for id_ in profile.ids), 1)


@given(profiles(), st.permutations(IDS))
def test_for_an_election_the_same_votes_stand_in_its_order(made_up, ids):
    ballots, kind = made_up
    profile = Profile.of(ballots, kind)
    moved = profile.for_election(Election(tuple(Project(id_, 1) for id_ in ids), 1))
    assert moved.ids == tuple(ids)
    assert moved.ballots == profile.ballots
    moved.check()


@given(profiles())
def test_sums_add_up_what_stands_beside_the_choices(made_up):
    ballots, kind = made_up
    profile = Profile.of(ballots, kind)
    values = np.arange(len(profile.choices)) ** 2
    slices = zip(profile.starts[:-1].tolist(), profile.starts[1:].tolist(), strict=True)
    assert profile.sums(values).tolist() == [sum(values[start:end].tolist()) for start, end in slices]
    assert profile.choices_of(np.arange(len(profile.counts))).tolist() == list(range(len(profile.choices)))


@given(profiles(), some_ids)
def test_own_winners_are_those_a_voter_named_with_at_least_a_point(made_up, winners):
    ballots, kind = made_up
    profile = Profile.of(ballots, kind)
    plain = [
        sum(1 for id_, points in named(ballot, kind).items() if points and id_ in winners) for ballot, _ in profile
    ]
    assert own_winners(profile, winners).tolist() == plain


@given(st.lists(st.lists(st.integers(-1, 2), max_size=3), max_size=5))
def test_a_project_twice_is_seen_in_its_own_ballot_also_beside_unknown_ones(ballots):
    choices = np.array([choice for ballot in ballots for choice in ballot], dtype=np.int64)
    starts = np.cumsum([0, *map(len, ballots)])
    profile = Profile(Kind.APPROVAL, ("a", "b", "c"), starts, choices, np.ones(len(ballots), np.int64))
    assert profile.repeats.tolist() == [len(set(ballot)) < len(ballot) for ballot in ballots]


@pytest.mark.parametrize("voters", [2**53, 2**62])
def test_more_votes_than_can_be_added_exactly_are_refused(voters):
    assert Profile.counted({("a",): 2**53 - 1}).votes.tolist() == [2**53 - 1]
    with pytest.raises(ValueError, match="more votes than can be added exactly"):
        _ = Profile.counted({("a",): voters, ("b", "a"): voters}).votes


def test_points_that_would_overflow_are_refused():
    many = {(("a", 10**9 - 1), ("b", n)): 10**9 - 1 for n in range(10)}
    with pytest.raises(ValueError, match="more votes than can be added exactly"):
        _ = Profile.counted(many, Kind.POINTS).votes


@pytest.mark.parametrize("rule", RULES)
def test_a_vote_for_an_unknown_project_is_refused(rule):
    election = Election((Project("a", 1),), 1, min_votes=rule == "threshold")
    kind = Kind.RANKED if Kind.RANKED in RULES[rule].kinds else Kind.APPROVAL
    with pytest.raises(Unsupported, match="votes for unknown projects: x"):
        count(election, Profile.of([["x"]], kind), rule)


@given(set_elections(), st.sampled_from(["greedy", "knapsack", "equal-shares/add1-comparison", "phragmen"]))
def test_an_outcome_survives_json(made_up, rule):
    election, kind, ballots = made_up
    data = outcome_as_data(count(election, profile_of(ballots, kind), rule))
    assert json.loads(json.dumps(data)) == data


@given(ranked_elections(), st.sampled_from(["irv", "expanding-approvals", "rank-points"]))
def test_a_ranked_outcome_survives_json(made_up, rule):
    election, ballots = made_up
    data = outcome_as_data(count(election, Profile.of(ballots, Kind.RANKED), rule))
    assert json.loads(json.dumps(data)) == data
