"""Writing an idea, entering one on somebody's behalf, and the staff's decision on it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.city.queries import list_areas, list_services
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, Refusal
from pb.forms import read_form
from pb.ideas import service
from pb.ideas.forms import DecideForm, DraftForm, EnteredForm, IdeaForm, read_fine, read_idea, read_key
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import check_choices, find_similar, get_draft, get_visible_idea
from pb.ideas.rules import CONTENT, UNCLAIMED_AGE, Anybody, asked_name, kept_for, theme_names
from pb.people.models import Person
from pb.people.rules import shown
from pb.people.service import ask_sign_in, require_person
from pb.permissions import Act, refusal, require
from pb.pictures.forms import Sent, read_pictures
from pb.pictures.pages import PictureForms
from pb.pictures.queries import list_pictures
from pb.pictures.service import keep_pictures
from pb.rounds.models import Round
from pb.rounds.queries import get_visible_round
from pb.translation import text_of


async def form_page(
    session: AsyncSession, name: str, round_: Round, me: Person | None, values: Any, errors: dict[str, str], **more: Any
) -> Template:
    """A page with the idea's form, filled in with `values`; similar ideas too, if those were asked for."""
    refused: Refusal | None = more.get("refusal")
    asked = values.get("act") == "similar"
    context = {
        "round": round_,
        "me": me,
        "areas": await list_areas(session),
        "services": await list_services(session),
        "themes": theme_names(),
        "values": values,
        "errors": {} if asked else errors,
        "submission": values.get("submission") or uuid4(),
        "similar": await find_similar(session, round_.id, values) if asked else None,
        "refusal": refused,
        "pictures": [],
        "lost": False,
    }
    status = refused.status if refused and values else 422 if context["errors"] else 200
    return Template(f"ideas/{name}.html", context=context | more, status_code=status)


