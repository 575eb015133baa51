"""Every ballot of a round takes the same room."""

import json
from itertools import combinations, combinations_with_replacement
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ballots import check_ballot
from ballots.codes import new_ballot_code
from ballots.plaintext import encode_ballot
from ballots.types import BallotType, InvalidBallot, Paper
from pb.confirmation.rules import longest_choices, padded_length

ROUND = UUID("7e2f31c2-54cb-4bb0-9b8a-1a77f3a8a2b1")

papers = st.builds(
    Paper,
    st.sampled_from([BallotType.APPROVAL, BallotType.KNAPSACK, BallotType.RANKED]),
    st.dictionaries(st.integers(1, 2_000), st.integers(0, 100), min_size=1, max_size=8),
    st.integers(-5, 300),
    st.integers(0, 9),
) | st.builds(
    Paper,
    st.just(BallotType.KNAPSACK),
    st.dictionaries(st.integers(1, 2_000), st.integers(0, 100), min_size=1, max_size=8),
    st.integers(0, 300),
    st.none(),
)
points = st.builds(
    Paper,
    st.just(BallotType.POINTS),
    st.dictionaries(st.integers(1, 2_000), st.integers(0, 100), min_size=1, max_size=3),
    st.integers(0, 300),
    st.integers(1, 4),
    st.none() | st.integers(1, 4),
)
papers |= points


def allows(paper, chosen):
    try:
        check_ballot({1: paper}, {1: chosen})
    except InvalidBallot:
        return False
    return True


def longest_allowed(paper):
    """The slow, obvious twin: try every set of projects, and every way to give points."""
    most = paper.max_choices if paper.type is BallotType.POINTS else len(paper.costs)
    drawn = combinations_with_replacement if paper.type is BallotType.POINTS else combinations
    sets = (list(c) for size in range(most + 1) for c in drawn(paper.costs, size))
    return max((chosen for chosen in sets if allows(paper, chosen)), key=lambda c: len(json.dumps(c)))


@given(st.dictionaries(st.integers(1, 200), papers, min_size=1, max_size=3))
def test_no_allowed_ballot_is_longer_than_the_padded_length(ballot_papers):
    longest = {allocation: longest_allowed(paper) for allocation, paper in ballot_papers.items()}
    length = padded_length(ROUND, [ballot_papers])
    assert len(encode_ballot(ROUND, new_ballot_code(), longest, length)) == length
    assert length % 64 == 0


@given(papers)
def test_the_bound_is_as_many_choices_as_the_paper_allows_and_no_more(paper):
    assert len(longest_choices(paper)) == len(longest_allowed(paper))


def test_the_length_does_not_tell_how_many_points_were_given():
    paper = Paper(BallotType.POINTS, dict.fromkeys(range(1, 701), 1), 1, 100)
    length = padded_length(ROUND, [{1: paper}])
    for choices in ([], [1], [700] * 100):
        assert len(encode_ballot(ROUND, new_ballot_code(), {1: choices}, length)) == length == 512


def test_the_length_fits_the_voter_with_most_papers():
    one = Paper(BallotType.APPROVAL, dict.fromkeys(range(1, 701), 1), 1, 100)
    assert padded_length(ROUND, [{1: one}]) == padded_length(ROUND, [{1: one}, {2: one}]) == 512
    assert padded_length(ROUND, [{1: one}, {1: one, 2: one}]) == 960
