"""Starting and stopping: the database, the socket, the server; and the commands that need no server."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import uvicorn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb import clock
from pb.city.models import Appointment
from pb.database import database_server, make_sessions, migrate, open_engine, read_address, ready_url
from pb.errors import Refusal
from pb.forgetting.models import Forgotten
from pb.forgetting.service import destroy_keys, forget_round
from pb.keys import key_path
from pb.language import in_language
from pb.people.queries import find_person
from pb.people.service import add_person, make_sign_in_link
from pb.permissions import Role
from pb.rounds.models import Round
from pb.settings import get_settings
from pb.trustees.models import TrusteeKey

NEEDED = ("box", "code", "log", "opening")  # the keys of a confirmed round
KEY_BYTES = 32


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises RuntimeError with a sentence if the port is in use or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise RuntimeError(f"Port {port} on {host} cannot be used ({error.strerror}). Choose another.") from None
    return bound


def run_server(url: str, bound: socket.socket, announce: Callable[[], None]) -> None:
    """Serve the app until Ctrl-C or SIGTERM, then come back."""
    from pb.app import serve_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    for chatty in ("fontTools", "weasyprint", "pgqueuer"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    app = serve_app(url)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10)
    with suppress(KeyboardInterrupt):
        announce()
        uvicorn.Server(config).run(sockets=[bound])


def exit_on_terminate() -> None:
    """SIGTERM ends the program as Ctrl-C does, so that the embedded database is stopped in order."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def serve_city() -> None:
    settings = get_settings()
    exit_on_terminate()
    with listen(settings.host, settings.port) as bound, database_server(settings) as server:
        url = asyncio.run(ready_url(settings, server))
        asyncio.run(check_secrets(url))
        run_server(url, bound, lambda: print(f"Kukkaro serves {settings.city} at {settings.address}", flush=True))


async def check_secrets(url: str) -> None:
    """Raise RuntimeError if a key that a confirmed round needs is missing beside its database.

    An opening key that trustees hold was never here; of a forgotten round only those of the codes and the log are.
    """
    async with open_sessions(url) as sessions, sessions() as session:
        held = set(await session.scalars(select(TrusteeKey.round_id)))
        forgotten = set(await session.scalars(select(Forgotten.round_id)))
        for round_id in await session.scalars(select(Round.id).where(Round.confirmed_at.is_not(None))):
            gone = {"opening", "box"} if round_id in forgotten else {"opening"} if round_id in held else set()
            if missing := missing_keys(round_id, [purpose for purpose in NEEDED if purpose not in gone]):
                folder = get_settings().secrets
                raise RuntimeError(
                    f"The keys of round {round_id} are not in {folder}. In its folder {round_id} there must be "
                    f"{', '.join(missing)}. Without them votes could not be cast or counted. Restore the secrets "
                    "directory, or set PB_SECRETS_DIR to where it is."
                )


def missing_keys(round_id: UUID, purposes: Iterable[str]) -> list[str]:
    """The names of the round's key files that are not there, or not whole."""
    paths = (key_path(purpose, round_id) for purpose in purposes)
    return [path.name for path in paths if not path.is_file() or path.stat().st_size != KEY_BYTES]


@asynccontextmanager
async def open_sessions(url: str) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions on a database for the length of one command."""
    async with open_engine(url) as engine:
        yield make_sessions(engine)


def migrate_database() -> None:
    settings = get_settings()
    with database_server(settings) as server:
        if server is not None:
            asyncio.run(ready_url(settings, server))
        else:
            role = read_address(settings.database_url).username or ""
            asyncio.run(migrate(settings.owner_url or settings.database_url, role))
    print("The database is at this version.")


def make_administrator(email: str, name: str) -> None:
    settings = get_settings()
    with database_server(settings) as server:
        url = asyncio.run(ready_url(settings, server))
        link = asyncio.run(_appoint_administrator(url, email, name))
    print(f"{email} is an administrator. Sign in once, within an hour:\n{link}")


async def _appoint_administrator(url: str, email: str, name: str) -> str:
    now = clock.now()
    async with open_sessions(url) as sessions, sessions() as session, session.begin():
        person = await find_person(session, email) or await add_person(session, email, name, now)
        held = [a for a in person.appointments if a.role is Role.ADMINISTRATOR and a.ended_at is None]
        if not held:
            session.add(Appointment(person_id=person.id, role=Role.ADMINISTRATOR, started_at=now))
        return await make_sign_in_link(session, email, "/desk", now, minutes=60)


def forget_city_round(round_id: UUID) -> None:
    """Destroy the round's envelopes, then its keys. Raises RuntimeError with the sentence that refuses it."""
    settings = get_settings()
    with database_server(settings) as server, in_language("en"):
        try:
            asyncio.run(_forget(asyncio.run(ready_url(settings, server)), round_id))
        except Refusal as refused:
            raise RuntimeError(refused.message) from None
    destroyed = ", ".join(destroy_keys(round_id)) or "none was left"
    print(f"The envelopes are destroyed, and these keys: {destroyed}. Backups that hold them must be destroyed too.")


async def _forget(url: str, round_id: UUID) -> None:
    async with open_sessions(url) as sessions, sessions() as session, session.begin():
        await forget_round(session, round_id, clock.now())
