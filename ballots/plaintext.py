"""The ballot inside the envelope: canonical JSON, padded with spaces to one length per round.

`{"choices":{"1":[4,17],"2":[]},"code":"…","round":"…","v":1}`: keys in text order, no time, no person.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from ballots.codes import read_ballot_code
from ballots.types import BallotType, Paper, Unreadable

STEP = 64  # lengths are rounded up to this many bytes
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


def padded_length(round_id: UUID, papers_per_voter: Iterable[Mapping[int, Paper]]) -> int:
    """The length of every ballot of the round: the longest allowed to any voter, rounded up to 64 bytes.

    `papers_per_voter`: each set of papers, by allocation number, that some voter gets; at least one.
    """
    ballots = ({a: longest_choices(paper) for a, paper in papers.items()} for papers in papers_per_voter)
    longest = max(len(canonical(round_id, "0" * 13, choices)) for choices in ballots)
    return -(-longest // STEP) * STEP


def longest_choices(paper: Paper) -> list[int]:
    """No choices the paper allows take more room than these: as many as could fit, with the longest numbers.

    In a knapsack that many of the cheapest fit the money, though these may not: a bound, not a ballot.
    """
    most = len(paper.costs) if paper.max_choices is None else paper.max_choices
    if paper.type is BallotType.KNAPSACK:
        totals = accumulate(sorted(paper.costs.values()))
        most = min(most, sum(total <= paper.amount for total in totals))
    return sorted(paper.costs, reverse=True)[:most]


def canonical(round_id: UUID, code: str, choices: Mapping[int, Sequence[int]]) -> bytes:
    by_allocation = {str(allocation): list(numbers) for allocation, numbers in choices.items()}
    fields = {"v": 1, "round": str(round_id), "code": code, "choices": by_allocation}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
