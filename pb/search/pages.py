"""A round's ideas to search and filter, as a list and on the map."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get
from litestar.params import FromPath
from litestar.response import Template

from pb.city.queries import list_areas, list_services
from pb.dependencies import Me, Now, Session
from pb.ideas.queries import list_own_ideas, sees_text
from pb.ideas.rules import theme_names
from pb.language import gettext as _
from pb.language import ngettext, spoken
from pb.permissions import Act, refusal
from pb.search.queries import EACH, get_searched_round, list_cards, list_pins
from pb.search.rules import Order, Standing, read_filters
from pb.translation import in_reach
from pb.versions.queries import get_shared_idea


def standing_names() -> dict[str, str]:
    """What residents call where an idea has got to."""
    return {
        Standing.WAITING: _("Waits for an estimate"),
        Standing.FEASIBLE: _("Feasible"),
        Standing.INFEASIBLE: _("Not feasible"),
        Standing.BALLOT: _("On the ballot"),
        Standing.WON: _("Won"),
        Standing.LOST: _("Not chosen"),
        Standing.REFUSED: _("Not published"),
        Standing.MERGED: _("Merged"),
    }


def order_names() -> dict[str, str]:
    return {Order.DRAWN: _("Drawn by lot"), Order.NEWEST: _("Newest first"), Order.SUPPORTED: _("Most supported first")}


def pin_of(idea: Any, state: str) -> dict[str, Any]:
    """What the map gets of one idea: its point in WGS 84 degrees (to a metre), its title and that title's language."""
    title, choice = in_reach(idea, "title")
    place = {"latitude": round(float(idea.latitude), 5), "longitude": round(float(idea.longitude), 5)}
    return {"id": idea.id, "title": title, "lang": spoken(choice), "state": state, **place}


class SearchPages(Controller):
    path = "/rounds/{round_id:uuid}/ideas"

    @get("/")
    async def show(self, request: Request, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_searched_round(session, round_id, me, now)
        filters, seed = read_filters(request.query_params), request.state["order"]
        cards, total = await list_cards(session, round_, filters, seed)
        if not cards and filters.page > 1:  # past the end
            filters.page = 1
            cards, total = await list_cards(session, round_, filters, seed)
        context = {
            "round": round_,
            "filters": filters,
            "total": total,
            "last": max(1, -(-total // EACH)),
            "first_shown": (filters.page - 1) * EACH + 1,
            "cards": cards,
            "areas": {area.id: area for area in await list_areas(session)},
            "services": {service.id: service for service in await list_services(session)},
            "themes": theme_names(),
            "orders": order_names(),
            "standings": standing_names(),
            "own": await list_own_ideas(session, round_, me),
            "refusal": refusal(me, Act.SUBMIT_IDEA, round_.scope, round_.windows, now),
        }
        return Template("search/list.html", context=context)

    @get("/pins.json")
    async def pins(
        self, request: Request, session: Session, me: Me, now: Now, round_id: FromPath[UUID]
    ) -> dict[str, Any]:
        round_ = await get_searched_round(session, round_id, me, now)
        found = await list_pins(session, round_, read_filters(request.query_params))
        names = standing_names()
        pins = [pin_of(row, names[at]) for row, at in found if row.latitude is not None]
        left_out = len(found) - len(pins)
        note = ngettext(
            "One idea is not on the map. It is in the list.",
            "%(n)s ideas are not on the map. They are in the list.",
            left_out,
        ) % {"n": left_out}
        return {"pins": pins, "note": note if left_out else ""}


class PlacePages(Controller):
    path = "/ideas/{idea_id:uuid}/place.json"

    @get("/")
    async def place(self, session: Session, me: Me, idea_id: FromPath[UUID]) -> dict[str, Any]:
        idea, mine = await get_shared_idea(session, idea_id, me)
        shown = idea.latitude is not None and (mine or sees_text(me, idea))
        return {"pins": [pin_of(idea, "")] if shown else [], "note": ""}
