"""Reads of comments, and of what was reported."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from pb.comments.models import Comment, Flag
from pb.comments.rules import FOLDED_AT, THREADS_SHOWN, Writing, signature, why_closed, writing
from pb.errors import NotFound
from pb.ideas.models import Idea
from pb.ideas.queries import get_visible_idea
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, acting_role

STANDS = Comment.hidden_at.is_(None) & Comment.taken_back_at.is_(None)


@dataclass(frozen=True)
class Said:
    """One comment as this visitor sees it. `folded`: many have reported it, and staff have not decided yet."""

    comment: Comment
    name: str
    mine: bool
    folded: bool
    sees_text: bool
    answers: list["Said"] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """The comments of an idea: newest first, answers under theirs oldest first.

    `count` is of all that stand, `left_out` how many older ones (with their answers) are not in `said`. `closed` says
    why nobody can comment, `writing` is the form for whoever may.
    """

    idea_id: UUID
    count: int
    said: list[Said]
    left_out: int
    closed: str | None
    writing: Writing | None
    may_moderate: bool


async def thread(
    session: AsyncSession,
    idea: Idea,
    me: Person | None,
    *,
    everything: bool = False,
    values: Any = None,
    errors: dict[str, str] | None = None,
) -> Thread:
    """The comments of `idea` (loaded with its round), the newest only or `everything`; `values` as they were sent."""
    counts = select(func.count().filter(STANDS), func.count().filter(Comment.parent_id.is_(None)))
    standing, threads = (await session.execute(counts.where(Comment.idea_id == idea.id))).one()
    may_moderate = acting_role(me, Act.MODERATE_COMMENT, idea.round.scope) is not None
    closed = why_closed(idea)
    said = await list_said(session, idea, me, may_moderate, None if everything else THREADS_SHOWN)
    return Thread(
        idea_id=idea.id,
        count=standing,
        said=said,
        left_out=threads - len(said),
        closed=closed,
        writing=writing(me, idea, values, errors) if values or (me and not closed) else None,
        may_moderate=may_moderate,
    )


async def list_said(
    session: AsyncSession, idea: Idea, me: Person | None, may_moderate: bool, most: int | None
) -> list[Said]:
    """The newest threads of the idea, `most` of them, in three queries however many there are."""
    signed = select(Comment).options(joinedload(Comment.person, innerjoin=True))
    newest = signed.where(Comment.idea_id == idea.id, Comment.parent_id.is_(None))
    above = list(await session.scalars(newest.order_by(Comment.at.desc(), Comment.id).limit(most)))
    under = signed.where(Comment.parent_id.in_([c.id for c in above])).order_by(Comment.at, Comment.id)
    below = list(await session.scalars(under))
    folded = await list_folded(session, (c.id for c in (*above, *below)))

    def say(comment: Comment) -> Said:
        mine = me is not None and me.id == comment.person_id
        sees_text = comment.hidden_at is None or mine or may_moderate
        return Said(comment, signature(comment), mine, comment.id in folded, sees_text)

    said = {comment.id: say(comment) for comment in above}
    for comment in below:
        assert comment.parent_id is not None  # as the query says
        said[comment.parent_id].answers.append(say(comment))
    return list(said.values())


async def list_folded(session: AsyncSession, comment_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the comments that so many have reported that they are folded until staff decide."""
    waiting = select(Flag.comment_id).where(Flag.comment_id.in_(list(comment_ids)), Flag.settled_at.is_(None))
    many = waiting.group_by(Flag.comment_id).having(func.count() >= FOLDED_AT)
    return {comment_id for comment_id in await session.scalars(many) if comment_id is not None}


async def get_visible_comment(
    session: AsyncSession, comment_id: UUID, me: Person | None, *, for_act: bool = False
) -> Comment:
    """The comment with its idea and round, if this visitor sees the idea; `for_act` locks it. Raises NotFound."""
    query = select(Comment).where(Comment.id == comment_id)
    if for_act:
        await session.execute(query.with_for_update().execution_options(populate_existing=True))
    loads = joinedload(Comment.person, innerjoin=True), joinedload(Comment.idea, innerjoin=True)
    found = await session.scalar(query.options(*loads))
    if found is None:
        raise NotFound(_("There is no such comment. Its writer may have taken it back."))
    await get_visible_idea(session, found.idea_id, me)
    return found


async def has_answers(session: AsyncSession, comment_id: UUID) -> bool:
    return bool(await session.scalar(select(select(Comment.id).where(Comment.parent_id == comment_id).exists())))


async def count_recent(session: AsyncSession, person_id: UUID, since: datetime, but: UUID) -> int:
    """How many comments the person has written after `since`, not counting the one called `but`."""
    recent = select(func.count()).where(Comment.person_id == person_id, Comment.at > since, Comment.id != but)
    return await session.scalar(recent) or 0


@dataclass(frozen=True)
class Flagged:
    """A comment, or (with none) an idea itself, that waits for staff's decision, and why people reported it."""

    idea: Idea
    comment: Comment | None
    reasons: list[str]
    path: str  # of the page where staff decide


async def list_flagged(session: AsyncSession, round_id: UUID) -> list[Flagged]:
    """What was reported in the round and not decided yet, the oldest report first."""
    rows = select(Flag, Comment, Idea).outerjoin(Comment, Comment.id == Flag.comment_id)
    rows = rows.join(Idea, Idea.id == func.coalesce(Flag.idea_id, Comment.idea_id))
    waiting = rows.where(Idea.round_id == round_id, Flag.settled_at.is_(None)).order_by(Flag.at, Flag.id)
    found: dict[UUID, Flagged] = {}
    for flag, comment, idea in await session.execute(waiting):
        path = f"/comments/{comment.id}/moderate" if comment else f"/ideas/{idea.id}/moderate"
        found.setdefault((comment or idea).id, Flagged(idea, comment, [], path)).reasons.append(flag.reason)
    return list(found.values())


async def list_reasons(session: AsyncSession, thing_id: UUID) -> list[str]:
    """Why people reported the comment or idea, as far as staff have not decided on it."""
    about = (Flag.comment_id == thing_id) | (Flag.idea_id == thing_id)
    reasons = select(Flag.reason).where(about, Flag.settled_at.is_(None)).order_by(Flag.at, Flag.id)
    return list(await session.scalars(reasons))
