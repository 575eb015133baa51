"""Read an election in the Pabulib `.pb` format. Source: Faliszewski et al., arXiv:2305.11035."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tally.election import Election, Project, ProjectId
from tally.pabulib_votes import KINDS, POINT_LIMITS, Limits, read_votes
from tally.profile import Kind, Profile
from tally.sections import Columns, Rows, check_text, excerpt

AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,15}))?")
NUMBER = re.compile(r"[0-9]{1,9}")
AREAS = ("district", "neighborhood", "subunit")  # the columns that say where a project is, the first that has a value


@dataclass(frozen=True, slots=True)
class Table:
    """A section as written: its columns, and each row's fields."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PabulibFile:
    """One `.pb` file, its money in cents; the file's own order of projects stands as the published tie order.

    `selected` are the ids whose `selected` is 1, the published outcome; 2 and 3 mark awards outside the rule.
    `projects` are the rows of PROJECTS as written, `voters` those of VOTES where they were asked for.
    """

    meta: dict[str, str]
    election: Election
    profile: Profile
    selected: tuple[ProjectId, ...]
    has_selected: bool
    projects: Table
    voters: Table | None = None

    @property
    def titles(self) -> dict[ProjectId, str]:
        """Each project's name, "" when the file gives none."""
        return {project.id: project.title for project in self.election.projects}

    @property
    def currency(self) -> str:
        """The currency's code, or "" when the file gives none."""
        return self.meta.get("currency", "")

    @property
    def vote_type(self) -> str:
        """approval, choose-1, knapsack, cumulative or ordinal."""
        return self.meta["vote_type"]

    @property
    def rule(self) -> str:
        """The label of the rule that the city used."""
        return self.meta["rule"]


@dataclass(frozen=True, slots=True)
class _Meta:
    """META's values with the line of each."""

    values: dict[str, str]
    lines: dict[str, int]

    def number(self, rows: Rows, key: str, default: int | None = None) -> int | None:
        """The whole number at `key`, or `default` when it is absent or empty."""
        text = self.values.get(key, "")
        if text and not NUMBER.fullmatch(text):
            raise rows.refusal(f"a whole number as {key}, found {excerpt(text)}", self.lines[key])
        return int(text) if text else default

    def check_number(self, rows: Rows, key: str, found: int) -> None:
        """Raise FileError unless META states this number at `key`."""
        stated = self.number(rows, key)
        if stated != found:
            for _ in rows:  # to the last one, whose line is named
                pass
            raise rows.refusal(f"{stated} rows here, as {key} in line {self.lines[key]} says, found {found}")


@dataclass(frozen=True, slots=True)
class _Listed:
    """The projects as listed, the line of each, and the votes and score the file states for it, where it does."""

    projects: dict[ProjectId, Project]
    lines: dict[ProjectId, int]
    stated: dict[str, dict[ProjectId, int]]
    selected: tuple[ProjectId, ...]
    has_selected: bool
    table: Table


def read_pabulib(path: Path, keep_voters: bool = False) -> PabulibFile:
    """Read the whole file or nothing. Raises FileError, naming file and line, on anything malformed.

    Memory grows with the distinct votes, and by eight bytes a voter to find one who appears twice; only with
    `keep_voters`, for writing the file again, are all rows kept.
    """
    check_text(path)
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        return _read(Rows(path, file), keep_voters)


