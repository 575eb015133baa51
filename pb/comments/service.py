"""Writing comments and taking them back, reporting them, and what staff decide."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pb.audit import Deed
from pb.comments.forms import CommentForm, FlagForm, ModerateForm
from pb.comments.models import Comment, Flag
from pb.comments.queries import count_recent, get_visible_comment, has_answers
from pb.comments.rules import HOUR, MOST_IN_AN_HOUR, speaks_for_city, why_closed
from pb.errors import NotAllowed, NotFound, Refusal, TooMany, WrongPhase
from pb.ideas.models import Idea
from pb.ideas.queries import PUBLIC, get_idea, get_visible_idea
from pb.language import gettext as _
from pb.notices import service as notices
from pb.notices.models import NoticeKind
from pb.people.models import Person, ShownName
from pb.permissions import Act, require
from pb.rounds.service import record


async def write_comment(
    session: AsyncSession, me: Person | None, idea_id: UUID, form: CommentForm, now: datetime
) -> Comment:
    """Comment on a published idea: shown at once, told to its followers, of whom the writer is one from now on.

    The same form again gives the same comment. Raises NotFound, NotSignedIn, WrongPhase, TooMany or FieldErrors.
    """
    return await add_comment(session, me, await get_visible_idea(session, idea_id, me), None, form, now)


async def answer_comment(
    session: AsyncSession, me: Person | None, comment_id: UUID, form: CommentForm, now: datetime
) -> Comment:
    """Answer a comment that stands and is no answer itself. Raises as `write_comment` does, and Refusal."""
    parent = await get_visible_comment(session, comment_id, me, for_act=True)  # so that it stays while it is answered
    if parent.parent_id is not None:
        raise Refusal(_("Answers have no answers of their own. Answer the comment above it."))
    if parent.hidden_at or parent.taken_back_at:
        raise Refusal(_("This comment is gone. Write a comment of your own on the idea's page."))
    return await add_comment(session, me, parent.idea, parent.id, form, now)


async def add_comment(
    session: AsyncSession, me: Person | None, idea: Idea, parent_id: UUID | None, form: CommentForm, now: datetime
) -> Comment:
    """The comment that this form makes, or has made before."""
    require(me, Act.COMMENT, idea.round.scope, now=now)
    if closed := why_closed(idea):
        raise WrongPhase(closed)
    form.check(me.name)
    if await count_recent(session, me.id, now - HOUR, form.submission) >= MOST_IN_AN_HOUR:
        raise TooMany(_("You have written very much within an hour. Your text stays here: send it a little later."))
    row = {
        "id": form.submission,
        "idea_id": idea.id,
        "parent_id": parent_id,
        "person_id": me.id,
        "shown_name": form.shown_name,
        "as_staff": idea.round.service.name if form.as_staff and speaks_for_city(me, idea.round.scope) else "",
        "text": form.text,
        "at": now,
    }
    added = await session.scalar(insert(Comment).values(row).on_conflict_do_nothing().returning(Comment.id))
    comment = await get_own_comment(session, form.submission, me)
    if added is None:
        if (comment.idea_id, comment.parent_id, comment.text) == (idea.id, parent_id, form.text):
            return comment
        # Another text in the same form, which the Back button brought: another comment.
        return await add_comment(session, me, idea, parent_id, form.model_copy(update={"submission": uuid4()}), now)
    await name_account(session, me, form)
    await notices.follow(session, me.id, idea.id, now)
    path = f"/ideas/{idea.id}#c-{comment.id}"
    await notices.tell(session, NoticeKind.COMMENTED, [idea.id], idea.title, path, now, but=me.id)
    return comment


async def get_own_comment(session: AsyncSession, comment_id: UUID, me: Person) -> Comment:
    """The comment of this id, if `me` wrote it. Raises NotFound."""
    comment = await get_visible_comment(session, comment_id, me)
    if comment.person_id != me.id:
        raise NotFound(_("There is no such comment. Its writer may have taken it back."))
    return comment


async def name_account(session: AsyncSession, me: Person, form: CommentForm) -> None:
    """Keep the name that somebody wants shown, where the account has none."""
    if form.name and form.shown_name is not ShownName.AREA and not me.unnamed:
        nameless = update(Person).where(Person.id == me.id, Person.name == "")
        await session.execute(nameless.values(name=form.name))


async def take_back(session: AsyncSession, me: Person | None, comment_id: UUID, now: datetime) -> Comment:
    """The writer takes a comment back: it goes, or, where others have answered it, its text does.

    Raises NotFound, NotSignedIn or NotAllowed.
    """
    comment = await get_visible_comment(session, comment_id, me, for_act=True)
    require(me, Act.COMMENT, comment.idea.round.scope, now=now)
    if comment.person_id != me.id:
        raise NotAllowed(_("Only its writer can take a comment back. If it should not stand, report it."))
    if await has_answers(session, comment.id):
        comment.text, comment.taken_back_at = "", comment.taken_back_at or now
        return comment
    await session.delete(comment)
    await session.flush()
    if comment.parent_id is not None:
        await sweep(session, comment.parent_id)
    return comment


async def sweep(session: AsyncSession, comment_id: UUID) -> None:
    """A comment that was taken back goes with its last answer."""
    if not await has_answers(session, comment_id):
        empty = delete(Comment).where(Comment.id == comment_id, Comment.taken_back_at.is_not(None))
        await session.execute(empty)


async def flag_comment(
    session: AsyncSession, me: Person | None, comment_id: UUID, form: FlagForm, now: datetime
) -> None:
    """Ask staff to look at a comment, once. Raises NotFound, NotSignedIn or Refusal."""
    comment = await get_visible_comment(session, comment_id, me)
    require(me, Act.COMMENT, comment.idea.round.scope, now=now)
    if comment.hidden_at or comment.taken_back_at:
        raise Refusal(_("This comment is gone already."))
    await add_flag(session, {"comment_id": comment.id, "person_id": me.id, "reason": form.reason, "at": now})


async def flag_idea(session: AsyncSession, me: Person | None, idea_id: UUID, form: FlagForm, now: datetime) -> None:
    """Ask staff to look at a public idea, once. Raises NotFound, NotSignedIn or Refusal."""
    idea = await get_visible_idea(session, idea_id, me)
    require(me, Act.COMMENT, idea.round.scope, now=now)
    if idea.state not in PUBLIC or idea.is_hidden:
        raise Refusal(_("This idea is not shown to others."))
    await add_flag(session, {"idea_id": idea.id, "person_id": me.id, "reason": form.reason, "at": now})


async def add_flag(session: AsyncSession, row: dict[str, object]) -> None:
    """Note the report; one that its writer has made before counts again once staff have settled it."""
    report = insert(Flag).values({"id": uuid4(), **row})
    thing = "comment_id" if "comment_id" in row else "idea_id"
    again = {"reason": report.excluded.reason, "at": report.excluded.at, "settled_at": None}
    settled = Flag.settled_at.is_not(None)
    await session.execute(report.on_conflict_do_update(index_elements=[thing, "person_id"], set_=again, where=settled))


async def settle(session: AsyncSession, thing_id: UUID, now: datetime) -> None:
    """What was reported of the comment or idea has been decided."""
    about = or_(Flag.comment_id == thing_id, Flag.idea_id == thing_id)
    await session.execute(update(Flag).where(about, Flag.settled_at.is_(None)).values(settled_at=now))


async def moderate_comment(
    session: AsyncSession, me: Person | None, comment_id: UUID, form: ModerateForm, now: datetime
) -> Comment:
    """Hide a comment with a public reason, or keep it (shown again, if it was hidden); its reports are settled.

    Raises NotFound, NotSignedIn, NotAllowed, Refusal or FieldErrors.
    """
    comment = await get_visible_comment(session, comment_id, me, for_act=True)
    require(me, Act.MODERATE_COMMENT, comment.idea.round.scope, now=now)
    form.check()
    if comment.taken_back_at:
        raise Refusal(_("Its writer has taken this comment back."))
    hides = form.decision == "hide"
    comment.hidden_at, comment.hidden_by_id = (now, me.id) if hides else (None, None)
    comment.hidden_reason = form.reason if hides else ""
    await settle(session, comment.id, now)
    deed = Deed.COMMENT_HIDDEN if hides else Deed.COMMENT_KEPT
    record(session, me, Act.MODERATE_COMMENT, comment.idea.round, deed, comment.idea.title, now=now)
    return comment


async def moderate_idea(
    session: AsyncSession, me: Person | None, idea_id: UUID, form: ModerateForm, now: datetime
) -> None:
    """Hide a public idea's words and pictures behind a public reason, or keep them (shown again, if hidden).

    Raises NotFound, NotSignedIn, NotAllowed, Refusal or FieldErrors.
    """
    idea = await get_idea(session, idea_id, for_act=True)
    require(me, Act.MODERATE_COMMENT, idea.round.scope, now=now)
    form.check()
    if idea.state not in PUBLIC:
        raise Refusal(_("This idea is not shown to others."))
    idea.hidden_reason = form.reason if form.decision == "hide" else ""
    await notices.retitle(session, f"/ideas/{idea.id}", idea.public_title)
    await settle(session, idea.id, now)
    deed = Deed.IDEA_HIDDEN if form.decision == "hide" else Deed.IDEA_KEPT
    record(session, me, Act.MODERATE_COMMENT, idea.round, deed, idea.title, now=now)
