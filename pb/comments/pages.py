"""The comments of an idea, answers, reports, and what staff decide on them."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.comments import service
from pb.comments.forms import CommentForm, FlagForm, ModerateForm
from pb.comments.models import Comment
from pb.comments.queries import get_visible_comment, list_reasons, thread
from pb.comments.rules import signature, why_closed, writing
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, NotFound, Refusal
from pb.forms import read_form
from pb.ideas.models import Idea
from pb.ideas.queries import PUBLIC, get_visible_idea
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, require
from pb.versions.queries import get_shared_idea


class CommentsPages(Controller):
    """All comments of an idea at an address of their own, where a new one is written as well."""

    path = "/ideas/{idea_id:uuid}/comments"

    @get("/")
    async def show(self, session: Session, me: Me, idea_id: FromPath[UUID]) -> Template:
        idea, _mine = await get_shared_idea(session, idea_id, me)
        return await comments_page(session, idea, me)

    @post("/")
    async def write(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_visible_idea(session, idea_id, me)
        try:
            comment = await service.write_comment(session, me, idea_id, read_form(CommentForm, form), now)
        except FieldErrors as wrong:
            return await comments_page(session, idea, me, form, wrong.errors)
        except Refusal as refused:  # the sign-in ran out while writing, or very much was written: the text stays
            return await comments_page(session, idea, me, form, refused=refused)
        return Redirect(f"/ideas/{idea_id}#c-{comment.id}", status_code=303)


async def comments_page(
    session: AsyncSession,
    idea: Idea,
    me: Person | None,
    values: Any = None,
    errors: dict[str, str] | None = None,
    refused: Refusal | None = None,
) -> Template:
    said = await thread(session, idea, me, everything=True, values=values, errors=errors)
    return idea_page("all", idea, errors, refused, thread=said)


def idea_page(page: str, idea: Idea, errors: dict[str, str] | None, refused: Refusal | None, **more: Any) -> Template:
    context = {"round": idea.round, "idea": idea, "errors": errors or {}, "refusal": refused}
    status = 422 if errors else refused.status if refused else 200
    return Template(f"comments/{page}.html", context=context | more, status_code=status)


class CommentPages(Controller):
    """What can be done with one comment: answer it, report it, take one's own back, hide or keep it."""

    path = "/comments/{comment_id:uuid}"

    @get("/answer")
    async def ask_answer(self, session: Session, me: Me, now: Now, comment_id: FromPath[UUID]) -> Template:
        comment = await get_visible_comment(session, comment_id, me)
        require(me, Act.COMMENT, comment.idea.round.scope, now=now)
        if comment.parent_id or comment.hidden_at or comment.taken_back_at or why_closed(comment.idea):
            raise NotFound(_("This comment cannot be answered. Go back and load the page again."))
        return answer_page(comment, me)

    @post("/answer")
    async def answer(
        self, session: Session, me: Me, now: Now, form: Form, comment_id: FromPath[UUID]
    ) -> Template | Redirect:
        comment = await get_visible_comment(session, comment_id, me)
        try:
            answer = await service.answer_comment(session, me, comment_id, read_form(CommentForm, form), now)
        except FieldErrors as wrong:
            return answer_page(comment, me, form, wrong.errors)
        except Refusal as refused:
            return answer_page(comment, me, form, refused=refused)
        return Redirect(f"/ideas/{comment.idea_id}#c-{answer.id}", status_code=303)

    @get("/report")
    async def ask_report(self, session: Session, me: Me, now: Now, comment_id: FromPath[UUID]) -> Template:
        comment = await get_visible_comment(session, comment_id, me)
        require(me, Act.COMMENT, comment.idea.round.scope, now=now)
        return thing_page("report", comment.idea, comment)

    @post("/report", status_code=200)
    async def report(self, session: Session, me: Me, now: Now, form: Form, comment_id: FromPath[UUID]) -> Template:
        comment = await get_visible_comment(session, comment_id, me)
        try:
            await service.flag_comment(session, me, comment_id, read_form(FlagForm, form), now)
        except FieldErrors as wrong:
            return thing_page("report", comment.idea, comment, values=form, errors=wrong.errors)
        except Refusal as refused:
            return thing_page("report", comment.idea, comment, values=form, refused=refused)
        return thing_page("reported", comment.idea, comment)

    @get("/take-back")
    async def ask_take_back(self, session: Session, me: Me, now: Now, comment_id: FromPath[UUID]) -> Template:
        comment = await get_visible_comment(session, comment_id, me)
        require(me, Act.COMMENT, comment.idea.round.scope, now=now)
        await service.get_own_comment(session, comment_id, me)
        return thing_page("take_back", comment.idea, comment)

    @post("/take-back")
    async def take_back(self, session: Session, me: Me, now: Now, comment_id: FromPath[UUID]) -> Redirect:
        comment = await service.take_back(session, me, comment_id, now)
        return Redirect(f"/ideas/{comment.idea_id}#comments", status_code=303)

    @get("/moderate")
    async def ask_moderate(self, session: Session, me: Me, now: Now, comment_id: FromPath[UUID]) -> Template:
        comment = await get_visible_comment(session, comment_id, me)
        require(me, Act.MODERATE_COMMENT, comment.idea.round.scope, now=now)
        return thing_page("moderate", comment.idea, comment, await list_reasons(session, comment_id))

    @post("/moderate")
    async def moderate(
        self, session: Session, me: Me, now: Now, form: Form, comment_id: FromPath[UUID]
    ) -> Template | Redirect:
        comment = await get_visible_comment(session, comment_id, me)
        require(me, Act.MODERATE_COMMENT, comment.idea.round.scope, now=now)
        try:
            await service.moderate_comment(session, me, comment_id, read_form(ModerateForm, form), now)
        except FieldErrors as wrong:
            reasons = await list_reasons(session, comment_id)
            return thing_page("moderate", comment.idea, comment, reasons, form, wrong.errors)
        return Redirect(f"/ideas/{comment.idea_id}#c-{comment_id}", status_code=303)


