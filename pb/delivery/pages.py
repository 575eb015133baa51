"""How the chosen projects go on: everybody's page, and the form of the staff who do it."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.delivery.forms import DeliveryForm
from pb.delivery.queries import Chosen, get_chosen, list_chosen, list_notes
from pb.delivery.rules import scope_of
from pb.delivery.service import note_delivery
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.forms import read_form
from pb.permissions import Act, acting_role, require
from pb.rounds.models import Round
from pb.rounds.queries import get_round


class DeliveryPages(Controller):
    path = "/rounds/{round_id:uuid}/delivery"

    @get("/")
    async def show(self, session: Session, me: Me, round_id: FromPath[UUID]) -> Template:
        round_ = await get_round(session, round_id)
        chosen = await list_chosen(session, round_)
        mine = {c.project.id for c in chosen if acting_role(me, Act.UPDATE_DELIVERY, scope_of(c.project))}
        return Template("delivery/delivery.html", context={"round": round_, "chosen": chosen, "mine": mine})

    @get("/{key:uuid}")
    async def blank(
        self, session: Session, me: Me, now: Now, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template:
        round_ = await get_round(session, round_id)
        chosen = await get_chosen(session, round_, key)
        require(me, Act.UPDATE_DELIVERY, scope_of(chosen.project), now=now)
        return await note_page(session, round_, chosen, former_values(chosen), {})

    @post("/{key:uuid}")
    async def note(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await get_round(session, round_id)
        chosen = await get_chosen(session, round_, key)
        require(me, Act.UPDATE_DELIVERY, scope_of(chosen.project), now=now)
        try:
            await note_delivery(session, me, round_id, key, read_form(DeliveryForm, form), now)
        except FieldErrors as wrong:
            return await note_page(session, round_, chosen, form, wrong.errors)
        return Redirect(f"/rounds/{round_id}/delivery", status_code=303)


def former_values(chosen: Chosen) -> dict[str, Any]:
    """What the newest note says, for the next one to start from."""
    euros, cents = divmod(chosen.spent_cents, 100)
    newest = chosen.newest
    values = {"state": newest.state if newest else "planned", "due": newest.due if newest else None}
    return {**values, "spent": f"{euros},{cents:02}" if cents else str(euros)}


async def note_page(
    session: AsyncSession, round_: Round, chosen: Chosen, values: Any, errors: dict[str, str]
) -> Template:
    context = {"round": round_, "chosen": chosen, "values": values, "errors": errors}
    context["submission"] = values.get("submission") or uuid4()
    context["notes"] = await list_notes(session, chosen.project.id)
    return Template("delivery/note.html", context=context, status_code=422 if errors else 200)
