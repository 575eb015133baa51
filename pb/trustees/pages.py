"""Where a draft's officer says who holds the key, and the trustees' shares are tried."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, NotFound
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, acting_role, require_reading
from pb.rounds.queries import get_round
from pb.rounds.service import get_draft
from pb.trustees import service
from pb.trustees.queries import find_key

Take = Callable[[AsyncSession, Person | None, UUID, bytes, datetime], Awaitable[None]]
LARGEST = 4_000_000  # bytes of a ceremony's or a rehearsal's file; both are some kilobytes


class KeyPages(Controller):
    path = "/rounds/{round_id:uuid}/key"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        return await key_page(session, me, now, round_id, {})

    @post("/", request_max_body_size=LARGEST)
    async def add(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        return await take_file(service.add_key, session, me, round_id, form, now)

    @post("/service")
    async def drop(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.drop_key(session, me, round_id, now)
        return Redirect(f"/rounds/{round_id}/key", status_code=303)

    @get("/rehearsal.json")
    async def rehearsal(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Response[bytes]:
        round_ = await get_round(session, round_id)
        require_reading(me, Act.EDIT_ROUND, round_.scope, now=now)
        key = await find_key(session, round_id)
        if key is None:
            raise NotFound(_("No trustees hold this round's key."))
        return download(key.rehearsal, f"rehearsal-{round_id}.json")

    @post("/rehearsal", request_max_body_size=LARGEST)
    async def rehearsed(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        return await take_file(service.take_rehearsal, session, me, round_id, form, now)


async def take_file(
    act: Take, session: AsyncSession, me: Person | None, round_id: UUID, form: Form, now: datetime
) -> Template | Redirect:
    """Hand the sent file to an act on the key; what is wrong with it is said on the page."""
    await get_draft(session, me, round_id, now)
    try:
        await act(session, me, round_id, await sent_file(form), now)
    except FieldErrors as wrong:
        return await key_page(session, me, now, round_id, wrong.errors)
    return Redirect(f"/rounds/{round_id}/key", status_code=303)


async def sent_file(form: Form) -> bytes:
    """What was in the form's field `file`. Raises FieldErrors if nothing was chosen."""
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        raise FieldErrors(file=_("Choose the file first."))
    return content


def download(content: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


async def key_page(
    session: AsyncSession, me: Person | None, now: datetime, round_id: UUID, errors: dict[str, str]
) -> Template:
    round_ = await get_round(session, round_id)
    require_reading(me, Act.EDIT_ROUND, round_.scope, now=now)
    may_edit = acting_role(me, Act.EDIT_ROUND, round_.scope) is not None and round_.confirmed_at is None
    context = {"round": round_, "key": await find_key(session, round_id), "may_edit": may_edit, "errors": errors}
    return Template("trustees/key.html", context=context, status_code=422 if errors else 200)
