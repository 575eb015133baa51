"""Only a ballot reads as one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.codes import check_character
from ballots.plaintext import Ballot, canonical, decode_ballot, encode_ballot
from ballots.types import Unreadable

ROUND = UUID("7e2f31c2-54cb-4bb0-9b8a-1a77f3a8a2b1")
CODE = "0123456789AB" + check_character("0123456789AB")

choices = st.dictionaries(st.integers(1, 200), st.lists(st.integers(1, 2_000), max_size=9), max_size=4)


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
