"""Where staff merge an idea into another one."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.forms import read_form
from pb.ideas.models import Idea
from pb.ideas.queries import get_visible_idea
from pb.merging import service
from pb.merging.forms import MergeForm
from pb.merging.queries import list_targets
from pb.permissions import Act, require


class MergePages(Controller):
    path = "/ideas/{idea_id:uuid}"

    @get("/merge")
    async def ask(self, request: Request, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
        return await merge_page(session, idea, request.query_params, {})

    @post("/merge")
    async def merge(
        self, session: Session, me: Me, now: Now, form: Form, idea_id: FromPath[UUID]
    ) -> Template | Redirect:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
        try:
            into = await service.merge_idea(session, me, idea_id, read_form(MergeForm, form), now)
        except FieldErrors as wrong:
            return await merge_page(session, idea, form, wrong.errors)
        return Redirect(f"/ideas/{into.id}", status_code=303)

    @post("/unmerge")
    async def unmerge(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Redirect:
        idea = await get_visible_idea(session, idea_id, me)
        require(me, Act.MODERATE_IDEA, idea.round.scope, idea.round.windows, now=now)
        await service.unmerge_idea(session, me, idea_id, now)
        return Redirect(f"/ideas/{idea_id}", status_code=303)


async def merge_page(session: AsyncSession, idea: Idea, values: Any, errors: dict[str, str]) -> Template:
    words = str(values.get("words") or "").replace("\x00", "").strip()[:200]
    context = {"round": idea.round, "idea": idea, "words": words, "values": values, "errors": errors}
    context["targets"] = await list_targets(session, idea, words)
    return Template("merging/merge.html", context=context, status_code=422 if errors else 200)
