"""Keeping and dropping pictures."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pb.pictures.forms import Sent
from pb.pictures.models import Picture
from pb.pictures.rules import KEPT_FOR, MOST_KEPT


async def save_pictures(session: AsyncSession, thing_id: UUID, sent: Sent, now: datetime) -> None:
    """Do what the form asked: new pictures take their place, words are changed, pictures removed."""
    gone = sent.removed | set(sent.new)
    if gone:
        await session.execute(delete(Picture).where(Picture.thing_id == thing_id, Picture.place.in_(gone)))
    for place, alt in sent.alts.items():
        if place in sent.new:
            session.add(Picture(thing_id=thing_id, place=place, alt=alt, at=now, **vars(sent.new[place])))
        else:
            ours = update(Picture).where(Picture.thing_id == thing_id, Picture.place == place)
            await session.execute(ours.values(alt=alt))
    await session.flush()


async def keep_pictures(session: AsyncSession, form_id: UUID, sent: Sent, now: datetime) -> None:
    """Keep the pictures of a form that has to be mended first, for `KEPT_FOR`; no more than `MOST_KEPT` in all."""
    await session.execute(delete(Picture).where(Picture.kept_until < now))
    kept = await session.scalar(select(func.count()).where(Picture.kept_until.is_not(None))) or 0
    if kept + len(sent.new) > MOST_KEPT:
        return  # the page then asks for them again
    await save_pictures(session, form_id, sent, now)
    ours = update(Picture).where(Picture.thing_id == form_id)
    await session.execute(ours.values(kept_until=now + KEPT_FOR))


async def take_kept(session: AsyncSession, form_id: UUID, thing_id: UUID) -> None:
    """Give a thing the pictures kept for its form. The form keeps them too, for it may be sent twice."""
    columns = ("place", "alt", "width", "height", "large", "small", "at")
    kept = select(func.gen_random_uuid(), literal(thing_id), *(getattr(Picture, name) for name in columns)).where(
        Picture.thing_id == form_id
    )
    await session.execute(insert(Picture).from_select(["id", "thing_id", *columns], kept))


async def delete_pictures(session: AsyncSession, things: Collection[UUID]) -> None:
    await session.execute(delete(Picture).where(Picture.thing_id.in_(things)))
