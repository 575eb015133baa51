"""Reads of estimates and projects."""

from uuid import UUID

from sqlalchemy import Select, String, cast, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from pb.errors import NotFound
from pb.estimates.models import Estimate, Project
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import LOAD_IDEA
from pb.language import gettext as _


async def list_estimates(session: AsyncSession, idea_id: UUID) -> list[Estimate]:
    """Every estimate of the idea, the newest (which counts) first."""
    query = select(Estimate).where(Estimate.idea_id == idea_id).options(selectinload(Estimate.person))
    return list(await session.scalars(query.order_by(Estimate.at.desc(), Estimate.id)))


async def find_project_of(session: AsyncSession, idea_id: UUID) -> Project | None:
    """The project the idea became, with its allocation."""
    return await session.scalar(
        select(Project).where(Project.idea_id == idea_id).options(selectinload(Project.allocation))
    )


async def get_project(session: AsyncSession, round_id: UUID, project_id: UUID) -> Project:
    """A project of this round. Raises NotFound."""
    found = await session.scalar(select(Project).where(Project.id == project_id, Project.round_id == round_id))
    if found is None:
        raise NotFound(_("There is no such project."))
    return found


async def list_projects(session: AsyncSession, round_id: UUID) -> list[Project]:
    """The round's projects by ballot number, each with its allocation and its idea.

    Before the ballot is confirmed their order means nothing.
    """
    loads = [joinedload(Project.allocation), joinedload(Project.idea)]
    query = select(Project).where(Project.round_id == round_id).options(*loads)
    return list(await session.scalars(query.order_by(Project.number, Project.id)))


async def list_ballot_projects(session: AsyncSession, round_id: UUID) -> list[Project]:
    """The same projects with what a ballot says of them and nothing more: a page may show hundreds."""
    query = select(Project).where(Project.round_id == round_id)
    return list(await session.scalars(query.order_by(Project.number, Project.id)))


def told_projects(round_id: UUID) -> Select[tuple[UUID, str, str]]:
    """The ideas behind the round's projects, as `tell_each` wants them."""
    path = literal("/ideas/") + cast(Project.idea_id, String)
    things = select(Project.idea_id.label("thing_id"), Project.title.label("subject"), path.label("path"))
    return things.where(Project.round_id == round_id, Project.idea_id.is_not(None))


async def list_withdrawn(session: AsyncSession, round_id: UUID) -> dict[int, str]:
    """Why each withdrawn project was withdrawn, by ballot number."""
    query = select(Project.number, Project.withdrawn_reason).where(
        Project.round_id == round_id, Project.withdrawn_reason.is_not(None)
    )
    return dict((await session.execute(query)).all())


async def list_unestimated_ideas(session: AsyncSession, round_id: UUID) -> list[Idea]:
    """Published ideas that no service has estimated, oldest first."""
    done = select(Estimate.idea_id).where(Estimate.idea_id == Idea.id).exists()
    query = select(Idea).where(Idea.round_id == round_id, Idea.state == IdeaState.PUBLISHED, ~done)
    return list(await session.scalars(query.options(*LOAD_IDEA).order_by(Idea.submitted_at, Idea.id)))


async def list_estimated_ideas(session: AsyncSession, round_id: UUID) -> list[tuple[Idea, Estimate]]:
    """Published ideas with their newest estimate, oldest idea first."""
    newest = (
        select(Estimate)
        .join(Idea, Idea.id == Estimate.idea_id)
        .where(Idea.round_id == round_id)
        .ext(distinct_on(Estimate.idea_id))
        .order_by(Estimate.idea_id, Estimate.at.desc(), Estimate.id)
        .options(selectinload(Estimate.idea).options(*LOAD_IDEA), selectinload(Estimate.person))
    )
    found = [(estimate.idea, estimate) for estimate in await session.scalars(newest)]
    return sorted(found, key=lambda pair: (pair[0].submitted_at, str(pair[0].id)))


async def list_newest_estimates(session: AsyncSession, round_id: UUID, limit: int) -> list[Estimate]:
    """Estimates of the round's published ideas with the idea, the newest first; not of one that staff hid."""
    public = (Idea.round_id == round_id, Idea.state == IdeaState.PUBLISHED, Idea.hidden_reason == "")
    query = select(Estimate).join(Estimate.idea).where(*public).options(contains_eager(Estimate.idea))
    return list(await session.scalars(query.order_by(Estimate.at.desc(), Estimate.id).limit(limit)))
