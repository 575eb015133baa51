"""The voting hour by hour, for the round's officers and the auditor."""

from itertools import groupby
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Template

from pb.dependencies import Me, Now, Session
from pb.language import local
from pb.permissions import Act, require_reading
from pb.rounds.queries import get_round
from pb.traffic import rules
from pb.traffic.queries import list_busy, list_hours
from pb.traffic.service import PAUSE


class TrafficPages(Controller):
    path = "/rounds/{round_id:uuid}/traffic"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        """The newest day first. While voting is open this tells the turnout, and nothing of the result."""
        round_ = await get_round(session, round_id)
        require_reading(me, Act.COUNT_BALLOTS, round_.scope, now=now)
        hours = await list_hours(session, round_id)
        days = groupby(reversed(hours), key=lambda hour: local(hour.start).date())
        context = {
            "round": round_,
            "hours": hours,
            "days": [(day, list(own)) for day, own in days],
            "notes": rules.unusual(hours, await list_busy(session, round_id)),
            "middle": rules.middle_votes(hours),
            "rules": rules,
            "pause": PAUSE,
        }
        return Template("traffic/traffic.html", context=context)
