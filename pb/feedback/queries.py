"""Reads of feedback."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.errors import NotFound
from pb.feedback.models import Feedback
from pb.language import gettext as _


async def list_waiting(session: AsyncSession) -> list[Feedback]:
    """What has no answer yet, oldest first."""
    waiting = select(Feedback).where(Feedback.answered_at.is_(None))
    return list(await session.scalars(waiting.order_by(Feedback.at, Feedback.id)))


async def list_answered(session: AsyncSession, limit: int = 50) -> list[Feedback]:
    """What has been answered, the newest answer first."""
    answered = select(Feedback).where(Feedback.answered_at.is_not(None))
    return list(await session.scalars(answered.order_by(Feedback.answered_at.desc(), Feedback.id).limit(limit)))


async def count_waiting(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).where(Feedback.answered_at.is_(None))) or 0


async def count_from(session: AsyncSession, source_hmac: bytes) -> int:
    return await session.scalar(select(func.count()).where(Feedback.source_hmac == source_hmac)) or 0


async def get_feedback(session: AsyncSession, feedback_id: UUID) -> Feedback:
    """One message, locked for its answer. Raises NotFound."""
    found = await session.scalar(select(Feedback).where(Feedback.id == feedback_id).with_for_update())
    if found is None:
        raise NotFound(_("There is no such message."))
    return found
