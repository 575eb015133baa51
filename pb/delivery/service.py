"""Noting how a chosen project goes on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pb import audit
from pb.audit import Deed
from pb.delivery.forms import DeliveryForm
from pb.delivery.models import Delivery
from pb.delivery.queries import get_chosen
from pb.delivery.rules import scope_of
from pb.notices.models import NoticeKind
from pb.notices.service import tell
from pb.people.models import Person
from pb.permissions import Act, acting_role, require
from pb.rounds.queries import get_round


async def note_delivery(
    session: AsyncSession, me: Person | None, round_id: UUID, project_id: UUID, form: DeliveryForm, now: datetime
) -> None:
    """Add a note, the newest of which counts, and tell those who follow the project's idea; a form sent twice is one.

    Raises NotFound unless the result is published and the project chosen, NotAllowed, or FieldErrors.
    """
    round_ = await get_round(session, round_id)
    chosen = await get_chosen(session, round_, project_id)
    require(me, Act.UPDATE_DELIVERY, scope_of(chosen.project), now=now)
    form.check()
    project = chosen.project
    values = {"state": form.state, "text": form.text, "due": form.due, "spent_cents": form.spent}
    values |= {"project_id": project.id, "person_id": me.id}
    row = insert(Delivery).values(id=form.submission, at=now, **values)
    if await session.scalar(row.on_conflict_do_nothing().returning(Delivery.id)) is None:
        former = await session.get_one(Delivery, form.submission)
        if values == {name: getattr(former, name) for name in values}:
            return
        # Another note in the same form, which the Back button brought.
        session.add(Delivery(at=now, **values))
    role = acting_role(me, Act.UPDATE_DELIVERY, scope_of(chosen.project))
    audit.record(session, me.id, role, Deed.DELIVERY_NOTED, round_.title, project.title, now=now)
    if project.idea_id is not None:
        path = f"/ideas/{project.idea_id}"
        kind = NoticeKind.DELIVERY_MOVED
        await tell(session, kind, [project.idea_id], project.title, path, now, detail=form.text, but=me.id)
