"""The officer's page that confirms the ballot, and the forms that amend it afterwards."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from pb.confirmation import service
from pb.confirmation.forms import CorrectForm, ExtendForm, ReasonForm
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.estimates.queries import get_project, list_projects, list_unestimated_ideas
from pb.forms import read_form
from pb.language import local
from pb.permissions import Act, Phase, acting_role, require_reading
from pb.roll.queries import count_voters, eligible
from pb.rounds.queries import get_round
from pb.rounds.rules import FEWEST_SHOWN
from pb.trustees.queries import find_key


class ConfirmPages(Controller):
    path = "/rounds/{round_id:uuid}/confirm"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_round(session, round_id)
        require_reading(me, Act.EDIT_ROUND, round_.scope, now=now)
        projects = await list_projects(session, round_id)
        on_roll, key = await count_voters(session, round_id), await find_key(session, round_id)
        context = {
            "round": round_,
            "projects": projects,
            "key": key,
            "hindrances": [] if round_.confirmed_at else service.hindrances(round_, projects, now, key),
            "unestimated": await list_unestimated_ideas(session, round_id),
            "few": [
                (a, n)
                for a in round_.allocations
                if (n := eligible(a, on_roll, area_choice=round_.area_choice)) < FEWEST_SHOWN
            ],
            "fewest": FEWEST_SHOWN,
            "voting": round_.window(Phase.VOTING),
            "may_confirm": acting_role(me, Act.CONFIRM_BALLOT, round_.scope) is not None,
        }
        return Template("confirmation/confirm.html", context=context)

    @post("/")
    async def confirm(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.confirm_ballot(session, me, round_id, now)
        return Redirect(f"/rounds/{round_id}/confirm", status_code=303)


class AmendPages(Controller):
    path = "/rounds/{round_id:uuid}/amend"

    @get("/extend")
    async def extension(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await service.get_confirmed(session, me, round_id, now)
        voting = round_.window(Phase.VOTING)
        closes = local(voting.closes).strftime("%Y-%m-%dT%H:%M") if voting else ""
        return amend_page("extend", round_, None, {"closes": closes}, {})

    @post("/extend")
    async def extend(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_confirmed(session, me, round_id, now)
        try:
            await service.extend_voting(session, me, round_id, read_form(ExtendForm, form), now)
        except FieldErrors as wrong:
            return amend_page("extend", round_, None, form, wrong.errors)
        return Redirect(f"/rounds/{round_id}#changes", status_code=303)

    @get("/withdraw/{key:uuid}")
    async def withdrawal(
        self, session: Session, me: Me, now: Now, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template:
        round_ = await service.get_confirmed(session, me, round_id, now)
        return amend_page("withdraw", round_, await get_project(session, round_id, key), {}, {})

    @post("/withdraw/{key:uuid}")
    async def withdraw(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_confirmed(session, me, round_id, now)
        project = await get_project(session, round_id, key)
        try:
            reason = read_form(ReasonForm, form).reason
            await service.withdraw_project(session, me, round_id, key, reason, now)
        except FieldErrors as wrong:
            return amend_page("withdraw", round_, project, form, wrong.errors)
        return Redirect(f"/rounds/{round_id}#changes", status_code=303)

    @get("/correct/{key:uuid}")
    async def correction(
        self, session: Session, me: Me, now: Now, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template:
        round_ = await service.get_confirmed(session, me, round_id, now)
        project = await get_project(session, round_id, key)
        return amend_page("correct", round_, project, {"summary": project.summary}, {})

    @post("/correct/{key:uuid}")
    async def correct(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_confirmed(session, me, round_id, now)
        project = await get_project(session, round_id, key)
        try:
            await service.correct_summary(session, me, round_id, key, read_form(CorrectForm, form), now)
        except FieldErrors as wrong:
            return amend_page("correct", round_, project, form, wrong.errors)
        return Redirect(f"/rounds/{round_id}#changes", status_code=303)


def amend_page(kind: str, round_: Any, project: Any, values: Any, errors: dict[str, str]) -> Template:
    context = {"kind": kind, "round": round_, "project": project, "values": values, "errors": errors}
    return Template("confirmation/amend.html", context=context, status_code=422 if errors else 200)
