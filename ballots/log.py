"""The log's tables: names of envelopes, in an order that does not tell when they came, and signed heads."""

import random
from collections.abc import Callable
from dataclasses import asdict, replace
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.box import get_box, lock_key
from ballots.merkle import Head, Peaks
from ballots.tables import log, queue, tree_head


async def append_log(session: AsyncSession, round_id: UUID, sign: Callable[[bytes], bytes]) -> Head:
    """Move the names that wait into the log, in a random order, and sign its new head; the head that stands now.

    Names whose cast commits meanwhile wait for the next time. Raises NoBox.
    """
    await session.execute(select(func.pg_advisory_xact_lock(lock_key(round_id, "log"))))
    taken = delete(queue).where(queue.c.round_id == round_id).returning(queue.c.leaf)
    leaves = list(await session.scalars(taken))
    latest = select(tree_head).where(tree_head.c.round_id == round_id).order_by(tree_head.c.size.desc()).limit(1)
    row = (await session.execute(latest)).one_or_none()
    if row is not None and not leaves:
        return Head(round_id, row.size, row.root, row.at, row.signature)
    await get_box(session, round_id)
    random.SystemRandom().shuffle(leaves)
    before = Peaks(row.size, tuple(row.peaks[at : at + 32] for at in range(0, len(row.peaks), 32))) if row else Peaks()
    tree = before.grown(leaves)
    now = (await session.scalars(select(func.clock_timestamp()))).one()
    head = Head(round_id, tree.size, tree.root, now)
    head = replace(head, signature=sign(head.signed))
    if leaves:
        numbered = enumerate(leaves, start=before.size)
        await session.execute(insert(log), [{"round_id": round_id, "idx": n, "leaf": leaf} for n, leaf in numbered])
    await session.execute(insert(tree_head), {**asdict(head), "peaks": b"".join(tree.peaks)})
    return head


async def list_heads(session: AsyncSession, round_id: UUID) -> list[Head]:
    """All heads of the round's log, the smallest first."""
    columns = (tree_head.c[name] for name in ("round_id", "size", "root", "at", "signature"))
    rows = await session.execute(select(*columns).where(tree_head.c.round_id == round_id).order_by(tree_head.c.size))
    return [Head(*row) for row in rows]


async def list_leaves(session: AsyncSession, round_id: UUID, size: int) -> list[bytes]:
    """The first `size` names in the log."""
    here = (log.c.round_id == round_id) & (log.c.idx < size)
    return list(await session.scalars(select(log.c.leaf).where(here).order_by(log.c.idx)))


async def list_waiting(session: AsyncSession) -> list[UUID]:
    """The rounds with names that wait for the log."""
    return list(await session.scalars(select(queue.c.round_id).distinct()))


async def find_leaf(session: AsyncSession, round_id: UUID, leaf: bytes) -> int | None:
    """Where the log has this name, from 0."""
    return await session.scalar(select(log.c.idx).where(log.c.round_id == round_id, log.c.leaf == leaf))
