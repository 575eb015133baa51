"""Reads of everything in a round that the city or its residents have written."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.estimates.models import Project
from pb.ideas.models import Idea, IdeaState
from pb.rounds.models import Allocation, Round

Thing = Round | Allocation | Project | Idea


async def list_things(session: AsyncSession, round_: Round) -> list[Thing]:
    """The round, its allocations, its projects, then its published ideas, always in the same order."""
    projects = select(Project).where(Project.round_id == round_.id).order_by(Project.number, Project.title, Project.id)
    ideas = select(Idea).where(Idea.round_id == round_.id, Idea.state == IdeaState.PUBLISHED)
    shown = ideas.where(Idea.hidden_reason == "").order_by(Idea.submitted_at, Idea.id)
    return [round_, *round_.allocations, *await session.scalars(projects), *await session.scalars(shown)]
