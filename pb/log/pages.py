"""The public log of a round: heads, names of envelopes, and how to check them."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Template

from ballots import box, log
from ballots.types import NoBox
from pb.dependencies import Me, Now, Session
from pb.errors import NotFound
from pb.language import gettext as _
from pb.log.queries import log_as_data
from pb.rounds.models import Round
from pb.rounds.queries import get_visible_round


async def get_logged_round(session: Session, me: Me, now: Now, round_id: UUID) -> Round:
    """A visible round whose ballot is confirmed. Raises NotFound."""
    round_ = await get_visible_round(session, round_id, me, now)
    try:
        await box.get_box(session, round_id)
    except NoBox:
        raise NotFound(_("This round has no ballot box yet.")) from None
    return round_


class LogPages(Controller):
    path = "/rounds/{round_id:uuid}/log"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_logged_round(session, me, now, round_id)
        data = await log_as_data(session, round_id)
        return Template("log/log.html", context={"round": round_, "log": data, "heads": data["heads"]})

    @get("/heads.json")
    async def heads(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> dict[str, Any]:
        """The stable address of the heads, for whoever keeps copies."""
        await get_logged_round(session, me, now, round_id)
        return await log_as_data(session, round_id)

    @get("/leaves.txt", media_type="text/plain")
    async def leaves(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Response[str]:
        """Every name under the latest head, a line each, in the log's order."""
        await get_logged_round(session, me, now, round_id)
        heads = await log.list_heads(session, round_id)
        names = await log.list_leaves(session, round_id, heads[-1].size if heads else 0)
        return Response("".join(f"{name.hex()}\n" for name in names), media_type="text/plain")
