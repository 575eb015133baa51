"""What an administrator does: the city's parts, and who is appointed."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pb import audit
from pb.audit import Deed
from pb.city.forms import AppointmentForm, AreaForm, BodyForm, ServiceForm
from pb.city.models import Appointment, Area, Body, Service
from pb.city.queries import get_appointment, get_area, get_body, get_service, list_areas
from pb.errors import FieldErrors, NotFound, Refusal
from pb.language import gettext as _
from pb.people.models import Person
from pb.people.queries import find_person
from pb.people.service import add_person
from pb.permissions import Act, Role, Scope, require

CITY = Scope()


async def save_area(
    session: AsyncSession, me: Person | None, area_id: UUID | None, form: AreaForm, now: datetime
) -> None:
    """Add an area, or change the one named. Raises FieldErrors if its name or a postcode is taken."""
    require(me, Act.MANAGE_CITY, CITY, now=now)
    for other in await list_areas(session):
        if other.id != area_id and (taken := {*other.postcodes} & {*form.postcodes}):
            words = _("%(code)s is a postcode of %(name)s. Take it away there first, or leave it out here.")
            raise FieldErrors(postcodes=words % {"code": min(taken), "name": other.name})
    await _save(session, me, await get_area(session, area_id) if area_id else Area(), form, now)


async def save_service(
    session: AsyncSession, me: Person | None, service_id: UUID | None, form: ServiceForm, now: datetime
) -> None:
    """Add a service, or change the one named. Raises FieldErrors if its name is taken."""
    require(me, Act.MANAGE_CITY, CITY, now=now)
    await _save(session, me, await get_service(session, service_id) if service_id else Service(), form, now)


async def save_body(
    session: AsyncSession, me: Person | None, body_id: UUID | None, form: BodyForm, now: datetime
) -> None:
    """Add a body, or change the one named. Raises FieldErrors if its name is taken."""
    require(me, Act.MANAGE_CITY, CITY, now=now)
    await _save(session, me, await get_body(session, body_id) if body_id else Body(), form, now)


async def _save(session: AsyncSession, me: Person, part: Area | Service | Body, form: BaseModel, now: datetime) -> None:
    try:
        async with session.begin_nested():  # entered before the change: entering writes what has changed already
            for name, value in form.model_dump().items():
                setattr(part, name, value)
            session.add(part)
            await session.flush()
    except IntegrityError:
        raise FieldErrors(name=_("This name is in use already. Write another.")) from None
    audit.record(session, me.id, Role.ADMINISTRATOR, Deed.PART_SAVED, part.name, now=now)


async def check_scope(session: AsyncSession, scope: Scope) -> None:
    """Raises NotFound for a service or a body that the city does not have."""
    if scope.service_id:
        await get_service(session, scope.service_id)
    if scope.body_id:
        await get_body(session, scope.body_id)


async def appoint(session: AsyncSession, me: Person | None, form: AppointmentForm, now: datetime) -> Appointment:
    """Give a person a role; their account is made if there is none. Raises FieldErrors for an unknown scope."""
    require(me, Act.MANAGE_PEOPLE, CITY, now=now)
    try:
        await check_scope(session, form.scope)
    except NotFound as unknown:
        raise FieldErrors(scope=unknown.message) from None
    person = await find_person(session, form.email) or await add_person(session, form.email, form.name, now)
    person.name = person.name or form.name
    made = Appointment(
        person_id=person.id,
        role=form.role,
        service_id=form.scope.service_id,
        body_id=form.scope.body_id,
        started_at=now,
    )
    session.add(made)
    await session.flush()
    audit.record(session, me.id, Role.ADMINISTRATOR, Deed.APPOINTED, form.role, now=now)
    return made


async def end_appointment(session: AsyncSession, me: Person | None, appointment_id: UUID, now: datetime) -> None:
    """The person keeps the account and loses the role at once; again changes nothing.

    Raises Refusal for an administrator's own right, so that the city is never left without one.
    """
    require(me, Act.MANAGE_PEOPLE, CITY, now=now)
    appointment = await get_appointment(session, appointment_id)
    if appointment.ended_at is not None:
        return
    if (appointment.person_id, appointment.role) == (me.id, Role.ADMINISTRATOR):
        raise Refusal(_("You cannot end your own right as administrator. Ask another administrator to do it."))
    appointment.ended_at = now
    audit.record(session, me.id, Role.ADMINISTRATOR, Deed.APPOINTMENT_ENDED, appointment.role, now=now)
