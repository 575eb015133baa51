"""What the envelopes hold, read with the round's private key: without a database, on any machine."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from ballots import types
from ballots.check import Papers, check_ballot
from ballots.plaintext import Ballot, decode_ballot
from ballots.seal import leaf, unseal_ballot


@dataclass(frozen=True)
class Opened:
    """The ballots in the order of their codes, equal codes too; and the name of each void envelope with the reason."""

    ballots: tuple[Ballot, ...]
    void: tuple[tuple[bytes, str], ...]


def open_envelopes(private_key: bytes, round_id: UUID, papers: Collection[Papers], sealed: Iterable[bytes]) -> Opened:
    """Open every envelope. One that does not open, or is allowed by none of any voter's `papers`, is void."""
    read = {leaf(round_id, one): read_envelope(private_key, round_id, papers, one) for one in sealed}
    ballots = (content for content in read.values() if isinstance(content, Ballot))
    in_order = sorted(ballots, key=lambda ballot: (ballot.code, sorted(ballot.choices.items())))
    return Opened(tuple(in_order), tuple(sorted((name, why) for name, why in read.items() if isinstance(why, str))))


def read_envelope(private_key: bytes, round_id: UUID, papers: Collection[Papers], ciphertext: bytes) -> Ballot | str:
    """The ballot in an envelope, or why it is void: "unreadable", or "not allowed" by the papers of any voter."""
    try:
        ballot = decode_ballot(round_id, unseal_ballot(private_key, round_id, ciphertext))
    except types.Unreadable:
        return "unreadable"
    for some_voters in papers:
        with suppress(types.InvalidBallot):
            check_ballot(some_voters, ballot.choices)
            return ballot
    return "not allowed"
