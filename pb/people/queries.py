"""Reads of people and their sign-ins."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pb.keys import token_hash
from pb.people.models import Person, SignIn, SignInLink


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


async def count_links(session: AsyncSession, email: str, now: datetime) -> int:
    """How many links for this address are still good."""
    good = (
        select(func.count())
        .select_from(SignInLink)
        .where(SignInLink.email == email.lower(), SignInLink.expires_at > now)
    )
    return await session.scalar(good) or 0
