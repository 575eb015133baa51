"""Writing an idea, sending it, and publishing or refusing it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pb.audit import Deed
from pb.errors import FieldErrors, Refusal, TooMany
from pb.ideas.forms import DecideForm, DraftForm, EnteredForm, IdeaForm
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import (
    check_choices,
    choose_id,
    count_drafts,
    find_missing,
    get_draft,
    get_idea,
    list_similar,
)
from pb.ideas.rules import (
    CONTENT,
    DRAFT_AGE,
    MOST_DRAFTS,
    MOST_TO_ADDRESS,
    MOST_UNCLAIMED,
    UNCLAIMED_AGE,
    Anybody,
    asked_name,
    guess_service,
    kept_for,
)
from pb.language import gettext as _
from pb.notices.models import NoticeKind
from pb.notices.service import follow, tell
from pb.people.models import Person, ShownName
from pb.people.service import add_person, name_person, sweep_people
from pb.permissions import Act, require
from pb.pictures.forms import Sent
from pb.pictures.service import delete_pictures, save_pictures, take_kept
from pb.rounds.models import Round
from pb.rounds.queries import get_visible_round
from pb.rounds.service import record


async def take_author(session: AsyncSession, me: Person | None, form: DraftForm, now: datetime) -> Person:
    """Who writes: `me`, or the owner of the address that somebody who is not signed in has typed.

    A new address gets an account. What an unknown hand typed changes nothing in it: the name is kept with the draft.
    Raises FieldErrors without an address, or with half a place.
    """
    if missing := form.find_missing(signed_in=me is not None):
        raise FieldErrors(**missing)
    if me is None:
        return await add_person(session, form.email, "", now)
    await name_person(session, me, form.name, form.unnamed)
    return me


async def save_draft(
    session: AsyncSession, me: Person | None, round_id: UUID, form: DraftForm, sent: Sent, now: datetime
) -> Idea:
    """Keep what is written, with its pictures, for its author alone. The same form with the same words is one draft.

    One that has been sent already is returned as it is. Raises NotFound, WrongPhase, FieldErrors or TooMany.
    """
    round_ = await get_visible_round(session, round_id, me, now)
    require(me or Anybody(), Act.SUBMIT_IDEA, round_.scope, round_.windows, now=now)
    await check_choices(session, form.area_id, form.service_id)
    author = await take_author(session, me, form, now)
    idea_id = await choose_id(session, me, round_id, form, sent)
    idea = await session.get(Idea, idea_id, with_for_update=True)
    if idea is None:
        idea = Idea(id=idea_id, round_id=round_id, author_id=author.id, submitted_at=now, state=IdeaState.DRAFT)
        idea.unclaimed = me is None
        await check_room(session, author, now, unclaimed=idea.unclaimed)
        begun = await add(session, idea, me, form, sent, now)
        return idea if begun else await save_draft(session, me, round_id, form, sent, now)
    if idea_id == form.submission and idea.state is IdeaState.DRAFT:
        await write(session, idea, form, sent, now)
    return idea


async def check_room(session: AsyncSession, author: Person, now: datetime, *, unclaimed: bool) -> None:
    """Sweep old drafts away. Raises TooMany if there is still no room for one more."""
    await sweep_drafts(session, now)
    if await count_drafts(session, author, unclaimed=unclaimed) >= (MOST_TO_ADDRESS if unclaimed else MOST_DRAFTS):
        if unclaimed:
            raise TooMany(_("Several ideas already wait for this address. Open the links in your mail, or sign in."))
        raise TooMany(_("You have many drafts already. Send or delete some of them first."))
    if unclaimed and await count_drafts(session, unclaimed=True) >= MOST_UNCLAIMED:
        raise TooMany(_("Very many ideas wait for their writers just now. Sign in first, then send yours."))


async def add(session: AsyncSession, idea: Idea, me: Person | None, form: DraftForm, sent: Sent, now: datetime) -> bool:
    """Write a new idea down, with the pictures kept for its form. False if the same form, sent at once, was faster."""
    copy_words(idea, form)
    if idea.unclaimed:
        idea.asked_name, idea.asked_unnamed = form.name, form.unnamed
    try:
        async with session.begin_nested():
            session.add(idea)
            await session.flush()
    except IntegrityError:
        await get_idea(session, idea.id)
        return False
    await take_kept(session, kept_for(me, form.submission), idea.id)
    await save_pictures(session, idea.id, sent, now)
    return True


def copy_words(idea: Idea, form: DraftForm) -> None:
    for name in CONTENT:
        setattr(idea, name, getattr(form, name))
    idea.shown_name = ShownName.AREA if form.unnamed else form.shown_name


async def write(session: AsyncSession, idea: Idea, form: DraftForm, sent: Sent, now: datetime) -> None:
    """Change a draft as its owner says."""
    copy_words(idea, form)
    idea.unclaimed, idea.asked_name, idea.asked_unnamed = False, "", False
    await save_pictures(session, idea.id, sent, now)


async def edit_draft(
    session: AsyncSession, me: Person | None, idea_id: UUID, form: DraftForm, sent: Sent, now: datetime
) -> Idea:
    """Change `me`'s own draft. Raises NotFound, WrongPhase or FieldErrors."""
    idea = await get_draft(session, me, idea_id)
    require(me, Act.SUBMIT_IDEA, idea.round.scope, idea.round.windows, now=now)
    await check_choices(session, form.area_id, form.service_id)
    await take_author(session, me, form, now)
    await write(session, idea, form, sent, now)
    return idea


