"""Reads of trustees' keys."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box
from ballots.types import NoBox
from pb.trustees.models import TrusteeKey


async def find_key(session: AsyncSession, round_id: UUID) -> TrusteeKey | None:
    """The round's trustee-held key; None where the service holds it."""
    return await session.scalar(select(TrusteeKey).where(TrusteeKey.round_id == round_id))


async def find_fingerprint(session: AsyncSession, round_id: UUID) -> str:
    """The fingerprint of the key that the round's ballots are sealed to; empty before the ballot is confirmed."""
    try:
        return (await box.get_box(session, round_id)).fingerprint
    except NoBox:
        return ""
