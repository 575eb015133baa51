"""What an officer does with a round before its ballot is confirmed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pb import audit, keys
from pb.audit import Deed
from pb.city.queries import get_area, get_service, list_areas
from pb.errors import FieldErrors, NotFound, Refusal
from pb.language import gettext as _
from pb.money import shares
from pb.notices.models import NoticeKind
from pb.notices.service import tell
from pb.people.models import Person
from pb.permissions import Act, Scope, acting_role, require
from pb.rounds.forms import AllocationForm, BallotForm, RoundForm, ShareForm
from pb.rounds.models import Allocation, PhaseWindow, Round
from pb.rounds.queries import get_round, list_voting

A_DAY = timedelta(days=1)


def record(
    session: AsyncSession, me: Person, act: Act, round_: Round, deed: Deed, detail: str = "", *, now: datetime
) -> None:
    """Note what `me` did to the round, in the role that allowed the act."""
    audit.record(session, me.id, acting_role(me, act, round_.scope), deed, round_.title, detail, now=now)


async def get_draft(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> Round:
    """A round whose ballot is not confirmed, locked for a change by its service's officer."""
    round_ = await get_round(session, round_id, for_act=True)
    require(me, Act.EDIT_ROUND, round_.scope, round_.windows, now=now)
    if round_.confirmed_at is not None:
        raise Refusal(_("The ballot is confirmed. Rules, money and projects can no longer be changed."))
    return round_


async def create_round(session: AsyncSession, me: Person | None, form: RoundForm, now: datetime) -> Round:
    """A new round of a service, not shown to residents before its first phase opens."""
    scope = Scope(service_id=form.service_id)
    require(me, Act.EDIT_ROUND, scope, now=now)
    await get_service(session, form.service_id)
    windows = form.windows()
    round_ = Round(service_id=form.service_id, created_at=now, allocations=[])
    round_.title, round_.summary, round_.area_choice = form.title, form.summary, form.area_choice
    round_.windows = [PhaseWindow(phase=p, opens=o, closes=c) for p, (o, c) in windows.items()]
    session.add(round_)
    await session.flush()
    keys.make_key("code", round_.id)  # made here once and only read later: a lost one must not be replaced unseen
    record(session, me, Act.EDIT_ROUND, round_, Deed.ROUND_CREATED, now=now)
    return round_


async def edit_round(session: AsyncSession, me: Person | None, round_id: UUID, form: RoundForm, now: datetime) -> None:
    """Change a draft's words, owner and dates."""
    round_ = await get_draft(session, me, round_id, now)
    require(me, Act.EDIT_ROUND, Scope(service_id=form.service_id), now=now)
    windows = form.windows()
    round_.title, round_.summary, round_.service_id = form.title, form.summary, form.service_id
    round_.area_choice = form.area_choice
    kept = {w.phase: w for w in round_.windows}
    for phase, (opens, closes) in windows.items():
        if phase in kept:
            kept[phase].opens, kept[phase].closes = opens, closes
        else:
            round_.windows.append(PhaseWindow(phase=phase, opens=opens, closes=closes))
    round_.windows = [w for w in round_.windows if w.phase in windows]
    record(session, me, Act.EDIT_ROUND, round_, Deed.ROUND_EDITED, now=now)


def apply_ballot(allocation: Allocation, form: BallotForm) -> None:
    for name in BallotForm.model_fields:
        setattr(allocation, name, getattr(form, name))


