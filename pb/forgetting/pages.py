"""The signed record of a forgotten round, for everybody."""

from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from pb.dependencies import Me, Now, Session
from pb.errors import NotFound
from pb.forgetting.queries import find_forgotten
from pb.language import gettext as _
from pb.rounds.queries import get_visible_round


class ForgottenPages(Controller):
    path = "/rounds/{round_id:uuid}/forgotten.json"

    @get("/")
    async def record(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Response[str]:
        await get_visible_round(session, round_id, me, now)
        forgotten = await find_forgotten(session, round_id)
        if forgotten is None:
            raise NotFound(_("This round has not been forgotten: its sealed envelopes are still there."))
        return Response(forgotten.record, media_type="application/json; charset=utf-8")
