"""Counting what voters' requests lead to, beside the voting: in memory first, then for all of them at once.

Nothing is written in a cast's own transaction: its number would tie a source to an envelope, and casts would wait for
each other's counter. What a killed process had not written is lost; these are statistics, not votes.
"""

import asyncio
import hmac
import logging
from collections import Counter
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb import keys
from pb.traffic.models import Kind, Traffic

log = logging.getLogger("pb.traffic")
PAUSE = 60  # seconds between two writes: the longer, the more envelopes a write could belong to
Counted = Counter[tuple[UUID, datetime, Kind, bytes]]  # round, hour, kind, source
COUNTED: Counted = Counter()  # what this process has not written yet


@cache
def source_key(round_id: UUID) -> bytes:
    return keys.make_key("source", round_id)


def note(round_id: UUID, kind: Kind, source: str, now: datetime) -> None:
    """Count one more of this hour, under an HMAC of the address `source`: no query, and no file but the first time."""
    name = hmac.digest(source_key(round_id), source.encode(), "sha256")[:8]
    COUNTED[round_id, now.replace(minute=0, second=0, microsecond=0), kind, name] += 1


async def add_traffic(session: AsyncSession, counted: Counted) -> None:
    """Add to the table, in an order that tells nothing of the casts' and that keeps two processes from a deadlock."""
    columns = ("round_id", "hour", "kind", "source", "times")
    rows = [dict(zip(columns, (*key, times), strict=True)) for key, times in sorted(counted.items())]
    new = upsert(Traffic)
    more = {"times": Traffic.times + new.excluded.times}
    await session.execute(new.on_conflict_do_update(index_elements=columns[:-1], set_=more), rows)


async def write_traffic(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Write what was counted, in one transaction; until it commits, this process keeps the counts."""
    global COUNTED
    if written := Counter(COUNTED):
        async with sessions() as session, session.begin():
            await add_traffic(session, written)
        COUNTED -= written  # in place: what was counted meanwhile stays


async def keep_traffic(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Write again and again, and once more when cancelled. What fails is said in the log and tried again."""
    try:
        while True:
            await asyncio.sleep(PAUSE)
            try:
                await write_traffic(sessions)
            except Exception:
                log.exception("the traffic could not be written; it waits for the next try")
    finally:
        await write_traffic(sessions)


async def forget_traffic(session: AsyncSession, round_id: UUID) -> None:
    """Delete all that was counted of the round."""
    await session.execute(delete(Traffic).where(Traffic.round_id == round_id))