class NewIdeaPages(PictureForms):
    path = "/rounds/{round_id:uuid}/ideas/new"

    @get("/")
    async def blank(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        refused = refusal(me or Anybody(), Act.SUBMIT_IDEA, round_.scope, round_.windows, now)
        return await form_page(session, "new", round_, me, {}, {}, refusal=refused)

    @post("/", status_code=200)
    async def submit(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await get_visible_round(session, round_id, me, now)
        try:
            require(me or Anybody(), Act.SUBMIT_IDEA, round_.scope, round_.windows, now=now)
            form_id = kept_for(me, read_key(form).submission)
            kept = await list_pictures(session, [form_id])
            sent = await read_pictures(form, [picture.place for picture in kept])
            errors = {}
            try:
                if answer := await take(session, me, round_, form, sent, now):
                    return answer
            except FieldErrors as wrong:
                errors = wrong.errors
            if sent.new or kept:  # a page cannot hold pictures
                await keep_pictures(session, form_id, sent, now)
                kept = await list_pictures(session, [form_id])
        except Refusal as refused:  # the phase ran out while writing: the text stays on the page
            return await form_page(session, "new", round_, me, form, {}, refusal=refused)
        lost = bool(sent.new) and not kept
        return await form_page(session, "new", round_, me, form, errors, pictures=kept, lost=lost)


async def take(
    session: AsyncSession, me: Person | None, round_: Round, form: FormMultiDict, sent: Sent, now: datetime
) -> Template | Redirect | None:
    """Send what was written, or keep it as a draft; None if only similar ideas are looked for.

    Raises FieldErrors or a Refusal.
    """
    act = form.get("act")
    if act == "similar":
        return None
    data = read_idea(form, DraftForm if act == "draft" else IdeaForm, sent, signed_in=me is not None)
    if me is None:
        idea = await service.save_draft(session, None, round_.id, data, sent, now)
        await ask_sign_in(session, data.email, f"/ideas/{idea.id}")
        return Template("ideas/mailed.html", context={"round": round_, "email": data.email, "days": UNCLAIMED_AGE.days})
    if act == "draft":
        idea = await service.save_draft(session, me, round_.id, data, sent, now)
        return Redirect(f"/ideas/{idea.id}/draft", status_code=303)
    idea = await service.submit_idea(session, me, round_.id, data, now, sent)
    return Redirect(f"/ideas/{idea.id}", status_code=303)


class DraftPages(PictureForms):
    path = "/ideas/{idea_id:uuid}"

    @get(["/draft", "/send"])  # a page that answers `send` is asked for again in another language
    async def show(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template | Redirect:
        idea = await get_visible_idea(session, idea_id, require_person(me))
        if idea.state is not IdeaState.DRAFT:
            return Redirect(f"/ideas/{idea_id}", status_code=303)
        return await draft_page(session, me, idea, draft_values(idea), {}, now)

    @post("/draft", status_code=200)
    async def save(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_draft(session, me, idea_id)
        require(me, Act.SUBMIT_IDEA, idea.round.scope, idea.round.windows, now=now)
        sent = await read_pictures(form, [picture.place for picture in await list_pictures(session, [idea_id])])
        errors = {}
        try:
            data = read_idea(form, DraftForm, sent, signed_in=True)
            await check_choices(session, data.area_id, data.service_id)
        except FieldErrors as wrong:
            errors = wrong.errors
            data = read_fine(form, errors)
        await service.edit_draft(session, me, idea_id, data, sent, now)
        if errors or form.get("act") == "similar":
            idea = await get_draft(session, me, idea_id)
            return await draft_page(session, me, idea, form, errors, now)
        return Redirect(f"/ideas/{idea_id}/draft", status_code=303)

    @post("/send", status_code=200)
    async def send(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template | Redirect:
        try:
            await service.send_idea(session, me, idea_id, now)
        except FieldErrors as wrong:
            idea = await get_draft(session, me, idea_id)
            return await draft_page(session, me, idea, draft_values(idea), wrong.errors, now)
        return Redirect(f"/ideas/{idea_id}", status_code=303)

    @post("/delete")
    async def delete(self, session: Session, me: Me, idea_id: FromPath[UUID]) -> Redirect:
        idea = await service.delete_draft(session, me, idea_id)
        return Redirect(f"/rounds/{idea.round_id}/ideas", status_code=303)


def draft_values(idea: Idea) -> dict[str, Any]:
    asked = {"name": asked_name(idea), "unnamed": idea.asked_unnamed, "submission": idea.id}
    return {name: getattr(idea, name) for name in (*CONTENT, "shown_name")} | asked


async def draft_page(
    session: AsyncSession, me: Person | None, idea: Idea, values: Any, errors: dict[str, str], now: datetime
) -> Template:
    author = idea.author
    name, unnamed = author.name or idea.asked_name, author.unnamed or idea.asked_unnamed
    named = shown(name, unnamed, idea.shown_name, text_of(idea.area, "name") if idea.area else None)
    late = refusal(me, Act.SUBMIT_IDEA, idea.round.scope, idea.round.windows, now)
    more = {"idea": idea, "named": named, "pictures": await list_pictures(session, [idea.id]), "late": late}
    return await form_page(session, "draft", idea.round, me, values, errors, **more)


class EnterPages(PictureForms):
    path = "/rounds/{round_id:uuid}/ideas/enter"

    @get("/")
    async def blank(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        require(me, Act.MODERATE_IDEA, round_.scope, round_.windows, now=now)
        return await form_page(session, "enter", round_, me, {}, {})

    @post("/", status_code=200)
    async def enter(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await get_visible_round(session, round_id, me, now)
        require(me, Act.MODERATE_IDEA, round_.scope, round_.windows, now=now)
        sent = await read_pictures(form)
        errors = {}
        try:
            if form.get("act") != "similar":
                data = read_idea(form, EnteredForm, sent, signed_in=True)
                idea = await service.enter_idea(session, me, round_id, data, sent, now)
                return Redirect(f"/ideas/{idea.id}", status_code=303)
        except FieldErrors as wrong:
            errors = wrong.errors
        return await form_page(session, "enter", round_, me, form, errors, lost=bool(sent.new))


@get("/rounds/{round_id:uuid}/ideas/similar")
async def similar_ideas(
    session: Session,
    me: Me,
    now: Now,
    round_id: FromPath[UUID],
    title: FromQuery[str] = "",
    description: FromQuery[str] = "",
) -> Template:
    """A piece of a page for `idea.js`: published ideas like the one being written."""
    round_ = await get_visible_round(session, round_id, me, now)
    found = await find_similar(session, round_.id, {"title": title, "description": description})
    return Template("ideas/similar.html", context={"similar": found})


class DecidePages(Controller):
    path = "/ideas/{idea_id:uuid}/decide"

    @get("/")
    async def ask(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
        return await decide_page(session, me, idea, draft_values(idea), {})

    @post("/")
    async def decide(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
        try:
            await service.decide_idea(session, me, idea_id, read_form(DecideForm, form), now)
        except FieldErrors as wrong:
            return await decide_page(session, me, idea, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}", status_code=303)


async def decide_page(
    session: AsyncSession, me: Person | None, idea: Idea, values: Any, errors: dict[str, str]
) -> Template:
    more = {"idea": idea, "pictures": await list_pictures(session, [idea.id])}
    return await form_page(session, "decide", idea.round, me, values, errors, **more)
