"""The front page, the staff's desk, the audit trail, and how the vote stays secret."""

from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Template

from pb.appeals.queries import list_open_appeals, list_reopened
from pb.audit import list_events
from pb.comments.queries import list_flagged
from pb.dependencies import Me, Now, Session
from pb.errors import NotAllowed, NotSignedIn
from pb.estimates.queries import list_estimated_ideas, list_unestimated_ideas
from pb.front.queries import count_waiting
from pb.ideas.queries import list_waiting_ideas
from pb.language import gettext as _
from pb.permissions import MAY, Act, Scope, acting_role, has_desk, phase_at, reads_unpublished, refusal, require
from pb.rounds.queries import get_round, list_rounds
from pb.rounds.rules import phase_line


class FrontPages(Controller):
    path = "/"

    @get("/")
    async def front(self, session: Session, me: Me, now: Now) -> Template:
        rounds = await list_rounds(session, me, now)
        lines = [(r, phase_at(r.windows, now), phase_line(r.windows, now)) for r in rounds]
        return Template("front/front.html", context={"rounds": lines})

    @get("/secrecy")
    async def secrecy(self) -> Template:
        return Template("front/secrecy.html", context={})

    @get("/desk")
    async def desk(self, session: Session, me: Me, now: Now) -> Template:
        """What this member of staff has to do, round by round."""
        if me is None:
            raise NotSignedIn(_("Sign in first. You get a link by mail, no password is needed."))
        if not has_desk(me):
            raise NotAllowed(_("The desk is for the city's staff and elected representatives."))
        rounds = await list_rounds(session, me, now)
        may = {r.id: {act.name: acting_role(me, act, r.scope) is not None for act in Act} for r in rounds}
        context = {
            "rounds": rounds,
            "waiting": await count_waiting(session, rounds),
            "may": may,
            "phases": {r.id: phase_at(r.windows, now) for r in rounds},
            "now": now,
            "makes_rounds": any(Act.EDIT_ROUND in MAY[a.role] and a.ended_at is None for a in me.appointments),
            "city_acts": {act.name: acting_role(me, act, Scope()) is not None for act in Act},
        }
        return Template("front/desk.html", context=context)

    @get("/desk/rounds/{round_id:uuid}")
    async def round_desk(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        """The ideas of one round that wait for staff."""
        round_ = await get_round(session, round_id)
        if not reads_unpublished(me, round_.scope):
            require(me, Act.MODERATE_IDEA, round_.scope, now=now)
        context = {
            "round": round_,
            "may_enter": refusal(me, Act.MODERATE_IDEA, round_.scope, round_.windows, now) is None,
            "flagged": await list_flagged(session, round_id),
            "may_moderate": acting_role(me, Act.MODERATE_COMMENT, round_.scope) is not None,
            "appeals": await list_open_appeals(session, round_id),
            "may_answer": acting_role(me, Act.ANSWER_APPEAL, round_.scope) is not None,
            "now": now,
            "undecided": await list_waiting_ideas(session, round_id),
            "unestimated": await list_reopened(session, round_id) + await list_unestimated_ideas(session, round_id),
            "estimated": await list_estimated_ideas(session, round_id),
        }
        return Template("front/round_desk.html", context=context)

    @get("/desk/audit")
    async def audit(self, session: Session, me: Me, now: Now) -> Template:
        require(me, Act.SEE_AUDIT, Scope(), now=now)
        return Template("front/audit.html", context={"events": await list_events(session)})
