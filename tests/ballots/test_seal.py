"""An envelope opens with its own key, in its own round, unchanged; and in no other way."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.seal import OVERHEAD, box_ref, fingerprint, leaf, new_key, public_half, seal_ballot, unseal_ballot
from ballots.types import Unreadable

ROUND, OTHER_ROUND = UUID(int=1), UUID(int=2)
PRIVATE, PUBLIC = new_key()
SEALED = seal_ballot(PUBLIC, ROUND, b"ballot".ljust(512))


@given(st.binary(max_size=600))
def test_a_sealed_ballot_opens_and_is_48_bytes_longer(plaintext):
    sealed = seal_ballot(PUBLIC, ROUND, plaintext)
    assert unseal_ballot(PRIVATE, ROUND, sealed) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD == len(plaintext) + 48


def test_the_same_ballot_never_looks_the_same():
    assert len({seal_ballot(PUBLIC, ROUND, b"ballot") for _ in range(100)}) == 100


@given(st.integers(0, 8 * len(SEALED) - 1))
def test_one_changed_bit_makes_it_unreadable(bit):
    changed = bytearray(SEALED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        unseal_ballot(PRIVATE, ROUND, bytes(changed))


@pytest.mark.parametrize(
    "ciphertext",
    [b"", SEALED[:20], SEALED[:-1], SEALED + b"\x00", bytes(560)],
    ids=["empty", "cut", "short", "long", "zeros"],
)
def test_a_truncated_or_made_up_envelope_is_unreadable(ciphertext):
    with pytest.raises(Unreadable):
        unseal_ballot(PRIVATE, ROUND, ciphertext)


def test_another_round_or_key_does_not_open_it():
    for private, round_id in ((PRIVATE, OTHER_ROUND), (new_key()[0], ROUND)):
        with pytest.raises(Unreadable):
            unseal_ballot(private, round_id, SEALED)


def test_names_are_plain_hashes_that_anybody_can_recompute():
    assert fingerprint(PUBLIC) == hashlib.sha256(PUBLIC).hexdigest()
    assert leaf(ROUND, SEALED) == hashlib.sha256(b"\x00" + ROUND.bytes + SEALED).digest()


def test_a_place_in_the_box_depends_on_the_person_and_the_rounds_key():
    places = {box_ref(key, person) for key in (b"a" * 32, b"b" * 32) for person in (ROUND, OTHER_ROUND)}
    assert {len(place) for place in places} == {32}
    assert len(places) == 4


def test_a_private_key_has_one_public_half_and_other_bytes_have_none():
    private, public = new_key()
    assert public_half(private) == public
    assert [public_half(bytes(length)) for length in (0, 31, 33)] == [b"", b"", b""]
