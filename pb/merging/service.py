"""Merging an idea into another one, and undoing it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.audit import Deed
from pb.errors import FieldErrors, NotFound, Refusal
from pb.estimates.queries import find_project_of
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import get_idea
from pb.language import gettext as _
from pb.merging.forms import MergeForm
from pb.merging.models import Merge
from pb.merging.queries import find_merge, list_pairs
from pb.merging.rules import may_merge, with_all_under
from pb.notices.models import NoticeKind
from pb.notices.service import tell
from pb.people.models import Person
from pb.permissions import Act, require
from pb.rounds.queries import get_round
from pb.rounds.service import record
from pb.supports.service import move_supports, part_supports


async def lock_ideas(session: AsyncSession, me: Person | None, ids: Collection[UUID], now: datetime) -> list[Idea]:
    """The ideas, in the order given, locked with the first one's round for an act of its staff.

    They are locked by id, so that two merges at once do not wait for each other. Raises NotFound, NotAllowed,
    WrongPhase, or Refusal once the ballot is confirmed.
    """
    locked = {idea_id: await get_idea(session, idea_id, for_act=True) for idea_id in sorted(set(ids))}
    ideas = [locked[idea_id] for idea_id in ids]
    round_ = await get_round(session, ideas[0].round_id, for_act=True)
    require(me, Act.MODERATE_IDEA, round_.scope, round_.windows, now=now)
    if round_.confirmed_at is not None:
        raise Refusal(_("The ballot is confirmed. Rules, money and projects can no longer be changed."))
    return ideas


async def merge_idea(session: AsyncSession, me: Person | None, idea_id: UUID, form: MergeForm, now: datetime) -> Idea:
    """Let another published idea of the round take this one in, for a public reason; the idea that did.

    Its supporters and followers (each counted once) and what was merged into it go along, and everybody is told.
    """
    form.check()
    assert form.into is not None
    try:
        idea, into = await lock_ideas(session, me, [idea_id, form.into], now)
    except NotFound:
        raise FieldErrors(into=_("Choose the idea that takes this one in.")) from None
    if not may_merge(idea) or await find_project_of(session, idea.id):
        raise Refusal(_("Only a published idea that is not hidden and has no project yet can be merged."))
    if idea.id == into.id or not may_merge(into) or into.round_id != idea.round_id:
        raise FieldErrors(into=_("Choose another published idea of this round, one that is not merged itself."))
    before = list(await session.scalars(select(Idea).where(Idea.merged_into_id == idea.id).with_for_update()))
    session.add(Merge(idea_id=idea.id, into_id=into.id, reason=form.reason, at=now))
    idea.state = IdeaState.MERGED
    for moved in (idea, *before):
        moved.merged_into_id = into.id
    await move_supports(session, idea.id, into.id, now)
    record(session, me, Act.MODERATE_IDEA, idea.round, Deed.IDEAS_MERGED, idea.title, now=now)
    about, path = [idea.id, into.id, *(moved.id for moved in before)], f"/ideas/{idea.id}"
    await tell(session, NoticeKind.IDEA_MERGED, about, idea.title, path, now, detail=form.reason, but=me.id)
    return into


async def unmerge_idea(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> None:
    """Part a merged idea again, with all that came along with it. Supports that came with it go back.

    Who followed both goes on doing so. Raises NotFound, NotAllowed, WrongPhase or Refusal.
    """
    (idea,) = await lock_ideas(session, me, [idea_id], now)
    merge = await find_merge(session, idea.id)
    if merge is None or idea.merged_into_id is None:
        raise Refusal(_("This idea is not merged. Load the page again to see where it stands."))
    former = idea.merged_into_id
    siblings = await session.scalars(select(Idea).where(Idea.merged_into_id == former).with_for_update())
    together = {sibling.id: sibling for sibling in siblings}
    parted = with_all_under(idea.id, await list_pairs(session, list(together)))
    merge.undone_at = now
    idea.state, idea.merged_into_id = IdeaState.PUBLISHED, None
    for other in parted - {idea.id}:
        together[other].merged_into_id = idea.id
    await session.flush()
    await part_supports(session, parted, {former, merge.into_id}, set(together) - parted)
    record(session, me, Act.MODERATE_IDEA, idea.round, Deed.MERGE_UNDONE, idea.title, now=now)
    path = f"/ideas/{idea.id}"
    await tell(session, NoticeKind.IDEA_PARTED, [idea.id], idea.public_title, path, now, but=me.id)
