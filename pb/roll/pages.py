"""The clerk's page of a round's roll: making codes, and replacing a lost one."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.city.queries import list_areas
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.forms import read_form
from pb.people.models import Person
from pb.permissions import Act, acting_role, require_reading
from pb.roll import service
from pb.roll.forms import CodeForm, RollForm
from pb.roll.queries import count_voters
from pb.rounds.queries import get_round


class RollPages(Controller):
    path = "/rounds/{round_id:uuid}/roll"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        return await roll_page(session, me, now, round_id, {}, {})

    @post("/")
    async def add(self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]) -> Template:
        """New codes, shown this once: the page is the only place where they are ever written."""
        await service.get_open_roll(session, me, round_id, now)
        try:
            codes = await service.add_voters(session, me, round_id, read_form(RollForm, form), now)
        except FieldErrors as wrong:
            return await roll_page(session, me, now, round_id, form, wrong.errors)
        round_ = await get_round(session, round_id)
        return Template("roll/codes.html", context={"round": round_, "codes": codes}, status_code=200)

    @post("/replace")
    async def replace(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        await service.get_open_roll(session, me, round_id, now)
        try:
            code = await service.replace_code(session, me, round_id, read_form(CodeForm, form).code, now)
        except FieldErrors as wrong:
            return await roll_page(session, me, now, round_id, form, wrong.errors)
        round_ = await get_round(session, round_id)
        return Template("roll/codes.html", context={"round": round_, "codes": [code]}, status_code=200)


async def roll_page(
    session: AsyncSession, me: Person | None, now: datetime, round_id: UUID, values: Any, errors: dict[str, str]
) -> Template:
    round_ = await get_round(session, round_id)
    require_reading(me, Act.MANAGE_ROLL, round_.scope, now=now)
    areas = await list_areas(session)
    context = {
        "round": round_,
        "areas": areas,
        "may_manage": acting_role(me, Act.MANAGE_ROLL, round_.scope) is not None,
        "on_roll": await count_voters(session, round_id),
        "values": values or {"area_id": areas[0].id if areas else ""},
        "errors": errors,
        "submission": values.get("submission") or uuid4(),
    }
    return Template("roll/roll.html", context=context, status_code=422 if errors else 200)
