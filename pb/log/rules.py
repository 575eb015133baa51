"""Proofs that a log holds an envelope: RFC 6962, section 2.1.1, over the hashes of `ballots.merkle`."""

from collections.abc import Sequence

from ballots.merkle import Hash, Head, node


def head_as_data(head: Head) -> dict[str, object]:
    """A head as JSON has it: hashes and signature in hexadecimal digits."""
    data: dict[str, object] = {"round": str(head.round_id), "size": head.size, "root": head.root.hex()}
    return data | {"at": head.at.isoformat(timespec="microseconds"), "signature": head.signature.hex()}


class Tree:
    """All levels of the tree over `leaves`, for proofs; an odd last node goes up as it is."""

    def __init__(self, leaves: Sequence[Hash]) -> None:
        self.levels = [list(leaves)]
        while len(below := self.levels[-1]) > 1:
            pairs = [node(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            self.levels.append(pairs + below[len(below) & ~1 :])

    def proof(self, index: int) -> list[Hash]:
        """The audit path of the leaf at `index`, from 0: with the leaf it gives the root (`root_from`)."""
        path = []
        for level in self.levels[:-1]:
            if (beside := index ^ 1) < len(level):
                path.append(level[beside])
            index >>= 1
        return path


def root_from(leaf: Hash, index: int, size: int, path: Sequence[Hash]) -> Hash | None:
    """The root that an audit path leads to; None when it has not the length that it must have."""
    rest, last = list(path), size - 1
    while last > 0 and rest and 0 <= index <= last:
        if index & 1:
            leaf = node(rest.pop(0), leaf)
        elif index < last:
            leaf = node(leaf, rest.pop(0))
        index, last = index >> 1, last >> 1
    return leaf if last == index == 0 and not rest else None