async def sweep_drafts(session: AsyncSession, now: datetime) -> None:
    """Drafts that nobody has sent in `DRAFT_AGE`, or claimed in `UNCLAIMED_AGE`, go, and their pictures with them."""
    forgotten = and_(Idea.unclaimed, Idea.submitted_at < now - UNCLAIMED_AGE)
    old = (Idea.state == IdeaState.DRAFT, or_(Idea.submitted_at < now - DRAFT_AGE, forgotten))
    await delete_pictures(session, list(await session.scalars(delete(Idea).where(*old).returning(Idea.id))))


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Old drafts go, then the accounts made for them, or for an invitation, that nobody has claimed."""
    await sweep_drafts(session, now)
    await sweep_people(session, now - UNCLAIMED_AGE)


async def delete_draft(session: AsyncSession, me: Person | None, idea_id: UUID) -> Idea:
    """Delete `me`'s own draft and its pictures; what it was. Raises NotFound."""
    idea = await get_draft(session, me, idea_id)
    await delete_pictures(session, [idea.id])
    await session.delete(idea)
    return idea


async def send_idea(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> Idea:
    """Give the draft to the staff, who publish it. Its author follows it from now on.

    Raises NotFound, NotAllowed, WrongPhase, or FieldErrors if something is missing.
    """
    idea = await get_draft(session, me, idea_id)
    require(me, Act.SUBMIT_IDEA, idea.round.scope, idea.round.windows, now=now)
    await name_person(session, me, asked_name(idea), idea.asked_unnamed)
    if missing := await find_missing(session, idea):
        raise FieldErrors(**missing)
    idea.state, idea.submitted_at, idea.unclaimed = IdeaState.SUBMITTED, now, False
    await find_service(session, idea, idea.round)
    await follow(session, me.id, idea.id, now)
    return idea


async def find_service(session: AsyncSession, idea: Idea, round_: Round) -> None:
    """Give an idea that names no service to the one whose published ideas are most like it."""
    if idea.service_id is None:
        alike = await list_similar(session, idea.title, idea.description)
        known = [(other.service_id, likeness) for other, likeness in alike if other.service_id is not None]
        idea.service_id = guess_service(known, round_.service_id)


async def submit_idea(
    session: AsyncSession, me: Person | None, round_id: UUID, form: IdeaForm, now: datetime, sent: Sent | None = None
) -> Idea:
    """Write an idea and send it at once; the same form again gives the same idea.

    Raises what `save_draft` and `send_idea` raise.
    """
    idea = await save_draft(session, me, round_id, form, sent or Sent(), now)
    return await send_idea(session, me, idea.id, now) if idea.state is IdeaState.DRAFT else idea


async def enter_idea(
    session: AsyncSession, me: Person | None, round_id: UUID, form: EnteredForm, sent: Sent, now: datetime
) -> Idea:
    """Enter an idea on somebody's behalf: of a person with an address it is that person's, who is told.

    No name is shown; the same form again gives the same idea. Raises NotFound, NotAllowed, WrongPhase, FieldErrors.
    """
    round_ = await get_visible_round(session, round_id, me, now)
    require(me, Act.MODERATE_IDEA, round_.scope, round_.windows, now=now)
    await check_choices(session, form.area_id, form.service_id)
    idea_id = await choose_id(session, me, round_id, form, sent)
    if idea := await session.get(Idea, idea_id):
        return idea
    author = await add_person(session, form.email, "", now) if form.email else None
    idea = Idea(id=idea_id, round_id=round_id, author_id=author.id if author else None, submitted_at=now)
    idea.entered_by_id, idea.origin, idea.origin_note = me.id, form.origin, form.origin_note
    if not await add(session, idea, me, form, sent, now):
        return await get_idea(session, idea_id)
    idea.shown_name = ShownName.AREA
    await find_service(session, idea, round_)
    if author is not None:
        await follow(session, author.id, idea.id, now)
    record(session, me, Act.MODERATE_IDEA, round_, Deed.IDEA_ENTERED, idea.title, now=now)
    return idea


async def decide_idea(session: AsyncSession, me: Person | None, idea_id: UUID, form: DecideForm, now: datetime) -> Idea:
    """Publish the idea, or refuse it with a public reason, and tell its followers. A decision is made once.

    Theme, service and area are changed as the form says.
    """
    idea = await get_idea(session, idea_id, for_act=True)
    require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
    form.check()
    await check_choices(session, form.area_id, form.service_id)
    if idea.state is not IdeaState.SUBMITTED:
        raise Refusal(_("This idea has been decided already. Load the page again to see how."))
    sort_idea(session, me, idea, form, now)
    published = form.decision == "publish"
    idea.state = IdeaState.PUBLISHED if published else IdeaState.REFUSED
    idea.reason, idea.decided_at = form.reason, now
    deed = Deed.IDEA_PUBLISHED if published else Deed.IDEA_REFUSED
    record(session, me, Act.MODERATE_IDEA, idea.round, deed, idea.title, now=now)
    kind = NoticeKind.IDEA_PUBLISHED if published else NoticeKind.IDEA_REFUSED
    await tell(session, kind, [idea.id], idea.title, f"/ideas/{idea.id}", now, detail=form.reason, but=me.id)
    return idea


def sort_idea(session: AsyncSession, me: Person, idea: Idea, form: DecideForm, now: datetime) -> None:
    """Put the idea where the staff say, with an entry in the audit trail if anything moves."""
    wanted = {name: getattr(form, name) for name in ("area_id", "theme", "service_id") if name in form.model_fields_set}
    changed = {name: value for name, value in wanted.items() if getattr(idea, name) != value}
    for name, value in changed.items():
        setattr(idea, name, value)
    if changed:
        record(session, me, Act.MODERATE_IDEA, idea.round, Deed.IDEA_SORTED, idea.title, now=now)
