"""Write elections in the Pabulib `.pb` format: files that were read, just as they were, and elections of our own."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from tally.election import Election
from tally.outcome import Outcome
from tally.pabulib import PabulibFile, Table
from tally.pabulib_votes import KINDS
from tally.profile import Kind, Profile

ORDER = (  # of META's keys, as Pabulib's own check wants it; others follow
    *("description", "country", "unit", "district", "subunit", "instance", "num_projects", "num_votes", "budget"),
    *("vote_type", "rule", "date_begin", "date_end", "min_length", "max_length", "min_sum_cost", "max_sum_cost"),
    *("min_points", "max_points", "min_sum_points", "max_sum_points", "default_score", "min_project_cost"),
    *("max_project_cost", "min_project_score_threshold", "neighborhoods", "subdistricts", "categories", "edition"),
    *("language", "currency", "fully_funded", "experimental", "comment", "acknowledgments"),
)
VOTE_TYPES = {Kind.APPROVAL: "approval", Kind.POINTS: "cumulative", Kind.RANKED: "ordinal"}


def write_pabulib(file: PabulibFile, path: Path) -> None:
    """Write all that the file holds: every key of META, every column of PROJECTS, and of VOTES those that were kept.

    Votes that were not kept voter by voter are written with voters numbered from 1.
    """
    voters = file.voters or Table(_vote_columns(file.profile), tuple(_votes(file.profile)))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerows([["META"], ["key", "value"], *file.meta.items()])
        writer.writerows([["PROJECTS"], file.projects.columns, *file.projects.rows])
        writer.writerows([["VOTES"], voters.columns, *voters.rows])


def pabulib_of(
    election: Election, profile: Profile, meta: Mapping[str, str], outcome: Outcome | None = None
) -> PabulibFile:
    """An election of ours as a `.pb` file. `meta` must give the rule's label, and what else is known of the vote.

    Pabulib's own check wants description, country, unit, instance, date_begin and date_end, and for points
    max_sum_points. Raises KeyError without a rule, ValueError when `meta` has a vote_type that the ballots are not.
    """
    profile = profile.for_election(election)
    vote_type = meta.get("vote_type", VOTE_TYPES[profile.kind])
    if KINDS.get(vote_type) is not profile.kind:
        raise ValueError(f"{profile.kind} ballots are not of the vote_type {vote_type!r}")
    known = dict.fromkeys(("description", "country", "unit", "instance"), "") | dict(meta)
    known |= {"num_projects": str(len(election.projects)), "num_votes": str(profile.voters)}
    known |= {"budget": in_units(election.budget), "vote_type": vote_type, "rule": meta["rule"]}
    if election.max_length is not None:
        known["max_length"] = str(election.max_length)
    if election.min_votes:
        known["min_project_score_threshold"] = str(election.min_votes)
    told = {key: known[key] for key in sorted(known, key=_place)}
    won = () if outcome is None else outcome.winners
    table = _projects(election, profile, outcome)
    return PabulibFile(told, election, profile, tuple(won), outcome is not None, table)


def _place(key: str) -> int:
    return ORDER.index(key) if key in ORDER else len(ORDER)


def in_units(cents: int) -> str:
    """Cents as Pabulib writes money: 1200, or 1200.50."""
    return str(cents // 100) if cents % 100 == 0 else f"{cents // 100}.{cents % 100:02}"


def _projects(election: Election, profile: Profile, outcome: Outcome | None) -> Table:
    columns = ["project_id", "cost", "votes"]
    values = [list(election.ids), [in_units(p.cost) for p in election.projects], profile.supporters.tolist()]
    if profile.points is not None:
        columns, values = [*columns, "score"], [*values, profile.votes.tolist()]
    columns, values = [*columns, "name"], [*values, [project.title for project in election.projects]]
    if outcome is not None:
        won = set(outcome.winners)
        columns, values = [*columns, "selected"], [*values, [int(id_ in won) for id_ in election.ids]]
    if any(project.area for project in election.projects):
        columns, values = [*columns, "district"], [*values, [project.area for project in election.projects]]
    return Table(tuple(columns), tuple(tuple(map(str, row)) for row in zip(*values, strict=True)))


def _vote_columns(profile: Profile) -> tuple[str, ...]:
    return ("voter_id", "vote") if profile.points is None else ("voter_id", "vote", "points")


def _votes(profile: Profile) -> Iterator[tuple[str, ...]]:
    """A row for each voter: equal ballots follow each other."""
    voter = 0
    for ballot, voters in profile:
        if profile.points is not None:  # most points first, as Pabulib's own check wants it
            ballot = tuple(sorted(ballot, key=lambda pair: -pair[1]))
        names = ballot if profile.points is None else [name for name, _ in ballot]
        given = () if profile.points is None else (",".join(str(points) for _, points in ballot),)
        for _ in range(voters):
            voter += 1
            yield str(voter), ",".join(names), *given
