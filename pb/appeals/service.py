"""Appealing against a decision on an idea, and answering."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pb.appeals.forms import AnswerForm, AppealForm
from pb.appeals.models import Against, Appeal, AppealOutcome
from pb.appeals.queries import get_open_appeal, list_appeals
from pb.appeals.rules import Decision, find_decision, why_closed
from pb.audit import Deed
from pb.errors import NotAllowed, WrongPhase
from pb.estimates.queries import list_estimates
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import get_idea
from pb.language import gettext as _
from pb.notices.models import NoticeKind
from pb.notices.service import follow, tell
from pb.people.models import Person
from pb.permissions import Act, require
from pb.rounds.service import record
from pb.versions.queries import is_author


async def get_appealable(
    session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime
) -> tuple[Idea, Decision]:
    """The idea, locked, and the decision that `me` may appeal against now. Raises NotFound, or as `get_decision`."""
    idea = await get_idea(session, idea_id, for_act=True)
    return idea, await get_decision(session, me, idea, now)


async def get_decision(session: AsyncSession, me: Person | None, idea: Idea, now: datetime) -> Decision:
    """The decision on the idea that `me` may appeal against now.

    Raises NotSignedIn, NotAllowed, or WrongPhase with the reason.
    """
    require(me, Act.APPEAL, idea.round.scope, idea.round.windows, now=now)
    if not await is_author(session, idea, me):
        raise NotAllowed(_("Only its authors appeal against a decision on an idea."))
    decision = find_decision(idea, await list_estimates(session, idea.id))
    appealed = [appeal.decided_at for appeal in await list_appeals(session, idea.id)]
    closed = why_closed(decision, appealed, idea.round.confirmed_at is not None, now)
    if decision is None or closed:
        raise WrongPhase(closed or "")
    return decision


async def appeal(session: AsyncSession, me: Person | None, idea_id: UUID, form: AppealForm, now: datetime) -> None:
    """Ask for a decision to be looked at again, with public reasons. The author is told of the answer.

    The same words again, while they wait for it, are the same appeal. Raises as `get_appealable` does.
    """
    idea = await get_idea(session, idea_id, for_act=True)
    waiting = [asked for asked in await list_appeals(session, idea.id) if asked.answered_at is None]
    if me is not None and any((asked.person_id, asked.text) == (me.id, form.text) for asked in waiting):
        return
    decision = await get_decision(session, me, idea, now)
    about = {"idea_id": idea.id, "against": decision.against, "decided_at": decision.at}
    session.add(Appeal(person_id=me.id, text=form.text, at=now, **about))
    await follow(session, me.id, idea.id, now)


async def answer_appeal(
    session: AsyncSession, me: Person | None, idea_id: UUID, form: AnswerForm, now: datetime
) -> None:
    """Answer with public reasons and tell everybody who follows the idea.

    A refusal that is changed publishes the idea; an estimate that is changed is made again by the service.
    """
    idea = await get_idea(session, idea_id, for_act=True)
    require(me, Act.ANSWER_APPEAL, idea.round.scope, now=now)
    waiting = await get_open_appeal(session, idea.id)
    waiting.outcome, waiting.answer, waiting.answered_at, waiting.answered_by_id = form.outcome, form.answer, now, me.id
    changed = form.outcome is AppealOutcome.CHANGED
    if changed and waiting.against is Against.REFUSAL and idea.state is IdeaState.REFUSED:
        idea.state, idea.decided_at = IdeaState.PUBLISHED, now
    record(session, me, Act.ANSWER_APPEAL, idea.round, Deed.APPEAL_ANSWERED, idea.title, now=now)
    kind, title, path = NoticeKind.APPEAL_ANSWERED, idea.public_title, f"/ideas/{idea.id}"
    await tell(session, kind, [idea.id], title, path, now, detail=form.answer, but=me.id)
