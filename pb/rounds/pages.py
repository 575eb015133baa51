"""A round's public page, and the officer's forms for it and its money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.city.queries import list_areas, list_services
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.estimates.queries import list_ballot_projects
from pb.forms import read_form
from pb.language import local
from pb.notices.queries import follows
from pb.people.models import Person
from pb.permissions import Act, Phase, Scope, acting_role, phase_at, refusal, require, require_reading
from pb.results.queries import list_reports
from pb.rounds import service
from pb.rounds.forms import AllocationForm, RoundForm, ShareForm
from pb.rounds.models import Allocation, Round
from pb.rounds.queries import get_round, get_rules, get_visible_round, list_amendments
from pb.rounds.rules import next_window, phase_line
from pb.trustees.queries import find_fingerprint, find_key


def round_values(round_: Round) -> dict[str, Any]:
    """A round as its form's values: times as the browser's field wants them."""
    values: dict[str, Any] = {
        "title": round_.title,
        "summary": round_.summary,
        "service_id": round_.service_id,
        "area_choice": "yes" if round_.area_choice else "",
    }
    for window in round_.windows:
        values[f"{window.phase}_opens"] = local(window.opens).strftime("%Y-%m-%dT%H:%M")
        values[f"{window.phase}_closes"] = local(window.closes).strftime("%Y-%m-%dT%H:%M")
    return values


def allocation_values(allocation: Allocation) -> dict[str, Any]:
    euros, cents = divmod(allocation.amount_cents, 100)
    amount = f"{euros},{cents:02}" if cents else str(euros)
    fields = ("name", "area_id", "service_id", "ballot_type", "max_choices", "max_points", "rule", "min_votes")
    part_funding = "yes" if allocation.part_funding else ""
    return {"amount": amount, "part_funding": part_funding, **{name: getattr(allocation, name) for name in fields}}


class RoundPages(Controller):
    path = "/rounds"

    @get("/{round_id:uuid}")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        context = {
            "round": round_,
            "counted_alike": counted_alike(round_.allocations),
            "follows": await follows(session, me, round_id),
            "line": phase_line(round_.windows, now),
            "phase": phase_at(round_.windows, now),
            "next": next_window(round_.windows, now),
            "voting": round_.window(Phase.VOTING),
            "days_left": days_left(round_, now),
            "projects": await list_ballot_projects(session, round_id),
            "amendments": await list_amendments(session, round_id),
            "reports": await list_reports(session, round_id) if round_.published_at else [],
            "trustees": await find_key(session, round_id),
            "key_fingerprint": await find_fingerprint(session, round_id),
            "may_edit": acting_role(me, Act.EDIT_ROUND, round_.scope) is not None,
            "may_submit": refusal(me, Act.SUBMIT_IDEA, round_.scope, round_.windows, now),
        }
        return Template("rounds/round.html", context=context)

    @get("/{round_id:uuid}/rules.json")
    async def rules(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Response[str]:
        """The frozen rules, byte for byte as they were hashed."""
        round_ = await get_visible_round(session, round_id, me, now)
        get_rules(round_)
        return Response(round_.rules, media_type="application/json; charset=utf-8")

    @get("/new")
    async def blank(self, session: Session, me: Me, now: Now) -> Template:
        owners = await own_services(session, me, now)
        return await round_form(session, None, {"service_id": owners[0].id if owners else ""}, {}, owners)

    @post("/new")
    async def create(self, session: Session, me: Me, now: Now, form: Form) -> Template | Redirect:
        owners = await own_services(session, me, now)
        try:
            round_ = await service.create_round(session, me, read_form(RoundForm, form), now)
        except FieldErrors as wrong:
            return await round_form(session, None, form, wrong.errors, owners)
        return Redirect(f"/rounds/{round_.id}/money", status_code=303)

    @get("/{round_id:uuid}/edit")
    async def filled(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await service.get_draft(session, me, round_id, now)
        return await round_form(session, round_, round_values(round_), {}, await own_services(session, me, now))

    @post("/{round_id:uuid}/edit")
    async def edit(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_draft(session, me, round_id, now)
        try:
            await service.edit_round(session, me, round_id, read_form(RoundForm, form), now)
        except FieldErrors as wrong:
            return await round_form(session, round_, form, wrong.errors, await own_services(session, me, now))
        return Redirect(f"/rounds/{round_id}", status_code=303)

    @get("/{round_id:uuid}/money")
    async def money(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_round(session, round_id)
        require_reading(me, Act.EDIT_ROUND, round_.scope, now=now)
        may_edit = acting_role(me, Act.EDIT_ROUND, round_.scope) is not None and round_.confirmed_at is None
        return await money_page(session, round_, {}, {}, "", may_edit=may_edit)

    @post("/{round_id:uuid}/money")
    async def add_money(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_draft(session, me, round_id, now)
        try:
            await service.save_allocation(session, me, round_id, None, read_form(AllocationForm, form), now)
        except FieldErrors as wrong:
            return await money_page(session, round_, form, wrong.errors, "add")
        return Redirect(f"/rounds/{round_id}/money", status_code=303)

    @post("/{round_id:uuid}/money/share")
    async def share(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_draft(session, me, round_id, now)
        try:
            await service.share_by_population(session, me, round_id, read_form(ShareForm, form), now)
        except FieldErrors as wrong:
            return await money_page(session, round_, form, wrong.errors, "share")
        return Redirect(f"/rounds/{round_id}/money", status_code=303)

    @get("/{round_id:uuid}/money/{key:uuid}")
    async def one(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID], key: FromPath[UUID]) -> Template:
        round_ = await service.get_draft(session, me, round_id, now)
        allocation = service.own_allocation(round_, key)
        return await allocation_page(session, round_, allocation, allocation_values(allocation), {})

    @post("/{round_id:uuid}/money/{key:uuid}")
    async def change(
        self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Template | Redirect:
        round_ = await service.get_draft(session, me, round_id, now)
        allocation = service.own_allocation(round_, key)
        try:
            await service.save_allocation(session, me, round_id, key, read_form(AllocationForm, form), now)
        except FieldErrors as wrong:
            return await allocation_page(session, round_, allocation, form, wrong.errors)
        return Redirect(f"/rounds/{round_id}/money", status_code=303)

    @post("/{round_id:uuid}/money/{key:uuid}/remove")
    async def remove(
        self, session: Session, me: Me, now: Now, round_id: FromPath[UUID], key: FromPath[UUID]
    ) -> Redirect:
        await service.remove_allocation(session, me, round_id, key, now)
        return Redirect(f"/rounds/{round_id}/money", status_code=303)


def days_left(round_: Round, now: datetime) -> int:
    """Whole days until the open phase closes, today not counted."""
    window = next((w for w in round_.windows if w.opens <= now < w.closes), None)
    return (local(window.closes).date() - local(now).date()).days if window else 0


async def own_services(session: AsyncSession, me: Person | None, now: datetime) -> list[Any]:
    """The services for which this officer may make rounds. Raises the refusal if there is none."""
    services = await list_services(session)
    own = [s for s in services if acting_role(me, Act.EDIT_ROUND, Scope(service_id=s.id))]
    if not own:
        require(me, Act.EDIT_ROUND, Scope(), now=now)
    return own


async def round_form(
    session: AsyncSession, round_: Round | None, values: Any, errors: dict[str, str], services: list[Any]
) -> Template:
    context = {"values": values, "errors": errors, "services": services, "phases": list(Phase)}
    if round_ is not None:
        context["round"] = round_
    return Template("rounds/edit.html", context=context, status_code=422 if errors else 200)


async def choices(session: AsyncSession) -> dict[str, Any]:
    return {
        "areas": await list_areas(session),
        "services": await list_services(session),
    }


async def money_page(
    session: AsyncSession, round_: Round, values: Any, errors: dict[str, str], failed: str, *, may_edit: bool = True
) -> Template:
    defaults = {"service_id": round_.service_id}
    context = {
        "round": round_,
        "values": values if failed == "add" else defaults,
        "errors": errors if failed == "add" else {},
        "share_values": values if failed == "share" else {},
        "share_errors": errors if failed == "share" else {},
        "may_edit": may_edit,
        **await choices(session),
    }
    return Template("rounds/money.html", context=context, status_code=422 if errors else 200)


async def allocation_page(
    session: AsyncSession, round_: Round, allocation: Allocation, values: Any, errors: dict[str, str]
) -> Template:
    context = {
        "round": round_,
        "allocation": allocation,
        "values": values,
        "errors": errors,
        **await choices(session),
    }
    return Template("rounds/allocation.html", context=context, status_code=422 if errors else 200)


def counted_alike(allocations: Sequence[Allocation]) -> list[list[Allocation]]:
    """The allocations in groups that are voted on and counted in the same way, in the order of the first of each."""
    groups: dict[tuple[object, ...], list[Allocation]] = {}
    for a in allocations:
        terms = (a.ballot_type, a.max_choices, a.max_points, a.rule, a.min_votes, a.part_funding)
        groups.setdefault(terms, []).append(a)
    return list(groups.values())
