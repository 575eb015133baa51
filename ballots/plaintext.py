"""The ballot inside the envelope: canonical JSON, padded with spaces to one length per round.

`{"choices":{"1":[4,17],"2":[]},"code":"…","round":"…","v":1}`: keys in text order, no time, no person.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ballots.codes import read_ballot_code
from ballots.types import Unreadable

LARGEST = 2**31 - 1  # what an integer column holds


@dataclass(frozen=True)
class Ballot:
    """An opened ballot: its code, and the choices by allocation number."""

    code: str
    choices: Mapping[int, tuple[int, ...]]


def encode_ballot(round_id: UUID, code: str, choices: Mapping[int, Sequence[int]], length: int) -> bytes:
    """The ballot in exactly `length` bytes. Raises ValueError if it is longer."""
    plaintext = canonical(round_id, code, choices)
    if len(plaintext) > length:
        raise ValueError("the ballot does not fit its envelope")
    return plaintext.ljust(length)


def decode_ballot(round_id: UUID, plaintext: bytes) -> Ballot:
    """The round's ballot, if `plaintext` is to the byte what `encode_ballot` writes. Raises Unreadable."""
    try:
        fields = json.loads(plaintext)
        choices = {int(key): tuple(map(int, numbers)) for key, numbers in fields["choices"].items()}
        ballot = Ballot(read_ballot_code(fields["code"]), choices)
        exact = encode_ballot(round_id, ballot.code, choices, len(plaintext)) == plaintext
    except Exception:  # anybody with the public key may have written it: whatever is wrong, it is no ballot
        raise Unreadable from None
    if not exact or not all(0 < n <= LARGEST for numbers in (choices, *choices.values()) for n in numbers):
        raise Unreadable
    return ballot


def canonical(round_id: UUID, code: str, choices: Mapping[int, Sequence[int]]) -> bytes:
    """The ballot without its padding."""
    by_allocation = {str(allocation): list(numbers) for allocation, numbers in choices.items()}
    fields = {"v": 1, "round": str(round_id), "code": code, "choices": by_allocation}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
