"""The public log of envelopes: a Merkle tree that only grows, and heads signed over it.

Source: RFC 6962, section 2.1. Leaves are the envelopes' names, which are leaf hashes already (`ballots.seal.leaf`).
Who keeps a head can tell later whether an envelope before it was taken away, changed or moved.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

Hash = bytes  # 32 bytes
EMPTY: Hash = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Head:
    """A round's log at one moment: how many leaves, and their root; the signature is Ed25519."""

    round_id: UUID
    size: int
    root: Hash
    at: datetime
    signature: bytes = b""

    @property
    def signed(self) -> bytes:
        """What is signed: `pb/head/v1|`, the round's 16 bytes, the size in 8, the root's 32, the moment in UTC."""
        moment = self.at.isoformat(timespec="microseconds").encode()
        return b"pb/head/v1|" + self.round_id.bytes + self.size.to_bytes(8, "big") + self.root + moment


@dataclass(frozen=True)
class Peaks:
    """Enough of a tree to grow it: the roots of its full subtrees, the largest first."""

    size: int = 0
    peaks: tuple[Hash, ...] = ()

    def grown(self, leaves: Iterable[Hash]) -> "Peaks":
        """The tree with these leaves after its last one."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            for _ in range((~size & (size + 1)).bit_length() - 1):  # a full subtree for each 1 at the size's end
                leaf = node(peaks.pop(), leaf)
            peaks.append(leaf)
            size += 1
        return replace(self, size=size, peaks=tuple(peaks))

    @property
    def root(self) -> Hash:
        """The hash that stands for all leaves in their order."""
        root = self.peaks[-1] if self.peaks else EMPTY
        for peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root


def node(left: Hash, right: Hash) -> Hash:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[Hash]) -> Hash:
    """The root over these leaves."""
    return Peaks().grown(leaves).root
