"""Reads of what becomes of the chosen projects: a constant number of queries, whatever the round holds."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from pb.delivery.models import Delivery
from pb.errors import NotFound
from pb.estimates.models import Project
from pb.estimates.queries import list_projects
from pb.language import gettext as _
from pb.results.models import Count
from pb.results.queries import list_counts, paid
from pb.results.rules import read_outcome
from pb.rounds.models import Round


@dataclass(frozen=True)
class Chosen:
    """A project that gets money: what it gets, and the newest note on it, if there is one."""

    project: Project
    paid_cents: int
    newest: Delivery | None

    @property
    def spent_cents(self) -> int:
        return self.newest.spent_cents if self.newest else 0


def paid_by_number(count: Count) -> dict[int, int]:
    """What each project that was chosen in one count gets, in cents."""
    outcome = read_outcome(count.outcome)
    each = {int(step.project): paid(outcome, step) for step in outcome.steps}
    return {number: cents for number, cents in each.items() if cents}


async def find_paid(session: AsyncSession, project: Project) -> int | None:
    """The cents that one project of a published result gets, or None if it was not chosen."""
    count = await session.get(Count, project.allocation_id)
    return paid_by_number(count).get(project.number or 0) if count else None


async def list_chosen(session: AsyncSession, round_: Round) -> list[Chosen]:
    """The chosen projects by ballot number, with their allocations and ideas. Raises NotFound before publishing."""
    if round_.published_at is None:
        raise NotFound(_("The result has not been published yet. The round's page lists the dates."))
    counts = await list_counts(session, round_.id)
    gets = {number: cents for count in counts for number, cents in paid_by_number(count).items()}
    projects = [p for p in await list_projects(session, round_.id) if p.number in gets]
    newest = await list_newest(session, [p.id for p in projects])
    return [Chosen(p, gets[p.number or 0], newest.get(p.id)) for p in projects]


async def list_newest(session: AsyncSession, projects: Collection[UUID]) -> dict[UUID, Delivery]:
    """The newest note on each project that has one."""
    newest = select(Delivery).where(Delivery.project_id.in_(projects)).ext(distinct_on(Delivery.project_id))
    notes = await session.scalars(newest.order_by(Delivery.project_id, Delivery.at.desc(), Delivery.id))
    return {note.project_id: note for note in notes}


async def get_chosen(session: AsyncSession, round_: Round, project_id: UUID) -> Chosen:
    """One of the chosen projects. Raises NotFound for any other one, and before the result is published."""
    found = next((c for c in await list_chosen(session, round_) if c.project.id == project_id), None)
    if found is None:
        raise NotFound(_("There is no such project among those that were chosen."))
    return found


async def list_notes(session: AsyncSession, project_id: UUID) -> list[Delivery]:
    """Every note on the project with who wrote it, newest first."""
    notes = select(Delivery).where(Delivery.project_id == project_id)
    notes = notes.options(joinedload(Delivery.person, innerjoin=True))
    return list(await session.scalars(notes.order_by(Delivery.at.desc(), Delivery.id)))
