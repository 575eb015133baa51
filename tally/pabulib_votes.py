"""The section VOTES of a `.pb` file, a block of bytes at a time; what is wrong is looked up row by row for its line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from itertools import islice, takewhile
from typing import BinaryIO

import numpy as np

from tally.blocks import Bools, Fields, Names, Words, columns, mixed, numbers_of, parts_of, words_of
from tally.election import Election
from tally.merging import Gathering
from tally.profile import Ints, Kind, Profile
from tally.sections import FileError, Rows, excerpt, fault_in, find_fault, is_filled

KINDS = {
    "approval": Kind.APPROVAL,
    "choose-1": Kind.APPROVAL,
    "knapsack": Kind.APPROVAL,
    "cumulative": Kind.POINTS,
    "ordinal": Kind.RANKED,
}
POINT_LIMITS = ("min_points", "max_points", "min_sum_points", "max_sum_points")
BLOCK = 1 << 22  # bytes
CHUNK = 1 << 15  # rows
UNIT = "\x1f"  # ASCII's unit separator: stands between the fields that careful reading hands on
ID_BYTES = 64  # of a voter's id that are told apart at once

Fault = tuple[
    Bools, Callable[[int, list[str]], str]
]  # which rows are wrong; what was expected, given number and fields


@dataclass(frozen=True, slots=True)
class Limits:
    """What META allows a vote to be."""

    vote_type: str
    shortest: int
    points: Mapping[str, int | None]


@dataclass(slots=True)
class Votes:
    """All votes, how many, and the rows as written where they are kept."""

    profile: Profile
    voters: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_votes(rows: Rows, election: Election, limits: Limits, keep_rows: bool) -> Votes:
    """Read VOTES to the end of the file. Raises FileError with the line of the first row that is wrong.

    Memory grows with the distinct votes, and by eight bytes a voter for finding one who appears twice.
    """
    return _Reader(rows, election, limits, keep_rows).read()


class _Reader:
    def __init__(self, rows: Rows, election: Election, limits: Limits, keep_rows: bool) -> None:
        self._kind = KINDS[limits.vote_type]
        needed = ("voter_id", "vote", "points") if self._kind is Kind.POINTS else ("voter_id", "vote")
        header = rows.open("VOTES", needed)
        self._columns = tuple(header)
        self._wanted = [header[name] for name in needed]
        self._path, self._first_line = rows.path, rows.line if rows.has_more else None
        self._election, self._limits, self._keep_rows = election, limits, keep_rows
        self._names = Names(election.ids)
        self._gathering = Gathering(self._kind, election.ids)
        self._hashes: list[Words] = []
        self._kept: list[tuple[str, ...]] = []
        self._read = 0  # rows so far

    def read(self) -> Votes:
        if self._first_line is not None:
            with self._path.open("rb") as file:
                for _ in range(self._first_line - 1):
                    file.readline()
                self._read_blocks(file)
        self._check_voters()
        return Votes(self._gathering.gathered(), self._read, self._columns, tuple(self._kept))

    def _read_blocks(self, file: BinaryIO) -> None:
        """Block by block while all is plain, then carefully to the end of the file."""
        while not self._keep_rows and (block := file.read(BLOCK)):
            block += file.readline()
            plain = block.replace(b"\r\n", b"\n") if b"\r" in block else block
            if not plain.endswith(b"\n"):
                plain += b"\n"
            odd = b'"' in plain or (plain is not block and b"\r" in plain)
            if odd or not self._take(plain, ";", len(self._columns), self._wanted):
                file.seek(-len(block), 1)
                break
        with TextIOWrapper(file, encoding="utf-8", newline="\n") as text:
            reader = rows_until_error(filter(is_filled, csv.reader(text, delimiter=";")))
            while chunk := list(islice(reader, CHUNK)):
                fitting = list(takewhile(lambda row: not self._unfit(row), chunk))
                self._take_carefully(fitting)
                if len(fitting) < len(chunk):
                    raise fault_in(self._path, lambda place, row: self._unfit(row))

    def _unfit(self, row: list[str]) -> str:
        """What was expected of a row not as wide as the header, or has not one number of points for each project."""
        if len(row) != len(self._columns):
            return f"{len(self._columns)} fields as in the header, found {len(row)}"
        if self._kind is not Kind.POINTS:
            return ""
        vote, points = (row[n].split(",") if row[n].strip() else [] for n in self._wanted[1:])
        return "" if len(vote) == len(points) else f"as many points as projects, found {excerpt(row[self._wanted[2]])}"

    def _take_carefully(self, chunk: list[list[str]]) -> None:
        """Rows that had quotes, blanks or faults: the same reading once the fields stand alone, without blanks."""
        lines = []
        for row in chunk:
            voter, *lists = (row[n].replace("\n", " ").replace(UNIT, " ") for n in self._wanted)
            parts = [",".join(part.strip() for part in text.split(",")) for text in lists]
            lines.append(UNIT.join([voter, *parts]) + "\n")
        if self._keep_rows:
            self._kept += map(tuple, chunk)
        self._take("".join(lines).encode(), UNIT, len(self._wanted), range(len(self._wanted)), for_sure=True)

    def _take(self, block: bytes, separator: str, width: int, wanted: Sequence[int], for_sure: bool = False) -> bool:
        """Read a block of votes, or nothing of it when it is not plain or has a fault; `for_sure` raises the fault."""
        found = columns(block, separator, width, wanted)
        if found is None:
            return False
        voter, vote, *rest = found
        names = parts_of(vote)
        points = parts_of(rest[0]) if rest else None
        if not for_sure and (
            _may_be_blank(voter, vote) or (points and not np.array_equal(names.starts, points.starts))
        ):
            return False
        given = None if points is None else numbers_of(points)
        counts = np.ones(len(voter.start), dtype=np.int64)
        profile = Profile(self._kind, self._election.ids, names.starts, self._names.places(names), counts, given)
        faults = [*_checks(profile, self._election, self._limits)]
        if any(wrong.any() for wrong, _ in faults):
            if for_sure:
                raise self._first(faults)
            return False
        self._gathering.add(profile)
        self._hashes.append(mixed(words_of(voter.buffer, voter.start, voter.end - voter.start, ID_BYTES)))
        self._read += len(voter.start)
        return True

    def _first(self, faults: Sequence[Fault]) -> FileError:
        """The error of the first row that is wrong, and of the first check that says so."""
        number, check = min((int(np.argmax(wrong)), n) for n, (wrong, _) in enumerate(faults) if wrong.any())
        expected = faults[check][1]
        at = self._read + number

        def fault(place: int, row: list[str]) -> str:
            return expected(number, [row[n] for n in self._wanted]) if place == at else ""

        return fault_in(self._path, fault)

    def _check_voters(self) -> None:
        """Refuse a voter who appears twice; equal hashes only tell where to look."""
        hashes = np.concatenate([np.zeros(0, np.uint64), *self._hashes])
        ordered = np.sort(hashes)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(twice):
            return
        places = set(np.flatnonzero(np.isin(hashes, twice)).tolist())
        seen: set[str] = set()

        def again(place: int, row: list[str]) -> str:
            voter = row[self._wanted[0]]
            if place not in places or voter not in seen:
                seen.update([voter] if place in places else [])
                return ""
            return f"each voter once, found {excerpt(voter)} again"

        if error := find_fault(self._path, again):
            raise error


def rows_until_error(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows of bad CSV up to the error, and for that one a row without fields."""
    try:
        yield from reader
    except csv.Error:
        yield []


