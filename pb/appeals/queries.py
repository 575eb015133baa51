"""Reads of appeals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from pb.appeals.models import Against, Appeal, AppealOutcome
from pb.errors import NotFound
from pb.estimates.models import Estimate
from pb.estimates.queries import list_estimates
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import LOAD_IDEA
from pb.language import gettext as _

REOPENED = (  # an appeal whose answer asks the service for another estimate, which it has not made since
    (Appeal.outcome == AppealOutcome.CHANGED)
    & (Appeal.against == Against.ESTIMATE)
    & ~exists().where(Estimate.idea_id == Appeal.idea_id, Estimate.at > Appeal.answered_at)
)


async def list_appeals(session: AsyncSession, idea_id: UUID) -> list[Appeal]:
    """The appeals of an idea with who answered them, oldest first."""
    query = select(Appeal).where(Appeal.idea_id == idea_id).options(joinedload(Appeal.answered_by))
    return list(await session.scalars(query.order_by(Appeal.at, Appeal.id)))


async def list_open_appeals(session: AsyncSession, round_id: UUID) -> list[Appeal]:
    """The round's appeals that wait for an answer, with their ideas, oldest first."""
    query = select(Appeal).join(Appeal.idea).where(Idea.round_id == round_id, Appeal.answered_at.is_(None))
    return list(await session.scalars(query.options(joinedload(Appeal.idea)).order_by(Appeal.at, Appeal.id)))


async def list_reopened(session: AsyncSession, round_id: UUID) -> list[Idea]:
    """Ideas that an answer sent to the service to be estimated again, and that it has not estimated since."""
    query = select(Idea).join(Appeal, Appeal.idea_id == Idea.id).where(Idea.round_id == round_id, REOPENED)
    published = query.where(Idea.state == IdeaState.PUBLISHED).options(*LOAD_IDEA)
    return list(await session.scalars(published.order_by(Appeal.answered_at, Idea.id)))


async def get_open_appeal(session: AsyncSession, idea_id: UUID) -> Appeal:
    """The appeal of this idea that waits for an answer. Raises NotFound."""
    query = select(Appeal).where(Appeal.idea_id == idea_id, Appeal.answered_at.is_(None)).with_for_update()
    found = await session.scalar(query)
    if found is None:
        raise NotFound(_("No appeal waits here. It may have been answered already."))
    return found


async def read_reason(session: AsyncSession, idea: Idea, against: Against, decided_at: datetime) -> str:
    """The public reason of the decision that was made then: there may be a newer estimate."""
    if against is Against.REFUSAL:
        return idea.reason
    return next(estimate.reason for estimate in await list_estimates(session, idea.id) if estimate.at == decided_at)
