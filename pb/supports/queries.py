"""Reads of supports."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.ideas.models import Idea, IdeaState
from pb.notices.models import Follow
from pb.people.models import Person
from pb.supports.models import Support
from pb.supports.rules import why_closed


@dataclass(frozen=True)
class SupportBox:
    """What an idea's page shows of its support: the number, and what this visitor did or may do.

    `closed` says why nobody can support the idea now; None while it is open.
    """

    idea_id: UUID
    count: int
    signed_in: bool
    mine: bool
    follows: bool
    may_follow: bool
    closed: str | None


async def count_supports(session: AsyncSession, idea_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many people support each of the ideas; one without supporters has 0."""
    counts = select(Support.idea_id, func.count()).where(Support.idea_id.in_(idea_ids)).group_by(Support.idea_id)
    return dict.fromkeys(idea_ids, 0) | dict((await session.execute(counts)).all())


async def support_box(session: AsyncSession, idea: Idea, me: Person | None, now: datetime) -> SupportBox:
    """The box of `idea`, which is loaded with its round."""
    counts = await count_supports(session, [idea.id])
    mine = follows = False
    if me is not None:
        supported = exists().where(Support.idea_id == idea.id, Support.person_id == me.id)
        followed = exists().where(Follow.thing_id == idea.id, Follow.person_id == me.id)
        mine, follows = (await session.execute(select(supported, followed))).one()
    return SupportBox(
        idea_id=idea.id,
        count=counts[idea.id],
        signed_in=me is not None,
        mine=mine,
        follows=follows,
        may_follow=idea.state is IdeaState.PUBLISHED,
        closed=why_closed(idea, now),
    )
