"""What a voter's pages read: the papers, ready to show, and all that a cast needs at once."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.box import BOX, Box, lock_key
from ballots.types import BallotType, InvalidBallot, Problem
from pb.city.models import Area
from pb.city.queries import list_areas
from pb.estimates.models import Project
from pb.estimates.queries import list_ballot_projects
from pb.roll.models import Voter
from pb.rounds.models import Round
from pb.rounds.queries import get_known_rules, get_rules
from pb.rounds.rules import AllocationRules, ProjectRules, Rules, voting_is_open


@dataclass(frozen=True)
class Standing:
    """A voter's line of the roll, and with it all that a cast needs to know: a Voter would be slower to make."""

    round_id: UUID
    person_ref: UUID
    area_id: UUID | None
    box: Box
    rules: Rules
    withdrawn: Collection[int]  # ballot numbers, by now


OnRoll = Voter | Standing


@dataclass(frozen=True)
class Line:
    """A project as one voter's page shows it: `place` is None if not chosen, 0 if chosen without an order.

    On a points paper it is how many points the project has.
    """

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
        """How many can be chosen at all, or how many points can be given."""
        room = sum(not line.withdrawn for line in self.lines) * self.most_each
        return min(self.allocation.max_choices or room, room)

    @property
    def most_each(self) -> int:
        """How many points one project can get; 1 where there are no points."""
        return self.allocation.paper.most_each

    @property
    def given(self) -> int:
        """How many points have been given."""
        return sum(line.place or 0 for line in self.lines)

    def to_mend(self, error: InvalidBallot, bad: Collection[str]) -> list[Line]:
        """The projects to look at again: the chosen ones if they are too many, or those whose field is a bad one."""
        if error.problem in (Problem.OVER_MONEY, Problem.TOO_MANY):
            return self.chosen
        return [line for line in self.lines if f"a{self.allocation.number}p{line.rules.number}" in bad]


def is_open(round_: Round, now: datetime) -> bool:
    """Whether residents may vote now, by the round's dates and its confirmed ballot."""
    return voting_is_open(round_.confirmed_at is not None, round_.windows, now)


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
    session: AsyncSession, round_: Round, area_id: UUID | None, marks: Sequence[tuple[int, int, int]], seed: str
) -> list[PaperPage]:
    """The papers of a voter of this area with these (allocation, project, place) marks."""
    projects = {p.id: p for p in await list_ballot_projects(session, round_.id)}
    return [
        paper_page(a, projects, {number: place for of, number, place in marks if of == a.number}, seed)
        for a in get_rules(round_).allocations_for(area_id)
    ]


async def areas_to_choose(session: AsyncSession, rules: Rules) -> list[Area]:
    """The areas among which a voter chooses, by name; none where the roll says the area."""
    return [a for a in await list_areas(session) if a.id in rules.areas_to_choose] if rules.areas_to_choose else []


STANDING = text(f"""
    SELECT CASE WHEN clock_timestamp() < closes_at THEN pg_advisory_xact_lock_shared(:lock) END, person_ref, area_id,
        ARRAY(SELECT number FROM project WHERE project.round_id = :round_id AND withdrawn_reason IS NOT NULL), own.*
    FROM ({BOX}) AS own JOIN voting_code USING (round_id) JOIN voter USING (round_id, person_ref)
    WHERE code_hmac = :code_hmac AND revoked_at IS NULL""")


async def enter_box(session: AsyncSession, round_id: UUID, code_hmac: bytes) -> Standing | None:
    """Where a cast begins: the box does not close before the transaction ends. None if the code lets nobody in.

    One statement, because each takes a sixth of a cast's time. A late cast waits for no opening: the box refuses it.
    """
    values = {"round_id": round_id, "code_hmac": code_hmac, "lock": lock_key(round_id)}
    row = (await session.execute(STANDING, values)).one_or_none()
    if row is None:
        return None
    _lock, person_ref, area_id, withdrawn, *own = row
    box = Box(*own)
    rules = await get_known_rules(session, round_id, box.rules_sha256)
    return Standing(round_id, person_ref, area_id, box, rules, withdrawn)
