"""Submitting an idea, and publishing or refusing it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pb.audit import Deed
from pb.city.queries import get_area
from pb.errors import FieldErrors, NotFound, Refusal
from pb.ideas.forms import DecideForm, IdeaForm
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import get_idea
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, require
from pb.rounds.queries import get_visible_round
from pb.rounds.service import record


async def submit_idea(session: AsyncSession, me: Person | None, round_id: UUID, form: IdeaForm, now: datetime) -> Idea:
    """Add an idea to the round; staff publish it. The same form again gives the same idea.

    Raises NotFound, NotAllowed, WrongPhase or FieldErrors.
    """
    round_ = await get_visible_round(session, round_id, me, now)
    require(me, Act.SUBMIT_IDEA, round_.scope, round_.windows, now=now)
    if form.area_id is not None:
        try:
            await get_area(session, form.area_id)
        except NotFound:
            raise FieldErrors(area_id=_("Choose one of the areas.")) from None
    idea = Idea(
        id=form.submission,
        round_id=round_.id,
        area_id=form.area_id,
        author_id=me.id,
        title=form.title,
        description=form.description,
        submitted_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(idea)
            await session.flush()
    except IntegrityError:
        return await get_own_idea(session, form.submission, me)
    return idea


async def get_own_idea(session: AsyncSession, idea_id: UUID, me: Person) -> Idea:
    """The idea that this very form made when it was first sent. Raises NotFound if it is somebody else's."""
    idea = await get_idea(session, idea_id)
    if idea.author_id != me.id:
        raise NotFound(_("There is no such idea."))
    return idea


async def decide_idea(session: AsyncSession, me: Person | None, idea_id: UUID, form: DecideForm, now: datetime) -> Idea:
    """Publish the idea, or refuse it with a public reason. A decision is made once."""
    idea = await get_idea(session, idea_id, for_act=True)
    require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
    form.check()
    if idea.state is not IdeaState.SUBMITTED:
        raise Refusal(_("This idea has been decided already. Load the page again to see how."))
    idea.state = IdeaState.PUBLISHED if form.decision == "publish" else IdeaState.REFUSED
    idea.reason, idea.decided_at = form.reason, now
    deed = Deed.IDEA_PUBLISHED if form.decision == "publish" else Deed.IDEA_REFUSED
    record(session, me, Act.MODERATE_IDEA, idea.round, deed, idea.title, now=now)
    return idea
