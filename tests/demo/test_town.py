"""The demo town stands in each of its phases, and nobody's vote can be read out of it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb import clock
from pb.app import make_app
from pb.database import make_engine, make_sessions
from pb.demo import texts
from pb.demo.codes import EXAMPLE_CODES, voting_codes
from pb.demo.town import CALENDAR, build_town
from pb.permissions import phase_at
from pb.rounds.queries import list_rounds
from tests.visitor import Visitor, words

Sessions = async_sessionmaker[AsyncSession]
# What links an envelope to its voter or to its ballot; none of it may stand beside people.
MARKS = (
    "SELECT encode(box_ref, 'hex') FROM box.envelope",
    "SELECT encode(leaf, 'hex') FROM box.envelope",
    "SELECT submission::text FROM box.envelope",
    "SELECT code FROM box.opened",
)


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """Sessions whose commits are real."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def count(session: AsyncSession, rows: str) -> int:
    return await session.scalar(text(f"SELECT count(*) FROM {rows}")) or 0


async def dump(session: AsyncSession, schema: str) -> str:
    """Every row of every table of the schema."""
    tables = text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = :schema")
    names = (await session.scalars(tables, {"schema": schema})).all()
    return "\n".join([row for name in names for row in await session.scalars(text(f"SELECT t::text FROM {name} t"))])


async def check_secrecy(session: AsyncSession) -> None:
    """No mark of the box stands in the public tables and no voter in the box; the order of writing tells nothing."""
    public, box = await dump(session, "public"), await dump(session, "box")
    marks = [mark for query in MARKS for mark in await session.scalars(text(query))]
    voters = (await session.scalars(text("SELECT person_ref::text FROM voter"))).all()
    assert marks
    assert voters
    assert not any(mark in public for mark in marks)
    assert not any(voter in box for voter in voters)
    assert await count(session, "(SELECT DISTINCT xmin::text FROM voter) t") == 1  # casting leaves no trace on the roll
    assert await count(session, "(SELECT DISTINCT xmin::text FROM box.opened) t") <= 1


@pytest.mark.parametrize("phase", CALENDAR)
async def test_a_town(sessions, database, phase):
    await build_town(sessions, database, phase)
    async with sessions() as session:
        (round_,) = await list_rounds(session, None, clock.now())
        assert phase_at(round_.windows, clock.now()) == phase
        assert await count(session, "idea WHERE state = 'refused'") == len(texts.REFUSED)
        assert (await count(session, "project") > 0) == (phase != "ideas")
        assert (await count(session, "box.envelope") > 100) == (phase in ("voting", "results"))
        assert (await count(session, "box.opened") > 100) == (phase == "results")
        assert await count(session, "report") == (3 if phase == "results" else 0)
        if phase in ("voting", "results"):
            await check_secrecy(session)
    codes = await voting_codes(sessions)
    assert {len(own) for own in codes.values()} == ({EXAMPLE_CODES} if phase == "voting" else set())
    async with Visitor(make_app(sessions), "fi") as visitor:
        assert texts.TITLE in words(await visitor.get("/"))
