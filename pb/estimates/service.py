"""Estimating an idea; a feasible one becomes a project on an allocation's ballot in the same act."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pb.audit import Deed
from pb.errors import FieldErrors, Refusal
from pb.estimates.forms import EstimateForm
from pb.estimates.models import Estimate, Project
from pb.estimates.queries import find_project_of
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import get_idea
from pb.language import gettext as _
from pb.language import show_money
from pb.notices.models import NoticeKind
from pb.notices.service import tell
from pb.people.models import Person
from pb.permissions import Act, require
from pb.rounds.models import Allocation, Round
from pb.rounds.queries import get_round
from pb.rounds.service import record


async def estimate_idea(
    session: AsyncSession, me: Person | None, idea_id: UUID, form: EstimateForm, now: datetime
) -> Estimate:
    """Say whether the idea is feasible, why, and what it costs; older estimates stay as its history.

    Raises FieldErrors if the cost is over the allocation's money, Refusal once the ballot is confirmed.
    """
    idea = await get_idea(session, idea_id, for_act=True)
    round_ = await get_round(session, idea.round_id, for_act=True)
    require(me, Act.ESTIMATE_COST, round_.scope, round_.windows, now=now)
    if round_.confirmed_at is not None:
        raise Refusal(_("The ballot is confirmed. Rules, money and projects can no longer be changed."))
    if idea.state is not IdeaState.PUBLISHED:
        raise Refusal(_("Publish the idea first. Only a published idea is estimated."))
    form.check()
    feasible = form.feasible == "yes"
    allocation = check_allocation(round_, idea, form) if feasible else None
    estimate = Estimate(
        idea_id=idea.id,
        feasible=feasible,
        reason=form.reason,
        cost_cents=form.cost if feasible else None,
        person_id=me.id,
        at=now,
    )
    session.add(estimate)
    await place_project(session, idea, allocation, form.cost)
    deed = Deed.FOUND_FEASIBLE if feasible else Deed.FOUND_NOT_FEASIBLE
    record(session, me, Act.ESTIMATE_COST, round_, deed, idea.title, now=now)
    path, kind = f"/ideas/{idea.id}", NoticeKind.IDEA_ESTIMATED
    await tell(session, kind, [idea.id], idea.public_title, path, now, detail=form.reason, but=me.id)
    return estimate


def check_allocation(round_: Round, idea: Idea, form: EstimateForm) -> Allocation:
    """The allocation that pays: of the idea's own area or of the whole city, and with money enough."""
    allocation = next((a for a in round_.allocations if a.id == form.allocation_id), None)
    if allocation is None or (allocation.area_id is not None and allocation.area_id != idea.area_id):
        raise FieldErrors(allocation_id=_("Choose an allocation of the idea's own area, or the whole city's."))
    if form.cost > allocation.amount_cents:
        amount = show_money(allocation.amount_cents, round_.currency)
        raise FieldErrors(cost=_("The allocation has %(amount)s. A project cannot cost more.") % {"amount": amount})
    return allocation


async def place_project(
    session: AsyncSession, idea: Idea, allocation: Allocation | None, cost_cents: int | None
) -> None:
    """Put the idea's project on the allocation's ballot at this cost, or take it off (None)."""
    project = await find_project_of(session, idea.id)
    if allocation is None:
        if project is not None:
            await session.delete(project)
        return
    if project is None:
        project = Project(round_id=idea.round_id, idea_id=idea.id, title=idea.title, summary=idea.description)
        session.add(project)
    project.allocation_id, project.cost_cents = allocation.id, cost_cents
