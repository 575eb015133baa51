"""Reads of pictures."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.errors import NotFound
from pb.language import gettext as _
from pb.pictures.models import Picture
from pb.pictures.rules import Encoded


async def list_pictures(session: AsyncSession, things: Collection[UUID]) -> list[Picture]:
    """The pictures of these things, without their bytes, in their order."""
    found = select(Picture).where(Picture.thing_id.in_(things)).order_by(Picture.thing_id, Picture.place)
    return list(await session.scalars(found))


async def get_jpeg(session: AsyncSession, thing_id: UUID, place: int, *, small: bool) -> bytes:
    """One picture's JPEG. Raises NotFound."""
    column = Picture.small if small else Picture.large
    found = await session.scalar(select(column).where(Picture.thing_id == thing_id, Picture.place == place))
    if found is None:
        raise NotFound(_("There is no such picture."))
    return found


async def has_pictures(session: AsyncSession, thing_id: UUID, new: Mapping[int, Encoded]) -> bool:
    """Whether these very pictures are at their places."""
    places = select(Picture.place, Picture.large).where(Picture.thing_id == thing_id, Picture.place.in_(new))
    stored = {row.place: row.large for row in await session.execute(places)}
    return all(stored.get(place) == picture.large for place, picture in new.items())
