"""The estimator's form for one idea."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.estimates.forms import EstimateForm
from pb.estimates.queries import list_estimates
from pb.estimates.service import estimate_idea
from pb.forms import read_form
from pb.ideas.models import Idea
from pb.ideas.queries import get_idea
from pb.permissions import Act, require


class EstimatePages(Controller):
    path = "/ideas/{idea_id:uuid}/estimate"

    @get("/")
    async def blank(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_idea(session, idea_id)
        require(me, Act.ESTIMATE_COST, idea.round.scope, idea.round.windows, now=now)
        return await estimate_form(session, idea, {}, {})

    @post("/")
    async def estimate(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_idea(session, idea_id)
        require(me, Act.ESTIMATE_COST, idea.round.scope, idea.round.windows, now=now)
        try:
            await estimate_idea(session, me, idea_id, read_form(EstimateForm, form), now)
        except FieldErrors as wrong:
            return await estimate_form(session, idea, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}", status_code=303)


async def estimate_form(session: AsyncSession, idea: Idea, values: Any, errors: dict[str, str]) -> Template:
    payers = [a for a in idea.round.allocations if a.area_id is None or a.area_id == idea.area_id]
    context = {
        "round": idea.round,
        "idea": idea,
        "allocations": payers,
        "estimates": await list_estimates(session, idea.id),
        "values": values,
        "errors": errors,
    }
    return Template("estimates/estimate.html", context=context, status_code=422 if errors else 200)
