"""A voter's papers, ready to show."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.types import BallotType
from pb.estimates.models import Project
from pb.estimates.queries import list_projects
from pb.roll.models import Voter
from pb.rounds.models import Round
from pb.rounds.queries import get_rules
from pb.rounds.rules import AllocationRules, ProjectRules


@dataclass(frozen=True)
class Line:
    """A project as one voter's page shows it: `place` is None if not chosen, 0 if chosen without an order."""

    rules: ProjectRules
    project: Project
    place: int | None

    @property
    def withdrawn(self) -> str | None:
        return self.project.withdrawn_reason


@dataclass(frozen=True)
class PaperPage:
    """One allocation's paper as a voter's page shows it, the lines in the voter's own order."""

    allocation: AllocationRules
    lines: Sequence[Line]

    @property
    def chosen(self) -> list[Line]:
        return [line for line in self.lines if line.place is not None]

    @property
    def spent_cents(self) -> int:
        return sum(line.rules.cost_cents for line in self.chosen)

    @property
    def most(self) -> int:
        """How many can be chosen at all."""
        open_lines = sum(not line.withdrawn for line in self.lines)
        return min(self.allocation.max_choices or open_lines, open_lines)


def drawn(seed: str, number: int) -> bytes:
    """Where a project comes in one visitor's order, drawn by lot and the same on each page."""
    return hashlib.sha256(f"{seed}{number}".encode()).digest()


def paper_page(
    allocation: AllocationRules, projects: dict[UUID, Project], places: dict[int, int], seed: str
) -> PaperPage:
    lines = [
        Line(p, projects[p.id], None if projects[p.id].withdrawn_reason else places.get(p.number))
        for p in sorted(allocation.projects, key=lambda p: drawn(seed, p.number))
    ]
    if allocation.ballot_type is BallotType.RANKED:
        lines.sort(key=lambda line: line.place or len(lines) + 1)
    return PaperPage(allocation, lines)


async def paper_pages(
    session: AsyncSession, round_: Round, voter: Voter, marks: Sequence[tuple[int, int, int]], seed: str
) -> list[PaperPage]:
    """The voter's papers with these (allocation, project, place) marks."""
    projects = {p.id: p for p in await list_projects(session, round_.id)}
    return [
        paper_page(a, projects, {number: place for of, number, place in marks if of == a.number}, seed)
        for a in get_rules(round_).allocations_for(voter.area_id)
    ]
