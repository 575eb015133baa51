"""Reads the record of a forgotten round."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.forgetting.models import Forgotten


async def find_forgotten(session: AsyncSession, round_id: UUID) -> Forgotten | None:
    """The record; None while the round's envelopes and keys are there."""
    return await session.scalar(select(Forgotten).where(Forgotten.round_id == round_id))
