"""Changing an idea's words, and writing it together."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from pb import clock, jobs
from pb.errors import FieldErrors, NotAllowed, WrongPhase
from pb.estimates.queries import list_estimates
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import get_idea, wrote
from pb.language import gettext as _
from pb.language import in_language
from pb.mail import one_line, send_mail
from pb.notices.models import NoticeKind
from pb.notices.service import follow, tell
from pb.people.models import Person, ShownName
from pb.people.queries import count_links
from pb.people.service import MOST_LINKS, add_person, make_sign_in_link, name_person, require_person
from pb.permissions import Act, require
from pb.settings import get_settings
from pb.translation import plain
from pb.versions.forms import EditForm, InviteForm, JoinForm
from pb.versions.models import CoAuthor, IdeaVersion
from pb.versions.queries import (
    count_changes,
    find_why_no_joining,
    first_name,
    get_invitation,
    is_author,
    list_co_authors,
)
from pb.versions.rules import MOST_CO_AUTHORS, why_closed


async def get_editable(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> Idea:
    """The idea, locked, if `me` is one of its authors and its words may change now.

    Raises NotFound, NotSignedIn, NotAllowed or WrongPhase with the rule in a sentence.
    """
    idea = await get_idea(session, idea_id, for_act=True)
    if not await is_author(session, idea, require_person(me)):
        raise NotAllowed(_("Only its authors change the words of an idea. Staff never do."))
    if closed := why_closed(idea, bool(await list_estimates(session, idea.id)), now):
        raise WrongPhase(closed)
    return idea


async def edit_idea(session: AsyncSession, me: Person | None, idea_id: UUID, form: EditForm, now: datetime) -> None:
    """Change title and text, keep the old ones, and tell the followers of a published idea.

    The same form again is no change. Raises FieldErrors if nothing changed, or another author changed the words
    meanwhile.
    """
    idea = await get_editable(session, me, idea_id, now)
    new = {"title": form.title, "description": plain(form.description)}
    changed = [name for name, words in new.items() if words != plain(getattr(idea, name))]
    if form.changes != await count_changes(session, idea.id):
        if not changed:
            return
        raise FieldErrors(description=_("Another author changed the idea while you wrote. Look, then save again."))
    if not changed:
        raise FieldErrors(description=_("The text is the same as before."))
    session.add(IdeaVersion(idea_id=idea.id, at=now, person_id=me.id, title=idea.title, description=idea.description))
    for name in changed:
        setattr(idea, name, new[name])
    if idea.state is IdeaState.PUBLISHED:
        title, path = idea.public_title, f"/ideas/{idea.id}/history"
        await tell(session, NoticeKind.IDEA_EDITED, [idea.id], title, path, now, but=me.id)


async def get_own_idea(session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> Idea:
    """The idea, locked, if `me` is its first author. Raises NotFound, NotSignedIn or NotAllowed."""
    idea = await get_idea(session, idea_id, for_act=True)
    require(me, Act.FOLLOW_IDEA, idea.round.scope, now=now)
    if not wrote(me, idea):
        raise NotAllowed(_("Only its author asks others to write the idea together."))
    return idea


async def invite(session: AsyncSession, me: Person | None, idea_id: UUID, form: InviteForm, now: datetime) -> None:
    """Ask the owner of an address to write the idea together: a mail leads to the question, in her language.

    Whether the address was known is not told. Raises WrongPhase once the idea is past changing, or FieldErrors.
    """
    idea = await get_own_idea(session, me, idea_id, now)
    if closed := await find_why_no_joining(session, idea, now):
        raise WrongPhase(closed)
    if form.email == me.email:
        raise FieldErrors(email=_("This is your own address. Write your co-author's."))
    asked = {co.person.email: co for co in await list_co_authors(session, [idea.id])}
    if form.email not in asked:
        if len(asked) >= MOST_CO_AUTHORS:
            raise FieldErrors(email=_("An idea has %(n)s co-authors at most.") % {"n": MOST_CO_AUTHORS})
        person = await add_person(session, form.email, "", now)
        session.add(CoAuthor(idea_id=idea.id, person_id=person.id, invited_at=now, shown_name=ShownName.AREA))
    elif asked[form.email].accepted_at is not None:
        return
    await jobs.enqueue(session, mail_invitation, idea_id=str(idea.id), email=form.email)


@jobs.job
async def mail_invitation(context: jobs.Context, idea_id: str, email: str) -> None:
    """Say who asks, and for which idea, unless that was taken back or answered, or the words were hidden, since.

    The first link signs in, and so nobody's mailbox is filled from here; the second works while the question stands.
    """
    async with context.sessions() as session, session.begin():
        asked = {co.person.email: co for co in await list_co_authors(session, [UUID(idea_id)])}.get(email)
        idea = await get_idea(session, UUID(idea_id))
        if asked is None or asked.accepted_at is not None or idea.is_hidden:
            return
        if await count_links(session, email, clock.now()) >= MOST_LINKS:
            return
        path = f"/ideas/{idea_id}/join"
        link = await make_sign_in_link(session, email, path, clock.now())
    settings = get_settings()
    with in_language(asked.person.language):
        subject = _("Write an idea together?")
        body = _(
            "%(who)s asks you to write the idea “%(title)s” together.\n\nOpen this link and press Sign in:\n\n"
            "%(link)s\n\nIt works once, within %(n)s minutes. After that, open this one:\n\n%(later)s\n\n"
            "You choose whether you join, and how you are named. If you do not want to, do nothing."
        )
        words = {"who": first_name(idea), "title": one_line(idea.title), "n": settings.sign_in_minutes}
        body %= words | {"link": link, "later": f"{settings.address}{path}"}
    await send_mail(email, subject, body)


async def remove_author(
    session: AsyncSession, me: Person | None, idea_id: UUID, person_id: UUID, now: datetime
) -> None:
    """The first author takes back an invitation, or parts from a co-author."""
    idea = await get_own_idea(session, me, idea_id, now)
    await session.execute(delete(CoAuthor).where(CoAuthor.idea_id == idea.id, CoAuthor.person_id == person_id))


async def answer_invitation(
    session: AsyncSession, me: Person | None, idea_id: UUID, form: JoinForm, now: datetime
) -> None:
    """Become a co-author, change how one is named, or decline (or leave later on).

    Raises NotSignedIn, NotFound, WrongPhase where nobody can join any more, or FieldErrors for a name that is to be
    shown and was not given.
    """
    asked = await get_invitation(session, me, idea_id)
    if form.answer == "leave":
        await session.delete(asked)
        return
    idea = await get_idea(session, idea_id, for_act=True)
    if asked.accepted_at is None and (closed := await find_why_no_joining(session, idea, now)):
        raise WrongPhase(closed)
    await name_person(session, me, form.name, form.unnamed)
    if form.shown_name is not ShownName.AREA and not me.name and not me.unnamed:
        raise FieldErrors(name=_("Write your name, or choose that it is not shown."))
    asked.shown_name = ShownName.AREA if me.unnamed else form.shown_name
    asked.accepted_at = asked.accepted_at or now
    await follow(session, me.id, idea_id, now)
