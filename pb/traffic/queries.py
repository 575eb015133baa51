"""Reads of a round's traffic, added up by the database: there are as many rows as sources in each hour."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.traffic.models import Kind, Traffic
from pb.traffic.rules import SOURCE_VOTES, Busy, Hour


def times_of(*kinds: Kind) -> ColumnElement[int]:
    return func.coalesce(func.sum(Traffic.times).filter(Traffic.kind.in_(kinds)), 0)


async def list_hours(session: AsyncSession, round_id: UUID) -> list[Hour]:
    """Each hour in which something was counted, the earliest first."""
    own = (
        select(
            Traffic.hour,
            *(times_of(kind).label(kind.name) for kind in Kind),
            times_of(Kind.CAST, Kind.CHANGED).label("votes"),
        )
        .where(Traffic.round_id == round_id)
        .group_by(Traffic.hour, Traffic.source)
        .subquery()
    )
    sums = [func.sum(own.c[kind.name]) for kind in Kind]
    query = select(own.c.hour, *sums, func.max(own.c.votes)).group_by(own.c.hour).order_by(own.c.hour)
    return [Hour(start, *map(int, counts)) for start, *counts in await session.execute(query)]


async def list_busy(session: AsyncSession, round_id: UUID) -> list[Busy]:
    """Each hour in which one source had SOURCE_VOTES or more, votes and changes together."""
    votes = times_of(Kind.CAST, Kind.CHANGED)
    query = (
        select(Traffic.hour, Traffic.source, votes)
        .where(Traffic.round_id == round_id)
        .group_by(Traffic.hour, Traffic.source)
        .having(votes >= SOURCE_VOTES)
        .order_by(Traffic.hour, Traffic.source)
    )
    return [Busy(start, source, int(count)) for start, source, count in await session.execute(query)]
