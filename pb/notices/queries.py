"""Reads of what a person follows and was told."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.errors import NotFound
from pb.keys import unsign
from pb.language import gettext as _
from pb.notices.models import Follow, Notice, NoticePace, Pace
from pb.people.models import Person

NEWEST = 50
STOP = "stop mails"  # what the token of the link in each mail is signed for


async def find_pace(session: AsyncSession, person_id: UUID) -> Pace:
    """How often this person is mailed; daily unless she has chosen."""
    return await session.scalar(select(NoticePace.pace).where(NoticePace.person_id == person_id)) or Pace.DAILY


async def follows(session: AsyncSession, me: Person | None, thing_id: UUID) -> bool:
    return me is not None and await session.get(Follow, (me.id, thing_id)) is not None


async def list_notices(session: AsyncSession, person_id: UUID) -> list[Notice]:
    """The newest things this person was told, or is about to be."""
    mine = select(Notice).where(Notice.person_id == person_id)
    return list(await session.scalars(mine.order_by(Notice.at.desc(), Notice.id).limit(NEWEST)))


async def get_reader(session: AsyncSession, token: str) -> Person:
    """The person for whose mails this token was signed; it does not grow old. Raises NotFound."""
    person_id = unsign(STOP, token)
    found = await session.get(Person, UUID(person_id)) if person_id else None
    if found is None:
        raise NotFound(_("This link is not whole. Copy all of it from the mail."))
    return found
