"""Engine, models' base, and the one place that commits."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from litestar.datastructures import State
from sqlalchemy import URL, BigInteger, Connection, DateTime, MetaData, Uuid, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, configure_mappers

from pb import embedded
from pb.settings import Settings

DURABLE = {  # what PostgreSQL must have so that a committed vote survives a power failure
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
}
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table of the app shares: names of constraints, times with a zone."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(), int: BigInteger()}


def read_address(url: str) -> URL:
    """The address in `url`; a plain postgresql:// one is read as asyncpg's. Raises RuntimeError if it is none."""
    try:
        address = make_url(url)
    except ArgumentError:
        address = None
    if address is None or address.get_backend_name() not in ("postgresql", "postgres"):
        raise RuntimeError("PB_DATABASE_URL is not an address like postgresql://role:password@host/database.")
    return address.set(drivername="postgresql+asyncpg")


def make_engine(url: str) -> AsyncEngine:
    """An engine for `url`. Errors never show parameters."""
    return create_async_engine(read_address(url), pool_size=20, max_overflow=0, hide_parameters=True)


@asynccontextmanager
async def open_engine(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine for one command. Raises RuntimeError with a sentence if the database does not answer."""
    engine = make_engine(url)
    try:
        try:
            async with engine.connect():
                pass
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError) as error:
            place, why = engine.url.render_as_string(hide_password=True), str(error).partition("\n")[0]
            raise RuntimeError(f"The database does not answer at {place} ({why}). Is PB_DATABASE_URL right?") from None
        yield engine
    finally:
        await engine.dispose()


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    configure_mappers()  # from here on a relationship named from its other side exists: Person.appointments
    return async_sessionmaker(engine, expire_on_commit=False)


async def provide_session(state: State) -> AsyncIterator[AsyncSession]:
    """One transaction a request: committed before the answer leaves, rolled back on any error."""
    async with state.sessions() as session, session.begin():
        yield session


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "pb:migrations")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    command.upgrade(alembic_config(connection), revision)


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest migration."""
    script = ScriptDirectory.from_config(alembic_config(connection))
    return MigrationContext.configure(connection).get_current_revision() == script.get_current_head()


# What the app may do with these tables, by grant as by trigger; with every other one it may do all four.
LESS = {
    "alembic_version": "SELECT",
    "event": "SELECT, INSERT",
    "amendment": "SELECT, INSERT",
    "estimate": "SELECT, INSERT",
    "idea_version": "SELECT, INSERT",
    "delivery": "SELECT, INSERT",
    "count": "SELECT, INSERT",
    "box.opened": "SELECT, INSERT",
    "box.void": "SELECT, INSERT",
    "box.round": "SELECT, INSERT, UPDATE",
    "opening": "SELECT, INSERT, UPDATE",
    "forgotten": "SELECT, INSERT",
    "box.envelope": "SELECT, INSERT, UPDATE, DELETE",
    "box.queue": "SELECT, INSERT, DELETE",
    "box.log": "SELECT, INSERT",
    "box.tree_head": "SELECT, INSERT",
}


def grant_app(connection: Connection, role: str) -> None:
    """Let `role` use the tables without owning them, so that no trigger can be switched off by the app."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    for schema in ("public", "box"):
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
        tables = f"ALL TABLES IN SCHEMA {schema} TO {quoted}"
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}"))
    for table, rights in LESS.items():
        connection.execute(text(f"REVOKE ALL ON {table} FROM {quoted}"))
        connection.execute(text(f"GRANT {rights} ON {table} TO {quoted}"))


async def migrate(owner_url: str, app_role: str) -> None:
    """Bring the database to the newest migration and let the app's role in."""
    async with open_engine(owner_url) as engine, engine.begin() as connection:
        await connection.run_sync(upgrade)
        if app_role != engine.url.username:
            await connection.run_sync(grant_app, app_role)


@asynccontextmanager
async def _administration(server: embedded.Server) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(host=str(server.socket_dir), user=embedded.OWNER, database="postgres")
    try:
        yield connection
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def create_database(
    server: embedded.Server, name: str, template: str = "template1", unless: str | None = None
) -> bool:
    """Make database `name` and the app's role on the embedded server; whether it was made now.

    Nothing is made if it exists. With `unless`, an existing database of that name hinders it, and one called
    `name` is unfinished work and made anew.
    """
    async with _administration(server) as connection:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", embedded.APP):
            await connection.execute(f"CREATE ROLE {embedded.APP} LOGIN")
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", unless or name):
            return False
        if unless:
            await connection.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}")
        return True


async def drop_database(server: embedded.Server, name: str) -> None:
    async with _administration(server) as connection:
        await connection.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


async def rename_database(server: embedded.Server, name: str, new_name: str) -> None:
    async with _administration(server) as connection:
        await connection.execute(f"ALTER DATABASE {_quoted(name)} RENAME TO {_quoted(new_name)}")


@contextmanager
def database_server(settings: Settings) -> Iterator[embedded.Server | None]:
    """The embedded server while it is needed, or None where PB_DATABASE_URL names another."""
    if settings.database_url:
        yield None
    else:
        with embedded.running(settings.data_dir) as server:
            yield server


async def unsafe_settings(connection: AsyncConnection | AsyncSession) -> list[str]:
    """What of this PostgreSQL would let a committed vote be lost when the power fails; empty when all is well."""
    shown = {name: await connection.scalar(text(f"SHOW {name}")) for name in DURABLE}
    return [f"{name} = {value}" for name, value in shown.items() if value not in DURABLE[name]]


async def ready_url(settings: Settings, server: embedded.Server | None) -> str:
    """The app's database address, migrated. Raises RuntimeError if a foreign one is not as it must be."""
    if server is not None:
        await create_database(server, settings.database)
        await migrate(server.url(settings.database, embedded.OWNER), embedded.APP)
        return server.url(settings.database)
    async with open_engine(settings.database_url) as engine, engine.connect() as connection:
        if not await connection.run_sync(is_current):
            raise RuntimeError("The database is not at this version's migration. Run: pb migrate")
        if await connection.scalar(text("SHOW log_parameter_max_length")) != "0":
            raise RuntimeError(
                "The database may write sealed ballots into its log. Run as a superuser: "
                f"ALTER ROLE {engine.url.username} SET log_parameter_max_length = 0"
            )
        if unsafe := await unsafe_settings(connection):
            raise RuntimeError(
                f"A vote could be lost when the power fails, because the database has {', '.join(unsafe)}. "
                "Set fsync, full_page_writes and synchronous_commit to on, then start again."
            )
    return settings.database_url
