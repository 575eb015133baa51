"""Read an election in the Pabulib `.pb` format. Source: Faliszewski et al., arXiv:2305.11035."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tally.election import Election, Profile, Project, ProjectId
from tally.greedy import votes_by_project
from tally.sections import Columns, PabulibError, Rows, excerpt

AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?")
NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class PabulibFile:
    """One `.pb` file, its money in cents; the file's own order of projects stands as the published tie order.

    `selected` are the ids whose `selected` is 1, the published outcome; 2 and 3 mark awards outside the rule.
    Ordinal ballots keep their order. Points of cumulative ballots are not kept yet.
    """

    meta: dict[str, str]
    election: Election
    profile: Profile
    selected: tuple[ProjectId, ...]
    has_selected: bool

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


@dataclass(frozen=True, slots=True)
class _Listed:
    """The projects as listed, the line of each, and the votes the file states for it, where it does."""

    projects: dict[ProjectId, Project]
    lines: dict[ProjectId, int]
    votes: dict[ProjectId, int]
    selected: tuple[ProjectId, ...]
    has_selected: bool


def read_pabulib(path: Path) -> PabulibFile:
    """Read the whole file or nothing. Raises PabulibError, naming file and line, on anything malformed.

    Memory grows with the distinct ballots, and with one id for each voter, to find a voter who appears twice.
    """
    try:
        with path.open("rb") as file:
            return _read(Rows(path, file))
    except OSError as error:
        raise PabulibError(path, 1, f"a readable file ({error.strerror})") from error


def whole_cents(text: str) -> int | None:
    """An amount such as 1200 or 1200.5 or 1200.50 in cents, exactly; None when it is not one."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    decimals = (match[2] or "").rstrip("0")
    return int(match[1] + decimals.ljust(2, "0")) if len(decimals) <= 2 else None


def _read(rows: Rows) -> PabulibFile:
    meta = _read_meta(rows)
    budget = whole_cents(meta.values["budget"])
    if budget is None:
        shown = excerpt(meta.values["budget"])
        raise rows.refusal(f"a budget in whole cents, 0 or more, found {shown}", meta.lines["budget"])
    listed = _read_projects(rows, meta)
    profile = _read_votes(rows, meta, listed, budget)
    election = Election(tuple(listed.projects.values()), budget)
    return PabulibFile(meta.values, election, profile, listed.selected, listed.has_selected)


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
    return meta


def _read_projects(rows: Rows, meta: _Meta) -> _Listed:
    columns = rows.open("PROJECTS", ("project_id", "cost"))
    projects: dict[ProjectId, Project] = {}
    lines: dict[ProjectId, int] = {}
    votes: dict[ProjectId, int] = {}
    selected = []
    for row in rows:
        project = _read_project(rows, columns, row)
        if project.id in projects:
            raise rows.refusal(f"each project once, found {excerpt(project.id)} again")
        projects[project.id], lines[project.id] = project, rows.line
        stated = _cell(columns, row, "votes")
        if stated and not NUMBER.fullmatch(stated):
            raise rows.refusal(f"a whole number of votes, found {excerpt(stated)}")
        if stated:
            votes[project.id] = int(stated)
        if _cell(columns, row, "selected") == "1":
            selected.append(project.id)
    _check_number(rows, meta, "num_projects", len(projects))
    return _Listed(projects, lines, votes, tuple(selected), "selected" in columns)


def _read_project(rows: Rows, columns: Columns, row: list[str]) -> Project:
    id_, cost = _cell(columns, row, "project_id"), _cell(columns, row, "cost")
    cents = whole_cents(cost)
    if not id_ or "," in id_:
        raise rows.refusal(f"a project_id without commas, found {excerpt(id_)}")
    if not cents:
        raise rows.refusal(f"a cost in whole cents above 0, found {excerpt(cost)}")
    return Project(id_, cents, _cell(columns, row, "name"))


def _read_votes(rows: Rows, meta: _Meta, listed: _Listed, budget: int) -> Profile:
    columns = rows.open("VOTES", ("voter_id", "vote"))
    shortest = meta.number(rows, "min_length", 0)
    longest = meta.number(rows, "max_length", 1 if meta.values["vote_type"] == "choose-1" else None)
    ranked = meta.values["vote_type"] == "ordinal"
    knapsack = meta.values["vote_type"] == "knapsack"
    ballots: dict[str, tuple[ProjectId, ...]] = {}  # a vote as written → the ballot: each is checked once
    count: Counter[tuple[ProjectId, ...]] = Counter()
    voters: set[str] = set()
    for number, row in enumerate(rows, start=1):
        voter, vote = row[columns["voter_id"]], row[columns["vote"]]
        voters.add(voter)
        if len(voters) != number:
            raise rows.refusal(f"each voter once, found {excerpt(voter)} again")
        if vote not in ballots:
            ballot = _read_vote(rows, vote, listed)
            _check_length(rows, len(ballot), shortest, longest)
            if knapsack and sum(listed.projects[project].cost for project in ballot) > budget:
                raise rows.refusal(f"a knapsack vote within the budget, found {excerpt(vote)}")
            ballots[vote] = ballot if ranked else tuple(sorted(ballot))
        count[ballots[vote]] += 1
    rows.check_end()
    _check_number(rows, meta, "num_votes", len(voters))
    profile = Profile(dict(count))
    _check_stated_votes(rows, listed, profile)
    return profile


def _read_vote(rows: Rows, vote: str, listed: _Listed) -> tuple[ProjectId, ...]:
    ballot = tuple(project.strip() for project in vote.split(",")) if vote.strip() else ()
    for project in ballot:
        if project not in listed.projects:
            raise rows.refusal(f"a vote for listed projects, found {excerpt(project)}")
    if len(set(ballot)) != len(ballot):
        raise rows.refusal(f"each project once in a vote, found {excerpt(vote)}")
    return ballot


def _check_length(rows: Rows, length: int, shortest: int | None, longest: int | None) -> None:
    """Refuse a vote shorter or longer than META allows; a blank vote is always allowed."""
    if shortest is not None and 0 < length < shortest:
        raise rows.refusal(f"at least {shortest} of the projects in a vote, found {length}")
    if longest is not None and length > longest:
        raise rows.refusal(f"at most {longest} of the projects in a vote, found {length}")


def _check_number(rows: Rows, meta: _Meta, key: str, found: int) -> None:
    stated = meta.number(rows, key)
    if stated != found:
        raise rows.refusal(f"{stated} rows here, as {key} in line {meta.lines[key]} says, found {found}")


def _check_stated_votes(rows: Rows, listed: _Listed, profile: Profile) -> None:
    """Refuse a file whose `votes` column contradicts its votes. In every real file we have they agree."""
    counted = votes_by_project(profile)
    for project, stated in listed.votes.items():
        if stated != counted[project]:
            expected = f"{counted[project]} votes for {excerpt(project)} as VOTES has, found {stated}"
            raise rows.refusal(expected, listed.lines[project])


def _cell(columns: Columns, row: list[str], name: str) -> str:
    return row[columns[name]].strip() if name in columns else ""
