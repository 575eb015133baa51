"""Equal ballots become one, different ones never, and what is counted stays the same."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Kind, Profile, Project
from tally.merging import FEW, Gathering, joined, merged, tidied
from tests.tally.made_up import IDS, one_by_one, profiles
from tests.tally.test_profile import told

ELECTION = Election(tuple(Project(id_, 1) for id_ in IDS), 1)


def apart(ballots, kind):
    return one_by_one(ballots, kind).for_election(ELECTION)


@given(profiles())
def test_merging_leaves_each_distinct_ballot_once_and_counts_the_same(made_up):
    ballots, kind = made_up
    plain = apart(ballots, kind)
    whole = merged(tidied(plain))
    assert len(whole.counts) == len(told(ballots, kind))
    assert whole.ballots == told(ballots, kind)
    assert whole.votes.tolist() == plain.votes.tolist()
    assert whole.ids == plain.ids
    assert merged(whole).ballots == whole.ballots
    whole.check()


@given(st.lists(profiles(), max_size=6), st.sampled_from(Kind))
def test_many_parts_are_gathered_into_one_profile(made_up, kind):
    parts = [ballots for ballots, of_kind in made_up if of_kind is kind]
    gathering = Gathering(kind, ELECTION.ids)
    for ballots in parts:
        gathering.add(apart(ballots, kind))
        gathering.gathered()
    assert gathering.gathered().ballots == told([ballot for ballots in parts for ballot in ballots], kind)
    assert len(gathering.gathered().counts) == len(gathering.gathered().ballots)


@given(st.lists(profiles(), min_size=1, max_size=6), st.sampled_from(Kind))
def test_profiles_are_joined_one_after_the_other(made_up, kind):
    parts = [ballots for ballots, of_kind in made_up if of_kind is kind] or [[]]
    whole = joined([apart(ballots, kind) for ballots in parts])
    assert [ballot for ballot, _ in whole] == [ballot for ballots in parts for ballot in ballots]


def test_parts_too_large_to_wait_are_merged_on_the_way():
    ids = tuple(map(str, range(256)))
    ballots = FEW // 1000  # of 256 choices each: four parts are more than may wait
    choices = np.tile(np.concatenate([np.arange(256), np.arange(256)[::-1]]), ballots // 2)
    part = Profile(Kind.RANKED, ids, np.arange(ballots + 1) * 256, choices, np.ones(ballots, np.int64))
    gathering = Gathering(Kind.RANKED, ids)
    for _ in range(9):
        gathering.add(part)
    assert gathering.gathered().ballots == {ids: 9 * ballots // 2, ids[::-1]: 9 * ballots // 2}


def test_ballots_with_the_same_hash_are_not_merged():
    """The hash adds `worth[project] * (2 * points + 1)`, so points can be chosen for which two sums are the same."""
    a, b = np.random.default_rng(0).integers(1 << 63, size=2, dtype=np.uint64).tolist()
    assert (a * (2 * b + 1) + b - a - b * (2 * a + 1)) % 2**64 == 0
    ballots = {(("a", b), ("b", 0)): 3, (("a", 0), ("b", a)): 4}
    profile = Profile.counted(ballots, Kind.POINTS)
    assert merged(tidied(joined([profile, profile]))).ballots == {ballot: 2 * n for ballot, n in ballots.items()}


@given(st.permutations(["ab", "ba", "ac", "abc", "acb", "", "b"]))
def test_ranked_ballots_of_the_same_projects_stay_apart(ballots):
    ballots = [tuple(ballot) for ballot in ballots]
    assert merged(apart(ballots, Kind.RANKED)).ballots == dict.fromkeys(ballots, 1)


def test_no_ballots_are_merged_to_none():
    for kind in Kind:
        assert len(merged(Profile.counted({}, kind)).counts) == 0
        assert Gathering(kind, ()).gathered().voters == 0
