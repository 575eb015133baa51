"""Reads of openings, and the export that trustees open."""

import asyncio
from collections import Counter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from ballots import box, log
from pb.opening.models import Opening
from pb.trustees.rules import export_of


async def find_opening(session: AsyncSession, round_id: UUID) -> Opening | None:
    """The round's opening with its officers; None before anybody asked for it."""
    people = joinedload(Opening.asker), joinedload(Opening.opener)
    return await session.scalar(select(Opening).where(Opening.round_id == round_id).options(*people))


async def get_export(session: AsyncSession, round_id: UUID, rules: str) -> bytes:
    """The closed box as a file for its trustees; the same each time. Raises as `box.take_envelopes`."""
    envelopes = await box.take_envelopes(session, round_id)
    heads = await log.list_heads(session, round_id)
    names = await log.list_leaves(session, round_id, heads[-1].size if heads else 0)
    superseded = await box.count_superseded(session, round_id)
    key = (await box.get_box(session, round_id)).public_key
    return await asyncio.to_thread(export_of, rules, key, names, envelopes, superseded)


async def count_void(session: AsyncSession, round_id: UUID) -> dict[str, int]:
    """How many envelopes were not counted, for each reason."""
    return Counter(why for _name, why in await box.list_void(session, round_id))
