"""Reads of merges."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from pb.ideas.models import Idea
from pb.ideas.queries import LOAD_IDEA, list_similar
from pb.merging.models import Merge


async def find_merge(session: AsyncSession, idea_id: UUID) -> Merge | None:
    """The merge of this idea that stands."""
    return await session.scalar(select(Merge).where(Merge.idea_id == idea_id, Merge.undone_at.is_(None)))


async def list_merged(session: AsyncSession, idea_id: UUID) -> list[Idea]:
    """The ideas that are now merged into this one, oldest first."""
    query = select(Idea).where(Idea.merged_into_id == idea_id).options(*LOAD_IDEA)
    return list(await session.scalars(query.order_by(Idea.submitted_at, Idea.id)))


async def list_merges(session: AsyncSession, idea_id: UUID) -> list[tuple[Merge, Idea, Idea]]:
    """Every merge of or into this idea with both ideas, those that were undone too, newest first."""
    merged, into = aliased(Idea), aliased(Idea)
    query = select(Merge, merged, into).join(merged, merged.id == Merge.idea_id).join(into, into.id == Merge.into_id)
    ours = query.where(or_(Merge.idea_id == idea_id, Merge.into_id == idea_id))
    rows = await session.execute(ours.order_by(Merge.at.desc(), Merge.id))
    return [(merge, idea, other) for merge, idea, other in rows]


async def list_pairs(session: AsyncSession, ideas: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """(merged, into) of the standing merges of these ideas."""
    query = select(Merge.idea_id, Merge.into_id).where(Merge.idea_id.in_(ideas), Merge.undone_at.is_(None))
    return [(merged, into) for merged, into in await session.execute(query)]


async def list_targets(session: AsyncSession, idea: Idea, words: str) -> list[Idea]:
    """Published ideas of the same round that are like the words, or (without any) like the idea itself."""
    title, description = (words, "") if words else (idea.title, idea.description)
    found = await list_similar(session, title, description, round_id=idea.round_id, limit=20)
    return [other for other, _likeness in found if other.id != idea.id]
