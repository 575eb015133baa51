"""An idea's history, the form for its words, and its co-authors."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, NotFound
from pb.forms import read_form
from pb.ideas.models import Idea
from pb.ideas.queries import get_idea, sees_text
from pb.language import gettext as _
from pb.merging.queries import list_merges
from pb.people.models import Person
from pb.versions import service
from pb.versions.forms import EditForm, InviteForm, JoinForm
from pb.versions.models import CoAuthor
from pb.versions.queries import (
    count_changes,
    find_why_no_joining,
    first_name,
    get_invitation,
    get_shared_idea,
    list_changes,
    list_co_authors,
    list_names,
)
from pb.versions.rules import MOST_CO_AUTHORS


class VersionPages(Controller):
    path = "/ideas/{idea_id:uuid}"

    @get("/history")
    async def history(self, session: Session, me: Me, idea_id: FromPath[UUID]) -> Template:
        idea, mine = await get_shared_idea(session, idea_id, me)
        if not mine and not sees_text(me, idea):
            raise NotFound(_("The words of this idea are not shown."))
        changes, older = await list_changes(session, idea)
        context = {
            "round": idea.round,
            "idea": idea,
            "changes": changes,
            "older": older,
            "merges": await list_merges(session, idea.id),
        }
        return Template("versions/history.html", context=context)

    @get("/text")
    async def words(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await service.get_editable(session, me, idea_id, now)
        return await edit_page(session, idea, {"title": idea.title, "description": idea.description}, {})

    @post("/text")
    async def edit(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await service.get_editable(session, me, idea_id, now)
        try:
            await service.edit_idea(session, me, idea_id, read_form(EditForm, form), now)
        except FieldErrors as wrong:
            return await edit_page(session, idea, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}", status_code=303)

    @get("/authors")
    async def authors(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await service.get_own_idea(session, me, idea_id, now)
        return await authors_page(session, idea, {}, {})

    @post("/authors")
    async def invite(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await service.get_own_idea(session, me, idea_id, now)
        try:
            await service.invite(session, me, idea_id, read_form(InviteForm, form), now)
        except FieldErrors as wrong:
            return await authors_page(session, idea, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}/authors", status_code=303)

    @post("/authors/{key:uuid}/remove")
    async def remove(
        self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Redirect:
        await service.remove_author(session, me, idea_id, key, now)
        return Redirect(f"/ideas/{idea_id}/authors", status_code=303)

    @get("/join")
    async def invited(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        asked = await get_invitation(session, me, idea_id)
        values = {"shown_name": asked.shown_name, "name": me.name, "unnamed": me.unnamed}
        return await join_page(session, me, asked, now, values, {})

    @post("/join")
    async def join(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        asked = await get_invitation(session, me, idea_id)
        try:
            read = read_form(JoinForm, form)
            await service.answer_invitation(session, me, idea_id, read, now)
        except FieldErrors as wrong:
            return await join_page(session, me, asked, now, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}" if read.answer == "accept" else "/", status_code=303)


async def edit_page(session: AsyncSession, idea: Idea, values: Any, errors: dict[str, str]) -> Template:
    context = {
        "round": idea.round,
        "idea": idea,
        "values": values,
        "errors": errors,
        "changes": await count_changes(session, idea.id),
    }
    return Template("versions/text.html", context=context, status_code=422 if errors else 200)


async def authors_page(session: AsyncSession, idea: Idea, values: Any, errors: dict[str, str]) -> Template:
    context = {
        "round": idea.round,
        "idea": idea,
        "authors": await list_co_authors(session, [idea.id]),
        "names": (await list_names(session, [idea]))[idea.id],
        "most": MOST_CO_AUTHORS,
        "values": values,
        "errors": errors,
    }
    return Template("versions/authors.html", context=context, status_code=422 if errors else 200)


async def join_page(
    session: AsyncSession, me: Person | None, asked: CoAuthor, now: datetime, values: Any, errors: dict[str, str]
) -> Template:
    idea = await get_idea(session, asked.idea_id)
    accepted = asked.accepted_at is not None
    context = {
        "round": idea.round,
        "idea": idea,
        "me": me,
        "author": first_name(idea),
        "accepted": accepted,
        "closed": None if accepted else await find_why_no_joining(session, idea, now),
        "values": values,
        "errors": errors,
    }
    return Template("versions/join.html", context=context, status_code=422 if errors else 200)
