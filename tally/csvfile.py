"""An election and its ballots as one table for spreadsheets: comma-separated, UTF-8, nothing lost.

    type,ranked                    approval, points or ranked
    budget,1000.00                 with a dot and two decimals
    min_votes,20                   only where the election sets it, as the next two
    part_funding,yes
    max_length,2
    project,park,path,pier         the ids, in the published order: a column each
    title,Old park,"Path, lit",    only where some project has one, as the next two
    area,North,North,South
    group,,a,a
    cost,900.00,400.00,250.50
    12,1,2,                        12 voters rank park first and path second
    3,,,                           3 blank ballots

The first column says what a row is; rows that start with a number are ballots and come last, each distinct one with
how many voters cast it. A project's cell there is 1 (approval), its points, or its rank from 1; empty where the ballot
does not name it. Equal ballots are added up. Whole numbers have at most nine digits. Rows that a spreadsheet pads with
empty cells read the same, and so does an amount without decimals. The file starts with a byte order mark, by which
spreadsheets know UTF-8; reading does not need it. Ids, titles, areas and groups are text and are written as they are:
import them as text, so that one starting with =, +, - or @ is not taken for a formula.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from tally.election import Election, Project
from tally.pabulib import whole_cents
from tally.profile import Kind, Profile
from tally.sections import FileError, check_text, excerpt

NUMBER = re.compile(r"[0-9]{1,9}")
TERMS = ("type", "budget", "min_votes", "part_funding", "max_length")
COLUMNS = ("project", "title", "cost", "area", "group")
NEEDED = ("type", "budget", "project", "cost")


def read_csv(path: Path) -> tuple[Election, Profile]:
    """Read the whole file or nothing. Raises FileError, naming file and line, on anything malformed.

    Memory grows with the distinct ballots.
    """
    check_text(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _read(_Rows(path, file))


def write_csv(election: Election, profile: Profile, path: Path) -> None:
    """Write the file so that `read_csv` gives the same again.

    Raises ValueError on a vote for an unknown project, and on text that UTF-8 or a table cannot hold.
    """
    profile = profile.for_election(election)
    words = "".join(f"{p.id}{p.title}{p.area}{p.group}" for p in election.projects)
    if b"\0" in words.encode():
        raise ValueError("an id, title, area or group must not contain NUL")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_rows_of(election, profile))


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


class _Rows:
    """The rows of a file that are not empty, with the line where each starts."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path, self._reader, self._line = path, csv.reader(file, strict=True), 1

    def refusal(self, expected: str, line: int | None = None) -> FileError:
        """The error to raise about `line`, or else about the latest row."""
        return FileError(self._path, self._line if line is None else line, expected)

    def __iter__(self) -> Iterator[_Row]:
        start = 1
        try:
            for cells in self._reader:
                self._line, start = start, self._reader.line_num + 1
                if any(cells):
                    yield _Row(self._line, cells)
        except csv.Error as error:
            raise self.refusal(f"rows of comma-separated cells ({error})", self._reader.line_num) from error


def _read(rows: _Rows) -> tuple[Election, Profile]:
    head: dict[str, _Row] = {}
    election, kind = None, Kind.APPROVAL
    ballots: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        key = row.cells[0]
        if NUMBER.fullmatch(key):
            if election is None:
                election, kind = _election(rows, head), _kind(rows, head)
            ballots[_ballot(rows, row, election, kind)] += int(key)
        elif key not in TERMS + COLUMNS or key in head or ballots:
            known = "" if ballots else ", ".join(name for name in TERMS + COLUMNS if name not in head) + " or "
            raise rows.refusal(f"{known}a number of voters in the first column, found {excerpt(key)}")
        else:
            head[key] = row
    if election is None:
        election, kind = _election(rows, head), _kind(rows, head)
    return election, Profile.counted(ballots, kind).for_election(election)


def _kind(rows: _Rows, head: dict[str, _Row]) -> Kind:
    text = _term(rows, head["type"])
    if text not in set(Kind):
        raise rows.refusal(f"a type among {', '.join(Kind)}, found {excerpt(text)}", head["type"].line)
    return Kind(text)


