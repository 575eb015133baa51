"""Reads of the log: its heads, and the proof that one envelope is in it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ballots import log
from ballots.merkle import Head
from ballots.seal import verifying_key
from pb import keys
from pb.log.rules import Tree, head_as_data

REST = timedelta(seconds=10)  # a tree is built again, for newer envelopes, no sooner than this
TREES: dict[UUID, tuple[Head, Tree, datetime]] = {}
MOST_TREES = 4


async def log_as_data(session: AsyncSession, round_id: UUID) -> dict[str, object]:
    """All heads of the round's log and the key that tells their signatures. Raises MissingKey."""
    heads = await log.list_heads(session, round_id)
    key = verifying_key(keys.read_key("log", round_id)).hex()
    return {"round": str(round_id), "key": key, "heads": [head_as_data(head) for head in heads]}


async def proof_as_data(session: AsyncSession, round_id: UUID, leaf: bytes) -> dict[str, object] | None:
    """What anybody needs to check that the log holds this leaf; None while it waits for that."""
    index = await log.find_leaf(session, round_id, leaf)
    if index is None:
        return None
    head, tree = await _tree(session, round_id, index)
    if index >= head.size:
        return None
    path = [beside.hex() for beside in tree.proof(index)]
    key = verifying_key(keys.read_key("log", round_id)).hex()
    return {"leaf": leaf.hex(), "index": index, "path": path, "head": head_as_data(head), "key": key}


async def _tree(session: AsyncSession, round_id: UUID, index: int) -> tuple[Head, Tree]:
    """A head with its tree that holds the leaf at `index`, unless one was built a moment ago that does not."""
    now = datetime.now(UTC)
    if round_id in TREES:
        head, tree, built = TREES[round_id]
        if index < head.size or now - built < REST:
            return head, tree
    head = (await log.list_heads(session, round_id))[-1]
    leaves = await log.list_leaves(session, round_id, head.size)
    tree = await asyncio.to_thread(Tree, leaves)
    while len(TREES) >= MOST_TREES:
        del TREES[next(iter(TREES))]
    TREES[round_id] = head, tree, now
    return head, tree
