"""Reads of people and their sign-ins."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pb.keys import token_hash
from pb.people.models import Person, SignIn


async def find_signed_in(session: AsyncSession, token: str, now: datetime) -> Person | None:
    """The person whose browser holds `token`, with their appointments, or None if the sign-in has run out."""
    found = await session.scalar(
        select(SignIn)
        .where(SignIn.token_hash == token_hash(token), SignIn.expires_at > now)
        .options(selectinload(SignIn.person).selectinload(Person.appointments))
    )
    return found.person if found else None


async def find_person(session: AsyncSession, email: str) -> Person | None:
    return await session.scalar(
        select(Person).where(Person.email == email.lower()).options(selectinload(Person.appointments))
    )


async def count_people(session: AsyncSession) -> int:
    """How many have an account."""
    return await session.scalar(select(func.count()).select_from(Person)) or 0