def _may_be_blank(voter: Fields, vote: Fields) -> bool:
    """Whether a row names no project and starts its voter_id with no plain letter: all of it may be blanks."""
    plain = (voter.start < voter.end) & (voter.buffer[voter.start] > ord(" ")) & (voter.buffer[voter.start] < 128)
    return bool((~plain & (vote.start == vote.end)).any())


def _checks(profile: Profile, election: Election, limits: Limits) -> Iterator[Fault]:
    """What can be wrong with a vote, most basic first. The fields given are voter_id, vote and points."""
    owners, lengths = profile.owners, profile.lengths
    unknown = profile.choices < 0

    def stranger(number: int, row: list[str]) -> str:
        first = int(np.argmax(unknown[profile.starts[number] : profile.starts[number + 1]]))
        return f"a vote for listed projects, found {excerpt(row[1].split(',')[first].strip())}"

    yield _some(unknown, owners, lengths), stranger
    yield profile.repeats, lambda number, row: f"each project once in a vote, found {excerpt(row[1])}"
    yield (
        (lengths > 0) & (lengths < limits.shortest),
        lambda number, row: f"at least {limits.shortest} of the projects in a vote, found {lengths[number]}",
    )
    if election.max_length is not None:
        yield (
            lengths > election.max_length,
            lambda number, row: f"at most {election.max_length} of the projects in a vote, found {lengths[number]}",
        )
    if limits.vote_type == "knapsack":
        costs = np.array([*(project.cost for project in election.projects), 0], dtype=np.int64)
        yield (
            profile.sums(costs[profile.choices]) > election.budget,
            lambda number, row: f"a knapsack vote within the budget, found {excerpt(row[1])}",
        )
    if profile.points is not None:
        yield from _point_checks(profile, profile.points, limits)


def _point_checks(profile: Profile, points: Ints, limits: Limits) -> Iterator[Fault]:
    owners, lengths, sums = profile.owners, profile.lengths, profile.sums(points)
    low, high, least, most = (limits.points[key] for key in POINT_LIMITS)
    for wrong, expected in (
        (_some(points < 0, owners, lengths), "whole points"),
        (_some(points < (low or 0), owners, lengths), f"at least {low} points for a project"),
        (_some(points > (np.inf if high is None else high), owners, lengths), f"at most {high} points for a project"),
        ((lengths > 0) & (sums < (least or 0)), f"at least {least} points in a vote"),
        (sums > (np.inf if most is None else most), f"at most {most} points in a vote"),
    ):
        yield wrong, partial(_found, expected)


def _found(expected: str, number: int, row: list[str]) -> str:
    return f"{expected}, found {excerpt(row[2])}"


def _some(wrong: Bools, owners: Ints, lengths: Ints) -> Bools:
    """The rows with at least one choice that is wrong."""
    return np.bincount(owners[wrong], minlength=len(lengths)) > 0
