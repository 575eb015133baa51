"""The authors' form for an appeal, and the officer's for the answer."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.appeals import service
from pb.appeals.forms import AnswerForm, AppealForm
from pb.appeals.queries import get_open_appeal, read_reason
from pb.appeals.rules import Decision
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.forms import read_form
from pb.ideas.models import Idea
from pb.ideas.queries import get_idea
from pb.permissions import Act, require


class AppealPages(Controller):
    path = "/ideas/{idea_id:uuid}/appeal"

    @get("/")
    async def blank(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea, decision = await service.get_appealable(session, me, idea_id, now)
        return await appeal_page(session, idea, decision, {}, {})

    @post("/")
    async def appeal(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        try:
            await service.appeal(session, me, idea_id, read_form(AppealForm, form), now)
        except FieldErrors as wrong:
            idea, decision = await service.get_appealable(session, me, idea_id, now)
            return await appeal_page(session, idea, decision, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}#appeals", status_code=303)

    @get("/answer")
    async def ask(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_idea(session, idea_id)
        require(me, Act.ANSWER_APPEAL, idea.round.scope, now=now)
        return await answer_page(session, idea, {}, {})

    @post("/answer")
    async def answer(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_idea(session, idea_id)
        require(me, Act.ANSWER_APPEAL, idea.round.scope, now=now)
        try:
            await service.answer_appeal(session, me, idea_id, read_form(AnswerForm, form), now)
        except FieldErrors as wrong:
            return await answer_page(session, idea, form, wrong.errors)
        return Redirect(f"/ideas/{idea_id}#appeals", status_code=303)


async def appeal_page(
    session: AsyncSession, idea: Idea, decision: Decision, values: Any, errors: dict[str, str]
) -> Template:
    context = {"round": idea.round, "idea": idea, "decision": decision, "values": values, "errors": errors}
    context["why"] = await read_reason(session, idea, decision.against, decision.at)
    return Template("appeals/appeal.html", context=context, status_code=422 if errors else 200)


async def answer_page(session: AsyncSession, idea: Idea, values: Any, errors: dict[str, str]) -> Template:
    appeal = await get_open_appeal(session, idea.id)
    context = {"round": idea.round, "idea": idea, "appeal": appeal, "values": values, "errors": errors}
    context["why"] = await read_reason(session, idea, appeal.against, appeal.decided_at)
    return Template("appeals/answer.html", context=context, status_code=422 if errors else 200)