async def save_allocation(
    session: AsyncSession,
    me: Person | None,
    round_id: UUID,
    allocation_id: UUID | None,
    form: AllocationForm,
    now: datetime,
) -> Allocation:
    """Add an allocation, or change the one named. Raises FieldErrors if its area has one of this name."""
    round_ = await get_draft(session, me, round_id, now)
    form.check()
    await get_service(session, form.service_id)
    if form.area_id:
        await get_area(session, form.area_id)
    allocation = own_allocation(round_, allocation_id)
    others = [a for a in round_.allocations if a is not allocation]  # complete: the round is locked
    if (form.name, form.area_id, form.service_id) in [(a.name, a.area_id, a.service_id) for a in others]:
        raise FieldErrors(name=_("There is an allocation of this name for the same area already."))
    allocation.name, allocation.area_id, allocation.service_id = form.name, form.area_id, form.service_id
    allocation.amount_cents = form.amount
    apply_ballot(allocation, form)
    session.add(allocation)
    record(session, me, Act.EDIT_ROUND, round_, Deed.ALLOCATION_SAVED, form.name, now=now)
    return allocation


def own_allocation(round_: Round, allocation_id: UUID | None) -> Allocation:
    """The round's allocation, or (None) a new one with the next number. Raises NotFound."""
    if allocation_id is None:
        number = max((a.number for a in round_.allocations), default=0) + 1
        return Allocation(round_id=round_.id, number=number)
    found = next((a for a in round_.allocations if a.id == allocation_id), None)
    if found is None:
        raise NotFound(_("There is no such allocation."))
    return found


async def share_by_population(
    session: AsyncSession, me: Person | None, round_id: UUID, form: ShareForm, now: datetime
) -> None:
    """Divide `total` of the round's own service among all areas by population, to the cent.

    An area that has an allocation of this service gets a new amount; other services' money is not touched.
    """
    round_ = await get_draft(session, me, round_id, now)
    form.check()
    areas = [a for a in await list_areas(session) if a.population > 0]
    if not areas:
        raise FieldErrors(total=_("No area has residents yet. Ask the administrator to enter them."))
    amounts = shares(form.total, {area.name: area.population for area in areas})
    if not all(amounts.values()):
        raise FieldErrors(total=_("The sum is too small: every area must get at least a cent."))
    own = [a for a in round_.allocations if a.service_id == round_.service_id and a.area_id]
    have = {a.area_id: a for a in own}
    if len(have) < len(own):
        raise FieldErrors(total=_("An area has two allocations of this service. Remove one, or type the amounts."))
    number = max((a.number for a in round_.allocations), default=0)
    for area in areas:
        allocation = have.get(area.id)
        if allocation is None:
            number += 1
            allocation = Allocation(number=number, name=area.name, area_id=area.id, service_id=round_.service_id)
            round_.allocations.append(allocation)
        allocation.amount_cents = amounts[area.name]
        apply_ballot(allocation, form)
    record(session, me, Act.EDIT_ROUND, round_, Deed.MONEY_SHARED, now=now)


async def remove_allocation(
    session: AsyncSession, me: Person | None, round_id: UUID, allocation_id: UUID, now: datetime
) -> None:
    """Take an allocation out of a draft. Raises Refusal if projects stand on it."""
    round_ = await get_draft(session, me, round_id, now)
    allocation = own_allocation(round_, allocation_id)
    try:
        async with session.begin_nested():
            await session.delete(allocation)
            await session.flush()
    except IntegrityError:
        raise Refusal(_("Projects stand on this allocation. Move them first.")) from None
    record(session, me, Act.EDIT_ROUND, round_, Deed.ALLOCATION_REMOVED, allocation.name, now=now)


async def remind(session: AsyncSession, now: datetime) -> None:
    """Tell who follows a round that voting has opened, in its first day, and that it ends, in its last: once each.

    After the close was moved they are told the new one.
    """
    for round_, voting in await list_voting(session, now):
        about = ([round_.id], round_.title, f"/rounds/{round_.id}", now)
        if now < voting.opens + A_DAY:
            await tell(session, NoticeKind.VOTING_OPENS, *about, detail=voting.closes.isoformat())
        if now >= voting.closes - A_DAY:
            await tell(session, NoticeKind.VOTING_ENDS_SOON, *about, detail=voting.closes.isoformat())
