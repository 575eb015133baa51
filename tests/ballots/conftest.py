"""A real PostgreSQL, rounds whose voting is open by its clock, and people who cast."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from ballots.box import Box, Receipt, cast_envelope, prepare_box
from ballots.codes import new_ballot_code
from ballots.plaintext import encode_ballot
from ballots.seal import OVERHEAD, box_ref, new_key, seal_ballot
from pb import embedded
from pb.database import create_database

LENGTH = 192
PRIVATE, PUBLIC = new_key()
BOX_KEY = bytes(range(32))


@pytest.fixture(scope="session")
async def engine(server: embedded.Server, template: str) -> AsyncIterator[AsyncEngine]:
    """A database of their own, as its owner: even the owner meets the triggers, and one test takes them away."""
    await create_database(server, "ballots", template)
    engine = create_async_engine(server.url("ballots", embedded.OWNER), pool_size=40, max_overflow=0)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def private_key() -> bytes:
    return PRIVATE


@pytest.fixture(scope="session")
def make_ref() -> Callable[[UUID], bytes]:
    return lambda person: box_ref(BOX_KEY, person)


@pytest.fixture(scope="session")
def make_envelope() -> Callable[..., bytes]:
    def make(round_id: UUID, choices=None, code: str = "") -> bytes:
        plaintext = encode_ballot(round_id, code or new_ballot_code(), choices or {1: [2]}, LENGTH)
        return seal_ballot(PUBLIC, round_id, plaintext)

    return make


@pytest.fixture(scope="session")
def make_box(engine) -> Callable[..., Awaitable[UUID]]:
    async def make(opens_in: float = -60, closes_in: float = 3600) -> UUID:
        """A box that opens and closes so many seconds from now."""
        round_id, now = uuid4(), datetime.now(UTC)
        opens_at, closes_at = now + timedelta(seconds=opens_in), now + timedelta(seconds=closes_in)
        async with AsyncSession(engine) as session, session.begin():
            size = LENGTH + OVERHEAD
            await prepare_box(session, Box(round_id, PUBLIC, opens_at, closes_at, size, bytes(32)))
        return round_id

    return make


@pytest.fixture(scope="session")
def cast(engine, make_ref, make_envelope) -> Callable[..., Awaitable[Receipt]]:
    async def cast_ballot(round_id, person, submission=None, seen=0, choices=None, code="") -> Receipt:
        sealed = make_envelope(round_id, choices, code)
        async with AsyncSession(engine) as session, session.begin():
            return await cast_envelope(session, round_id, make_ref(person), sealed, submission or uuid4(), seen)

    return cast_ballot


@pytest.fixture(scope="session")
def wait_for_close(engine) -> Callable[[UUID], Awaitable[None]]:
    async def wait(round_id: UUID) -> None:
        left = "extract(epoch FROM closes_at - clock_timestamp())"
        query = text(f"SELECT pg_sleep(greatest(0, {left}) + 0.01) FROM box.round WHERE round_id = :id")
        async with engine.connect() as connection:
            await connection.execute(query, {"id": round_id})

    return wait
