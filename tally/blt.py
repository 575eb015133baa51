"""Read and write ranked ballots as `.blt`, the exchange format of programs that count preferential votes.

    4 2              four candidates, two seats
    -3               candidate 3 has withdrawn; the line is left out when none has
    28 1 2 0         28 voters rank candidate 1 first and candidate 2 second
    2 0              two blank ballots
    0                the end of the ballots
    "Ada"            each candidate's name, a quote in it doubled
    …
    "Board 2026"     the title, which may be missing

A line for each thing; empty lines and comments, from # to the end of the line, are passed over. Equal and skipped
ranks, which some programs allow, are refused. Source: Hill, Wichmann & Woodall 1987, "Algorithm 123: Single
Transferable Vote by Meek's Method"; comments after OpenSTV.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tally.election import Election, Project, ProjectId
from tally.profile import Kind, Profile
from tally.sections import FileError, check_text, excerpt

NUMBER = re.compile(r"[0-9]{1,9}")
NAME = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:#.*)?')
LINE_BREAKS = frozenset("\n\r\0")


@dataclass(frozen=True, slots=True)
class BltFile:
    """One `.blt` file: an election as `Election.for_seats` makes it, and its ranked ballots.

    The candidates' numbers are their ids. Those `withdrawn` keep their number and their name, but stand neither in
    the election nor on any ballot.
    """

    election: Election
    profile: Profile
    title: str = ""
    withdrawn: tuple[Project, ...] = ()


def read_blt(path: Path) -> BltFile:
    """Read the whole file or nothing. Raises FileError, naming file and line, on anything malformed.

    Withdrawn candidates are crossed out of the ballots, and equal ballots are added up.
    """
    check_text(path)
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        return _read(_Lines(path, file))


def write_blt(file: BltFile, path: Path) -> None:
    """Write the file so that `read_blt` gives the same again, each distinct ballot on a line.

    Raises ValueError on what the format cannot say: other ballots than ranked ones, terms that `Election.for_seats`
    does not set, a vote for another candidate, or a line break in a name.
    """
    path.write_bytes("".join(f"{line}\n" for line in _lines_of(file)).encode())


class _Lines:
    """The lines of a file that say something, each as its words or as a name in quotes."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path, self._file, self._line = path, enumerate(file, start=1), 0

    def refusal(self, expected: str) -> FileError:
        """The error to raise about the latest line."""
        return FileError(self._path, max(self._line, 1), expected)

    def next(self) -> str | None:
        """The next line that is neither empty nor only a comment; None at the end of the file."""
        for line, text in self._file:
            self._line = line
            if text.split("#", 1)[0].strip():
                return text.strip()
        return None

    def words(self, expected: str) -> list[str]:
        """The words of the next line. Raises FileError when there is none."""
        text = self.next()
        if text is None:
            raise self.refusal(f"{expected}, found the end of the file")
        return text.split("#", 1)[0].split()

    def number(self, word: str, expected: str, least: int = 0, most: int | None = None) -> int:
        """The whole number that this word of the latest line says."""
        if not NUMBER.fullmatch(word) or int(word) < least or (most is not None and int(word) > most):
            raise self.refusal(f"{expected}, found {excerpt(word)}")
        return int(word)

    def name(self, expected: str) -> str | None:
        """The next line's name; None at the end of the file."""
        text = self.next()
        if text is None:
            return None
        match = NAME.fullmatch(text)
        if match is None or LINE_BREAKS.intersection(match[1]):
            raise self.refusal(f"{expected} in double quotes, a line to itself, found {excerpt(text)}")
        return match[1].replace('""', '"')


def _read(lines: _Lines) -> BltFile:
    header = "the number of candidates and the number of seats"
    words = lines.words(header)
    if len(words) != 2:
        raise lines.refusal(f"{header}, found {excerpt(' '.join(words))}")
    size, seats = (lines.number(word, header) for word in words)
    gone, ballots = _read_votes(lines, size)
    names = list(_read_names(lines, size))
    title = lines.name("a title")
    if title is not None and (more := lines.next()) is not None:
        raise lines.refusal(f"the end of the file, found {excerpt(more)}")
    everyone = Election.for_seats(names, seats)
    election = everyone.without(gone)
    profile = Profile.counted(ballots, Kind.RANKED).for_election(election)
    return BltFile(election, profile, title or "", tuple(p for p in everyone.projects if p.id in gone))


def _read_votes(lines: _Lines, size: int) -> tuple[set[ProjectId], Counter[tuple[ProjectId, ...]]]:
    """The ids of the withdrawn, and the ballots without them."""
    gone: set[ProjectId] = set()
    ballots: Counter[tuple[ProjectId, ...]] = Counter()
    expected = "a ballot, or 0 after the last one"
    words = lines.words(expected)
    if words[0].startswith("-"):
        if not all(word.startswith("-") for word in words):
            raise lines.refusal(f"only numbers below 0, of the withdrawn, found {excerpt(' '.join(words))}")
        gone = set(_choices(lines, [word[1:] for word in words], size))
        words = lines.words(expected)
    while words != ["0"]:
        voters = lines.number(words[0], f"{expected}: a number of voters above 0", least=1)
        if words[-1] != "0" or len(words) == 1:
            raise lines.refusal(f"0 at the end of the ballot, found {excerpt(words[-1])}")
        ballots[tuple(id_ for id_ in _choices(lines, words[1:-1], size) if id_ not in gone)] += voters
        words = lines.words(expected)
    return gone, ballots


def _choices(lines: _Lines, words: list[str], size: int) -> list[ProjectId]:
    for word in words:
        if "=" in word or word == "-":
            raise lines.refusal(f"one candidate at each rank and no rank skipped, found {excerpt(word)}")
    choices = [lines.number(word, f"a candidate's number from 1 to {size}", 1, size) for word in words]
    if len(set(choices)) != len(choices):
        raise lines.refusal(f"each candidate at most once, found {excerpt(' '.join(words))}")
    return [str(number) for number in choices]


def _read_names(lines: _Lines, size: int) -> Iterator[str]:
    for number in range(1, size + 1):
        expected = f"the name of candidate {number} of {size}"
        name = lines.name(expected)
        if name is None:
            raise lines.refusal(f"{expected}, found the end of the file")
        yield name


def _lines_of(file: BltFile) -> Iterator[str]:
    if file.profile.kind is not Kind.RANKED:
        raise ValueError("a .blt file holds ranked ballots only")
    gone = {project.id for project in file.withdrawn}
    by_id = {project.id: project for project in (*file.election.projects, *file.withdrawn)}
    names = [by_id[id_].title for id_ in map(str, range(1, len(by_id) + 1)) if id_ in by_id]
    everyone = Election.for_seats(names, file.election.budget)
    left = tuple(project for project in everyone.projects if project.id in gone)
    if (everyone.without(gone), left) != (file.election, file.withdrawn):
        raise ValueError("a .blt file holds candidates numbered from 1 and a number of seats, no other terms")
    yield f"{len(names)} {file.election.budget}"
    if gone:
        yield " ".join(f"-{project.id}" for project in file.withdrawn)
    for ballot, voters in file.profile.for_election(file.election).ballots.items():
        yield " ".join((str(voters), *ballot, "0"))
    yield "0"
    yield from _quoted((*names, file.title))


def _quoted(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if LINE_BREAKS.intersection(name):
            raise ValueError(f"a .blt file cannot hold the line break in {excerpt(name)}")
        yield '"' + name.replace('"', '""') + '"'
