"""A round's ideas, an idea's own page, and the staff's decision on it."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.city.queries import list_areas
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, Refusal
from pb.estimates.queries import find_project_of, list_estimates
from pb.forms import read_form
from pb.ideas import service
from pb.ideas.forms import DecideForm, IdeaForm
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import get_visible_idea, list_own_ideas, list_public_ideas
from pb.people.models import Person
from pb.permissions import Act, reads_unpublished, refusal, require
from pb.rounds.models import Round
from pb.rounds.queries import get_visible_round


async def idea_form(
    session: AsyncSession, round_: Round, values: Any, errors: dict[str, str], refused: Any, status: int
) -> Template:
    context = {
        "round": round_,
        "areas": await list_areas(session),
        "values": values,
        "errors": errors,
        "submission": values.get("submission") or uuid4(),
        "refusal": refused,
    }
    return Template("ideas/new.html", context=context, status_code=status)


class RoundIdeaPages(Controller):
    path = "/rounds/{round_id:uuid}/ideas"

    @get("/")
    async def show(self, request: Request, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        context = {
            "round": round_,
            "ideas": await list_public_ideas(session, round_id, request.state["order"]),
            "own": await list_own_ideas(session, round_, me),
            "refusal": refusal(me, Act.SUBMIT_IDEA, round_.scope, round_.windows, now),
        }
        return Template("ideas/list.html", context=context)

    @get("/new")
    async def blank(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        refused = refusal(me, Act.SUBMIT_IDEA, round_.scope, round_.windows, now)
        return await idea_form(session, round_, {}, {}, refused, 200)

    @post("/new")
    async def submit(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await get_visible_round(session, round_id, me, now)
        try:
            idea = await service.submit_idea(session, me, round_id, read_form(IdeaForm, form), now)
        except FieldErrors as wrong:
            refused = refusal(me, Act.SUBMIT_IDEA, round_.scope, round_.windows, now)
            return await idea_form(session, round_, form, wrong.errors, refused, 422)
        except Refusal as refused:  # the sign-in or the phase ran out while writing: the text stays on the page
            return await idea_form(session, round_, form, {}, refused, refused.status)
        return Redirect(f"/ideas/{idea.id}", status_code=303)


class IdeaPages(Controller):
    path = "/ideas/{idea_id:uuid}"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_visible_idea(session, idea_id, me)
        return await idea_page(session, me, now, idea, {}, {})

    @post("/decide")
    async def decide(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
        try:
            await service.decide_idea(session, me, idea_id, read_form(DecideForm, form), now)
        except FieldErrors as wrong:
            return await idea_page(session, me, now, idea, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}", status_code=303)


async def idea_page(
    session: AsyncSession, me: Person | None, now: Any, idea: Idea, values: Any, errors: dict[str, str]
) -> Template:
    scope, windows = idea.round.scope, idea.round.windows
    may_decide = refusal(me, Act.MODERATE_IDEA, scope, windows, now) is None
    may_estimate = refusal(me, Act.ESTIMATE_COST, scope, windows, now) is None
    own = me is not None and me.id == idea.author_id
    context = {
        "round": idea.round,
        "idea": idea,
        "estimates": await list_estimates(session, idea.id),
        "project": await find_project_of(session, idea.id),
        "own": own,
        "may_decide": may_decide and idea.state is IdeaState.SUBMITTED,
        "may_estimate": may_estimate and idea.state is IdeaState.PUBLISHED and not idea.round.confirmed_at,
        "sees_text": idea.state is not IdeaState.REFUSED or own or reads_unpublished(me, scope),
        "values": values,
        "errors": errors,
    }
    return Template("ideas/idea.html", context=context, status_code=422 if errors else 200)
