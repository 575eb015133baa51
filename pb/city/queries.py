"""Reads of the city: areas, services, bodies, who is appointed."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pb.city.models import Appointment, Area, Body, Service
from pb.errors import NotFound
from pb.language import gettext as _


def finnish_order(name: str) -> list[int]:
    """Sort key for Finnish and Swedish: å, ä and ö come last, and the database's C order does not know it."""
    return ["abcdefghijklmnopqrstuvwxyzåäö".find(c) if c.isalpha() else -1 for c in name.casefold()]


async def list_areas(session: AsyncSession) -> list[Area]:
    return sorted(await session.scalars(select(Area)), key=lambda a: finnish_order(a.name))


async def list_services(session: AsyncSession) -> list[Service]:
    return sorted(await session.scalars(select(Service)), key=lambda s: finnish_order(s.name))


async def list_bodies(session: AsyncSession) -> list[Body]:
    return sorted(await session.scalars(select(Body)), key=lambda b: finnish_order(b.name))


def nothing_here() -> NotFound:
    return NotFound(_("There is no such area, service or body."))


async def get_area(session: AsyncSession, area_id: UUID) -> Area:
    found = await session.get(Area, area_id)
    if found is None:
        raise nothing_here()
    return found


async def get_service(session: AsyncSession, service_id: UUID) -> Service:
    found = await session.get(Service, service_id)
    if found is None:
        raise nothing_here()
    return found


async def get_body(session: AsyncSession, body_id: UUID) -> Body:
    found = await session.get(Body, body_id)
    if found is None:
        raise nothing_here()
    return found


async def list_appointments(session: AsyncSession) -> list[Appointment]:
    """Everybody in office, with what they are appointed to."""
    loads = [selectinload(Appointment.person), selectinload(Appointment.service), selectinload(Appointment.body)]
    found = await session.scalars(select(Appointment).where(Appointment.ended_at.is_(None)).options(*loads))
    return sorted(found, key=lambda a: (finnish_order(a.person.name), a.person.email, a.role))


async def get_appointment(session: AsyncSession, appointment_id: UUID) -> Appointment:
    found = await session.get(Appointment, appointment_id)
    if found is None:
        raise NotFound(_("There is no such appointment."))
    return found