def answer_page(
    comment: Comment,
    me: Person | None,
    values: Any = None,
    errors: dict[str, str] | None = None,
    refused: Refusal | None = None,
) -> Template:
    more = {"comment": comment, "name": signature(comment), "writing": writing(me, comment.idea, values, errors)}
    return idea_page("answer", comment.idea, errors, refused, **more)


def thing_page(
    page: str,
    idea: Idea,
    comment: Comment | None,
    reasons: list[str] | None = None,
    values: Any = None,
    errors: dict[str, str] | None = None,
    refused: Refusal | None = None,
) -> Template:
    """A page about a comment, or (with none) about the idea itself: `report`, `reported`, `take_back`, `moderate`."""
    name = signature(comment) if comment else ""
    more = {"comment": comment, "name": name, "reasons": reasons or [], "values": values or {}}
    return idea_page(page, idea, errors, refused, **more)


class IdeaReportPages(Controller):
    """The same for the idea itself: anybody reports it, staff hide or keep it."""

    path = "/ideas/{idea_id:uuid}"

    @get("/report")
    async def ask_report(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.COMMENT, idea.round.scope, now=now)
        return thing_page("report", idea, None)

    @post("/report", status_code=200)
    async def report(self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]) -> Template:
        idea = await get_visible_idea(session, idea_id, me)
        try:
            await service.flag_idea(session, me, idea_id, read_form(FlagForm, form), now)
        except FieldErrors as wrong:
            return thing_page("report", idea, None, values=form, errors=wrong.errors)
        except Refusal as refused:
            return thing_page("report", idea, None, values=form, refused=refused)
        return thing_page("reported", idea, None)

    @get("/moderate")
    async def ask_moderate(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_COMMENT, idea.round.scope, now=now)
        if idea.state not in PUBLIC:
            raise NotFound(_("This idea is not shown to others."))
        return thing_page("moderate", idea, None, await list_reasons(session, idea_id))

    @post("/moderate")
    async def moderate(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_COMMENT, idea.round.scope, now=now)
        try:
            await service.moderate_idea(session, me, idea_id, read_form(ModerateForm, form), now)
        except FieldErrors as wrong:
            return thing_page("moderate", idea, None, await list_reasons(session, idea_id), form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}", status_code=303)
