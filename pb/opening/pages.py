"""The officers' page from the close to the opening: the box, who opens it, and what trustees send back."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.opening import service
from pb.opening.queries import find_opening
from pb.people.models import Person
from pb.permissions import Act, acting_role, require_reading
from pb.rounds.queries import get_round
from pb.trustees.pages import download, sent_file
from pb.trustees.queries import find_key

LARGEST = 200_000_000  # bytes of opened ballots: 300 for each of half a million


class OpeningPages(Controller):
    path = "/rounds/{round_id:uuid}/opening"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        return await opening_page(session, me, now, round_id, {})

    @post("/close")
    async def close(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.close_voting(session, me, round_id, now)
        return to_count(round_id)

    @post("/ask")
    async def ask(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.ask_opening(session, me, round_id, now)
        return Redirect(f"/rounds/{round_id}/opening", status_code=303)

    @post("/open")
    async def open(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.open_ballots(session, me, round_id, now)
        return to_count(round_id)

    @post("/export.json", status_code=200)
    async def export(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Response[bytes]:
        """By POST, as the audit trail notes it."""
        return download(await service.export_envelopes(session, me, round_id, now), f"export-{round_id}.json")

    @post("/opened", request_max_body_size=LARGEST)
    async def take(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        await service.get_closed_round(session, me, round_id, now)
        try:
            await service.take_opened(session, me, round_id, await sent_file(form), now)
        except FieldErrors as wrong:
            return await opening_page(session, me, now, round_id, wrong.errors)
        return to_count(round_id)


def to_count(round_id: UUID) -> Redirect:
    return Redirect(f"/rounds/{round_id}/count", status_code=303)


async def opening_page(
    session: AsyncSession, me: Person | None, now: datetime, round_id: UUID, errors: dict[str, str]
) -> Template:
    round_ = await get_round(session, round_id)
    require_reading(me, Act.COUNT_BALLOTS, round_.scope, now=now)
    context = {
        "round": round_,
        "key": await find_key(session, round_id),
        "opening": await find_opening(session, round_id),
        "closed_at": await service.closed_at(session, round_id),
        "may_open": acting_role(me, Act.COUNT_BALLOTS, round_.scope) is not None,
        "me": me,
        "errors": errors,
    }
    return Template("opening/opening.html", context=context, status_code=422 if errors else 200)
