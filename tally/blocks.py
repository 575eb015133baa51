"""Votes as bytes, a block of lines at a time: fields, choices and points found by numpy instead of line by line.

Where anything about a block is not as plain as this reading takes it, it says None or `wrong`, and the careful
reading of `tally.pabulib_votes` tells what it is and in which line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tally.profile import Ints, starts_of

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
LINE, COMMA = ord("\n"), ord(",")
ODD = 0x9E3779B97F4A7C15  # an odd number whose multiples are well spread (Knuth, The Art of Computer Programming 6.4)
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Fields:
    """One column of a block: the bytes of line `i` from `start[i]` to `end[i]`."""

    buffer: Bytes
    start: Ints
    end: Ints


def columns(block: bytes, separator: str, width: int, wanted: Sequence[int]) -> list[Fields] | None:
    """The wanted columns of lines with `width` fields each; None unless every line ends and has just so many."""
    buffer = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(buffer == LINE)
    between = np.flatnonzero(buffer == ord(separator))
    if not len(ends) or ends[-1] != len(buffer) - 1 or len(between) != len(ends) * (width - 1):
        return None
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    grid = between.reshape(len(ends), width - 1)
    if (grid[:, 0] < starts).any() or (grid[:, -1] > ends).any():
        return None
    edges = [starts - 1, *grid.T, ends]
    return [Fields(buffer, edges[n] + 1, edges[n + 1]) for n in wanted]


@dataclass(frozen=True, slots=True)
class Parts:
    """The comma-separated parts of a column, one after the other; those of line `i` start at `starts[i]`."""

    buffer: Bytes
    start: Ints
    length: Ints
    starts: Ints


def parts_of(fields: Fields) -> Parts:
    """Split each field at its commas; an empty field has no parts."""
    commas = np.flatnonzero(fields.buffer == COMMA)
    low, high = np.searchsorted(commas, fields.start), np.searchsorted(commas, fields.end)
    if int((high - low).sum()) != len(commas):
        ours = np.repeat(low - np.cumsum(high - low) + (high - low), high - low) + np.arange(int((high - low).sum()))
        commas = commas[ours]
    filled = fields.end > fields.start
    starts = starts_of((high - low + 1) * filled)
    start, end = np.empty(starts[-1], np.int64), np.empty(starts[-1], np.int64)
    first, last = np.zeros(starts[-1], bool), np.zeros(starts[-1], bool)
    first[starts[:-1][filled]] = True
    last[starts[1:][filled] - 1] = True
    start[first], start[~first] = fields.start[filled], commas + 1
    end[last], end[~last] = fields.end[filled], commas
    return Parts(fields.buffer, start, end - start, starts)


def words_of(buffer: Bytes, start: Ints, length: Ints, longest: int) -> list[Words]:
    """Each text's length, then its first `longest` bytes, eight to a word: texts no longer than that differ here."""
    words = [length.astype(np.uint64)]
    longest = min(longest, int(length.max(initial=0)))
    for at in range(0, longest, 8):
        word = np.zeros(len(start), dtype=np.uint64)
        for n in range(at, min(at + 8, longest)):
            longer = (word << np.uint64(8)) | buffer.take(start + n, mode="clip")
            word = np.where(length > n, longer, word)
        words.append(word)
    return words


def mixed(words: Sequence[Words], seed: int = 0) -> Words:
    """One number for the words of each text. Equal texts get equal numbers, the others nearly always others."""
    total = np.zeros(len(words[0]), dtype=np.uint64)
    for n, word in enumerate(words):
        part = word * np.uint64(ODD * (2 * (n + seed) + 1) % 2**64)
        part ^= part >> np.uint64(32)
        total += part * np.uint64(ODD)
    total ^= total >> np.uint64(29)
    return total * np.uint64(ODD)


MOST_BITS = 20  # of a table of names: a million places


class Names:
    """Finds the place of a text among known ones, exactly: tables by hash, then a comparison word by word."""

    def __init__(self, names: Sequence[str]) -> None:
        texts = [name.encode() for name in names]
        buffer = np.frombuffer(b"".join(texts) or b"-", dtype=np.uint8)
        length = np.array([len(text) for text in texts], dtype=np.int64)
        self._longest = int(length.max(initial=0))
        self._words = words_of(buffer, starts_of(length)[:-1], length, self._longest)
        self._bits = min(2 * len(names).bit_length() + 1, MOST_BITS)
        self._tables: list[Ints] = []  # a name whose slot is taken goes into the next one
        left = np.arange(len(names))
        while len(left):
            slots = self._slots([word[left] for word in self._words], len(self._tables))
            _, first = np.unique(slots, return_index=True)
            table = np.full(1 << self._bits, -1, dtype=np.int64)
            table[slots[first]] = left[first]
            self._tables.append(table)
            left = np.delete(left, first)

    def places(self, parts: Parts) -> Ints:
        """The place of each part among the names; -1 for one that is none of them."""
        words = words_of(parts.buffer, parts.start, parts.length, self._longest)
        places = np.full(len(parts.start), -1, dtype=np.int64)
        for seed, table in enumerate(self._tables):
            found = table[self._slots(words, seed)]
            for word, known in zip(words, self._words, strict=False):  # missing words: no text is that long
                found = np.where(known[found] == word, found, -1)
            places = np.where(found >= 0, found, places)
        return places

    def _slots(self, words: Sequence[Words], seed: int) -> Words:
        return mixed(words, seed) >> np.uint64(64 - self._bits)


def numbers_of(parts: Parts) -> Ints:
    """Each part as a whole number of up to nine digits; -1 for one that is none."""
    total, fine = np.zeros(len(parts.start), np.int64), (parts.length > 0) & (parts.length <= MOST_DIGITS)
    for n in range(min(int(parts.length.max(initial=0)), MOST_DIGITS)):
        here = parts.length > n
        digit = parts.buffer[parts.start[here] + n].astype(np.int64) - ord("0")
        total[here] = total[here] * 10 + digit
        fine[here] &= (digit >= 0) & (digit <= 9)
    return np.where(fine, total, -1)
