"""Every ballot of a round takes the same room, and only a ballot reads as one."""

import json
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import BallotType, InvalidBallot, Paper, Unreadable, check_ballot
from ballots.codes import check_character, new_ballot_code
from ballots.plaintext import Ballot, canonical, decode_ballot, encode_ballot, longest_choices, padded_length

ROUND = UUID("7e2f31c2-54cb-4bb0-9b8a-1a77f3a8a2b1")
CODE = "0123456789AB" + check_character("0123456789AB")

papers = st.builds(
    Paper,
    st.sampled_from(BallotType),
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
allocations = st.integers(1, 200)
choices = st.dictionaries(allocations, st.lists(st.integers(1, 2_000), max_size=9), max_size=4)


def allows(paper, chosen):
    try:
        check_ballot({1: paper}, {1: chosen})
    except InvalidBallot:
        return False
    return True


def longest_allowed(paper):
    """The slow, obvious twin: try every set of projects."""
    sets = (list(c) for size in range(len(paper.costs) + 1) for c in combinations(paper.costs, size))
    return max((chosen for chosen in sets if allows(paper, chosen)), key=lambda c: len(json.dumps(c)))


@given(st.dictionaries(allocations, papers, min_size=1, max_size=3))
def test_no_allowed_ballot_is_longer_than_the_padded_length(ballot_papers):
    longest = {allocation: longest_allowed(paper) for allocation, paper in ballot_papers.items()}
    length = padded_length(ROUND, [ballot_papers])
    assert len(encode_ballot(ROUND, new_ballot_code(), longest, length)) == length
    assert length % 64 == 0


@given(papers)
def test_the_bound_is_as_many_choices_as_the_paper_allows_and_no_more(paper):
    assert len(longest_choices(paper)) == len(longest_allowed(paper))


def test_the_length_fits_the_voter_with_most_papers():
    one = Paper(BallotType.APPROVAL, dict.fromkeys(range(1, 701), 1), 1, 100)
    assert padded_length(ROUND, [{1: one}]) == padded_length(ROUND, [{1: one}, {2: one}]) == 512
    assert padded_length(ROUND, [{1: one}, {1: one, 2: one}]) == 960


@given(choices, st.integers(0, 100))
def test_a_ballot_reads_as_it_was_written(chosen, spare):
    length = len(canonical(ROUND, CODE, chosen)) + spare
    plaintext = encode_ballot(ROUND, CODE, chosen, length)
    assert len(plaintext) == length
    assert decode_ballot(ROUND, plaintext) == Ballot(CODE, {a: tuple(c) for a, c in chosen.items()})


def test_the_plaintext_is_canonical_json():
    text = f'{{"choices":{{"10":[],"2":[3,1]}},"code":"{CODE}","round":"{ROUND}","v":1}}'
    assert encode_ballot(ROUND, CODE, {2: [3, 1], 10: []}, 200).decode() == text.ljust(200)


def test_a_ballot_longer_than_its_envelope_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        encode_ballot(ROUND, CODE, {1: [1]}, 20)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"[1]",
        b"\xff\xfe",
        b"[" * 5_000,
        canonical(UUID(int=0), CODE, {1: [1]}),
        canonical(ROUND, CODE, {1: [1]}).replace(b'"v":1', b'"v":2'),
        canonical(ROUND, CODE, {1: [1]}).replace(b"[1]", b"[true]"),
        canonical(ROUND, CODE, {1: [1]}).replace(b"[1]", b"[1.0]"),
        canonical(ROUND, CODE, {1: [1]}).replace(b"[1]", b"[Infinity]"),
        canonical(ROUND, CODE, {1: [1]}).replace(b"[1]", b"[01]"),
        canonical(ROUND, CODE, {1: [1]}).replace(b"[1]", b'"1"'),
        canonical(ROUND, CODE, {1: [1]}) + b"{}",
        canonical(ROUND, CODE, {1: [0]}),
        canonical(ROUND, CODE, {0: [1]}),
        canonical(ROUND, CODE, {1: [2**31]}),
        canonical(ROUND, CODE[:-1], {1: [1]}),
        canonical(ROUND, CODE.lower(), {1: [1]}),
        canonical(ROUND, "\x00" + CODE, {1: [1]}),
    ],
)
def test_anything_but_the_rounds_exact_ballot_is_unreadable(plaintext):
    with pytest.raises(Unreadable):
        decode_ballot(ROUND, plaintext)


@given(st.binary(max_size=300))
def test_noise_is_unreadable(noise):
    with pytest.raises(Unreadable):
        decode_ballot(ROUND, noise)
