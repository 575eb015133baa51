"""Supporting and following an idea, and taking either back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from pb.errors import Refusal, WrongPhase
from pb.ideas.models import IdeaState
from pb.ideas.queries import get_visible_idea
from pb.language import gettext as _
from pb.notices import service as notices
from pb.notices.models import Follow
from pb.people.models import Person
from pb.permissions import Act, require
from pb.supports.models import Support
from pb.supports.rules import why_closed


async def support_idea(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> None:
    """Support a published idea, once, and follow it. Raises NotFound, NotSignedIn or WrongPhase."""
    idea = await get_visible_idea(session, idea_id, me)
    if closed := why_closed(idea, now):
        raise WrongPhase(closed)
    require(me, Act.SUPPORT_IDEA, idea.round.scope, idea.round.windows, now=now)
    row = {"idea_id": idea.id, "person_id": me.id, "at": now}
    await session.execute(upsert(Support).values(row).on_conflict_do_nothing())
    await notices.follow(session, me.id, idea.id, now)


async def take_back_support(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> None:
    """Support the idea no more, while it is open to support; it is still followed. Raises as `support_idea` does."""
    idea = await get_visible_idea(session, idea_id, me)
    if closed := why_closed(idea, now):
        raise WrongPhase(closed)
    require(me, Act.SUPPORT_IDEA, idea.round.scope, idea.round.windows, now=now)
    await session.execute(delete(Support).where(Support.idea_id == idea.id, Support.person_id == me.id))


async def follow_idea(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> None:
    """Follow a published idea, in any phase. Raises NotFound, NotSignedIn or Refusal."""
    idea = await get_visible_idea(session, idea_id, me)
    require(me, Act.FOLLOW_IDEA, idea.round.scope, now=now)
    if idea.state is not IdeaState.PUBLISHED:
        raise Refusal(_("Only published ideas can be followed."))
    await notices.follow(session, me.id, idea.id, now)


async def unfollow_idea(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> None:
    """Follow the idea no more, whatever became of it. Raises NotFound or NotSignedIn."""
    idea = await get_visible_idea(session, idea_id, me)
    require(me, Act.FOLLOW_IDEA, idea.round.scope, now=now)
    await notices.unfollow(session, me.id, idea.id)


async def move_supports(session: AsyncSession, from_id: UUID, to_id: UUID, now: datetime) -> None:
    """When idea `from_id` is merged into `to_id`: its supporters support that one as well, each person once.

    The rows of the merged idea stay, so that its page shows the number it had; the time of a support goes along.
    Its followers follow the other idea from `now` on.
    """
    theirs = select(literal(to_id, Uuid()), Support.person_id, Support.at).where(Support.idea_id == from_id)
    supports = upsert(Support).from_select(["idea_id", "person_id", "at"], theirs)
    await session.execute(supports.on_conflict_do_nothing())
    when = literal(now, Follow.__table__.c.at.type)
    followers = select(Follow.person_id, literal(to_id, Uuid()), when).where(Follow.thing_id == from_id)
    follows = upsert(Follow).from_select(["person_id", "thing_id", "at"], followers)
    await session.execute(follows.on_conflict_do_nothing())


async def part_supports(
    session: AsyncSession, parted: Collection[UUID], former: Collection[UUID], staying: Collection[UUID]
) -> None:
    """When the ideas `parted` leave those they were merged into (`former`): supports that came with them go back.

    A support that came along has the time of the one it came from. Whoever supports one of the ideas `staying` there
    as well goes on supporting, since that time.
    """
    theirs, others = aliased(Support), aliased(Support)
    came = exists().where(theirs.idea_id.in_(parted), theirs.person_id == Support.person_id, theirs.at == Support.at)
    own = (others.idea_id.in_(staying), others.person_id == Support.person_id, others.at != Support.at)
    since = select(func.max(others.at)).where(*own).scalar_subquery()
    moved = (Support.idea_id.in_(former), came)
    off = {"synchronize_session": False}
    await session.execute(update(Support).where(*moved, since.is_not(None)).values(at=since), execution_options=off)
    await session.execute(delete(Support).where(*moved), execution_options=off)