def whole_cents(text: str) -> int | None:
    """An amount such as 1200 or 1200.5 or 1200.50 in cents, exactly; None when it is not one."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    decimals = (match[2] or "").rstrip("0")
    return int(match[1] + decimals.ljust(2, "0")) if len(decimals) <= 2 else None


def _read(rows: Rows, keep_voters: bool) -> PabulibFile:
    meta = _read_meta(rows)
    budget = whole_cents(meta.values["budget"])
    if budget is None:
        shown = excerpt(meta.values["budget"])
        raise rows.refusal(
            f"a budget in whole cents, 0 or more and of at most 12 digits, found {shown}", meta.lines["budget"]
        )
    listed = _read_projects(rows, meta)
    election = Election(
        tuple(listed.projects.values()),
        budget,
        min_votes=meta.number(rows, "min_project_score_threshold", 0) or 0,
        max_length=meta.number(rows, "max_length", 1 if meta.values["vote_type"] == "choose-1" else None),
    )
    votes = read_votes(rows, election, _limits(rows, meta), keep_voters)
    meta.check_number(rows, "num_votes", votes.voters)
    _check_stated(rows, listed, votes.profile)
    voters = Table(votes.columns, votes.rows) if keep_voters else None
    return PabulibFile(meta.values, election, votes.profile, listed.selected, listed.has_selected, listed.table, voters)


def _read_meta(rows: Rows) -> _Meta:
    columns = rows.open("META", ("key", "value"))
    meta = _Meta({}, {})
    for row in rows:
        key, value = row[columns["key"]].strip(), row[columns["value"]].strip()
        if key in meta.values:
            raise rows.refusal(f"each key once, found {excerpt(key)} again")
        meta.values[key], meta.lines[key] = value, rows.line
    for key in ("num_projects", "num_votes", "budget", "vote_type", "rule"):
        if not meta.values.get(key):
            raise rows.refusal(f"META to give {key}", meta.lines.get(key))
    vote_type = meta.values["vote_type"]
    if vote_type not in KINDS:
        known = ", ".join(KINDS)
        raise rows.refusal(f"a vote_type among {known}, found {excerpt(vote_type)}", meta.lines["vote_type"])
    return meta


def _read_projects(rows: Rows, meta: _Meta) -> _Listed:
    columns = rows.open("PROJECTS", ("project_id", "cost"))
    listed: dict[ProjectId, Project] = {}
    lines: dict[ProjectId, int] = {}
    stated: dict[str, dict[ProjectId, int]] = {"votes": {}, "score": {}}
    selected, raw = [], []
    for row in rows:
        project = _read_project(rows, columns, row)
        if project.id in listed:
            raise rows.refusal(f"each project once, found {excerpt(project.id)} again")
        listed[project.id], lines[project.id] = project, rows.line
        for name, values in stated.items():
            text = _cell(columns, row, name)
            if text and not NUMBER.fullmatch(text):
                raise rows.refusal(f"a whole number of {name}, found {excerpt(text)}")
            if text:
                values[project.id] = int(text)
        if _cell(columns, row, "selected") == "1":
            selected.append(project.id)
        raw.append(tuple(row))
    meta.check_number(rows, "num_projects", len(listed))
    table = Table(tuple(columns), tuple(raw))
    return _Listed(listed, lines, stated, tuple(selected), "selected" in columns, table)


def _read_project(rows: Rows, columns: Columns, row: list[str]) -> Project:
    id_, cost = _cell(columns, row, "project_id"), _cell(columns, row, "cost")
    cents = whole_cents(cost)
    if not id_.isprintable() or not id_ or "," in id_:
        raise rows.refusal(f"a project_id without commas and line breaks, found {excerpt(id_)}")
    if not cents:
        raise rows.refusal(f"a cost in whole cents, above 0 and of at most 12 digits, found {excerpt(cost)}")
    area = next(filter(None, (_cell(columns, row, name) for name in AREAS)), "")
    return Project(id_, cents, _cell(columns, row, "name"), area)


def _limits(rows: Rows, meta: _Meta) -> Limits:
    """What META allows a vote to be."""
    numbers = {key: meta.number(rows, key) for key in POINT_LIMITS}
    return Limits(meta.values["vote_type"], meta.number(rows, "min_length", 0) or 0, numbers)


def _check_stated(rows: Rows, listed: _Listed, profile: Profile) -> None:
    """Refuse a file whose `votes` or `score` column contradicts its votes. In every real file we have they agree."""
    counted = {"votes": profile.supporters}
    if profile.kind is Kind.POINTS:
        counted["score"] = profile.votes
    for name, values in counted.items():
        for project, found in zip(profile.ids, values.tolist(), strict=True):
            stated = listed.stated[name].get(project, found)
            if stated != found:
                expected = f"{found} {name} for {excerpt(project)} as VOTES has, found {stated}"
                raise rows.refusal(expected, listed.lines[project])


def _cell(columns: Columns, row: list[str], name: str) -> str:
    return row[columns[name]].strip() if name in columns else ""