def _election(rows: _Rows, head: dict[str, _Row]) -> Election:
    for key in NEEDED:
        if key not in head:
            raise rows.refusal(f"a row of {key} before the ballots")
    part_funding = _term(rows, head["part_funding"]) if "part_funding" in head else "no"
    if part_funding not in ("yes", "no"):
        raise rows.refusal(f"yes or no as part_funding, found {excerpt(part_funding)}", head["part_funding"].line)
    return Election(
        _projects(rows, head),
        _amount(rows, _term(rows, head["budget"]), head["budget"].line),
        min_votes=_number(rows, head["min_votes"]) if "min_votes" in head else 0,
        part_funding=part_funding == "yes",
        max_length=_number(rows, head["max_length"]) if "max_length" in head else None,
    )


def _projects(rows: _Rows, head: dict[str, _Row]) -> tuple[Project, ...]:
    ids = head["project"].cells[1:]
    if len(set(ids)) != len(ids):
        raise rows.refusal("each project in one column", head["project"].line)
    columns = {key: _cells(rows, head[key], len(ids)) if key in head else [""] * len(ids) for key in COLUMNS}
    costs = [_amount(rows, cell, head["cost"].line, least=1) for cell in columns["cost"]]
    return tuple(map(Project, ids, costs, columns["title"], columns["area"], columns["group"]))


def _ballot(rows: _Rows, row: _Row, election: Election, kind: Kind) -> tuple[Any, ...]:
    if int(row.cells[0]) < 1:
        raise rows.refusal("at least one voter, found 0")
    cells = {id_: cell for id_, cell in zip(election.ids, _cells(rows, row, len(election.ids)), strict=True) if cell}
    for cell in cells.values():
        if not NUMBER.fullmatch(cell) or (kind is Kind.APPROVAL and cell != "1"):
            allowed = "1" if kind is Kind.APPROVAL else "a whole number"
            raise rows.refusal(f"{allowed} or nothing for each project, found {excerpt(cell)}")
    if kind is Kind.APPROVAL:
        return tuple(cells)
    if kind is Kind.POINTS:
        return tuple((id_, int(cell)) for id_, cell in cells.items())
    by_rank = {int(cell): id_ for id_, cell in cells.items()}
    if sorted(by_rank) != list(range(1, len(cells) + 1)):
        raise rows.refusal(f"the ranks 1, 2, … once each, found {excerpt(', '.join(cells.values()))}")
    return tuple(by_rank[rank] for rank in sorted(by_rank))


def _term(rows: _Rows, row: _Row) -> str:
    return _cells(rows, row, 1)[0]


def _cells(rows: _Rows, row: _Row, width: int) -> list[str]:
    """The row's cells after the first; a spreadsheet may have padded them."""
    cells = row.cells[1:]
    if len(cells) < width or any(cells[width:]):
        raise rows.refusal(f"{width} cells after the first, found {len(cells)}", row.line)
    return cells[:width]


def _number(rows: _Rows, row: _Row) -> int:
    text = _term(rows, row)
    if not NUMBER.fullmatch(text):
        raise rows.refusal(f"a whole number as {row.cells[0]}, found {excerpt(text)}", row.line)
    return int(text)


def _amount(rows: _Rows, text: str, line: int, least: int = 0) -> int:
    cents = whole_cents(text)
    if cents is None or cents < least:
        bound = "above 0" if least else "0 or more"
        raise rows.refusal(f"an amount in whole cents, {bound}, such as 900.00, found {excerpt(text)}", line)
    return cents


def _rows_of(election: Election, profile: Profile) -> Iterator[list[str]]:
    yield ["type", profile.kind]
    yield ["budget", _euros(election.budget)]
    if election.min_votes:
        yield ["min_votes", str(election.min_votes)]
    if election.part_funding:
        yield ["part_funding", "yes"]
    if election.max_length is not None:
        yield ["max_length", str(election.max_length)]
    yield ["project", *election.ids]
    for key in ("title", "area", "group"):
        texts = [getattr(project, key) for project in election.projects]
        if any(texts):
            yield [key, *texts]
    yield ["cost", *(_euros(project.cost) for project in election.projects)]
    for ballot, voters in profile.ballots.items():
        said = _said(ballot, profile.kind)
        yield [str(voters), *(said.get(id_, "") for id_ in election.ids)]


def _said(ballot: tuple[Any, ...], kind: Kind) -> dict[str, str]:
    """What a ballot says of each project it names, as written in its cell."""
    if kind is Kind.POINTS:
        return {id_: str(points) for id_, points in ballot}
    return {id_: str(rank) if kind is Kind.RANKED else "1" for rank, id_ in enumerate(ballot, start=1)}


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
