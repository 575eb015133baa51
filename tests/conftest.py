"""A real PostgreSQL for every test: rolled back after each, or (`database`) a fresh one where commits matter."""

import atexit
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

DATA = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
settings.register_profile("untimed", deadline=None)  # a slow machine fails no test
settings.load_profile("untimed")
os.environ |= {"PB_DATA_DIR": str(DATA), "PB_CITY": "Vanajaniemi", "PB_BASE_URL": "http://127.0.0.1"}

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from pb import embedded
from pb.app import make_app
from pb.city.models import Area, Service
from pb.database import create_database, make_engine, migrate
from pb.people.models import Person
from pb.permissions import Role
from tests.cast import make_area, make_person, make_service, sign_in_link
from tests.visitor import Visitor

Visit = Callable[..., Awaitable[Visitor]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the full suites")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="takes minutes: only with --slow")
        for test in items:
            if "slow" in test.keywords:
                test.add_marker(skip)


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    with embedded.running(DATA) as running:
        yield running
    shutil.rmtree(running.socket_dir, ignore_errors=True)


@pytest.fixture(scope="session")
async def template(server: embedded.Server) -> str:
    """A migrated, empty database from which others are made."""
    await create_database(server, "template_kukkaro")
    await migrate(server.url("template_kukkaro", embedded.OWNER), embedded.APP)
    return "template_kukkaro"


@pytest.fixture
async def database(server: embedded.Server, template: str) -> str:
    """The address of a fresh database, as the app's role, for tests that need real commits."""
    name = f"t{uuid4().hex[:12]}"
    await create_database(server, name, template)
    return server.url(name)


@pytest.fixture(scope="session")
async def engine(server: embedded.Server, template: str) -> AsyncIterator[AsyncEngine]:
    """One shared database, as the app's role; what is written in it is rolled back."""
    await create_database(server, "shared", template)
    engine = make_engine(server.url("shared"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions whose commits end with the test."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield async_sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        await outer.rollback()


@pytest.fixture
async def session(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@pytest.fixture
async def visitor(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[Visitor]:
    """Somebody with a browser but without JavaScript, who reads English."""
    async with Visitor(make_app(sessions)) as visitor:
        yield visitor


@pytest.fixture
def counted(engine: AsyncEngine) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the reads sent to the database inside a `with`."""

    @contextmanager
    def counted() -> Iterator[list[str]]:
        reads: list[str] = []

        def note(_connection, _cursor, statement: str, *_rest: object) -> None:
            if statement.startswith("SELECT"):
                reads.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        yield reads
        event.remove(engine.sync_engine, "before_cursor_execute", note)

    return counted


@pytest.fixture
async def visit(sessions: async_sessionmaker[AsyncSession], session: AsyncSession) -> AsyncIterator[Visit]:
    """Opens a browser of its own, signed in as the person given (None: signed out)."""
    app = make_app(sessions)
    async with AsyncExitStack() as browsers:

        async def visit(person: Person | None, language: str = "en") -> Visitor:
            browser = await browsers.enter_async_context(Visitor(app, language))
            return await browser.sign_in(await sign_in_link(session, person)) if person else browser

        yield visit


@pytest.fixture
async def culture(session: AsyncSession) -> Service:
    return await make_service(session)


@pytest.fixture
async def lammi(session: AsyncSession) -> Area:
    return await make_area(session)


@pytest.fixture
async def officer(session: AsyncSession, culture: Service) -> Person:
    return await make_person(session, "Olli", Role.OFFICER, culture)


@pytest.fixture
async def resident(session: AsyncSession) -> Person:
    return await make_person(session, "Raija")


@pytest.fixture
async def administrator(session: AsyncSession) -> Person:
    return await make_person(session, "Anna", Role.ADMINISTRATOR)
