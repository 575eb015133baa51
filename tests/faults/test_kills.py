"""Processes are killed while people vote: every vote that was acknowledged is in the box, once, as it was cast.

Real processes and a real PostgreSQL. Few votes and kills here; 10,000 votes, 20 kills of the app and 10 of PostgreSQL
with `--slow`.
"""

import asyncio
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from time import sleep
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from ballots.plaintext import decode_ballot
from ballots.seal import unseal_ballot
from ballots.tables import envelope
from pb import embedded, keys
from pb.database import create_database, migrate
from tests.bench.cast import Connection, free_port, make_town_of, prepare, start_server

AT_ONCE = 10
FEW, MANY = (300, 3), pytest.param(10_000, 20, marks=pytest.mark.slow)
FEW_DATABASE, MANY_DATABASE = (200, 2), pytest.param(10_000, 10, marks=pytest.mark.slow)


async def persist(port, request):
    """Send it again and again until it is acknowledged, as a person presses the button again."""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            connection = await Connection().open(port)
            try:
                status, _ = await connection.ask(request)
            finally:
                await connection.close()
            if status == 303:
                return
            assert status >= 500, status
        await asyncio.sleep(0.05)


async def vote_while(port, casts, kills, kill):
    """All vote, so many at once; `kill` strikes each time another part of them has."""
    waiting, done, one_at_a_time = list(casts), 0, asyncio.Lock()
    marks = {number * len(casts) // (kills + 1) for number in range(1, kills + 1)}

    async def work():
        nonlocal done
        while waiting:
            await persist(port, waiting.pop())
            done += 1
            if done in marks:
                async with one_at_a_time:
                    await asyncio.to_thread(kill)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def check_box(url, round_id, casts):
    """Each acknowledged vote is there once, with the code of its own ticket, and nothing else is."""
    codes = {parse_qs(cast.split(b"\r\n\r\n")[1].decode())["ticket"][0].split("|")[1] for cast in casts}
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        sealed = select(envelope.c.ciphertext, envelope.c.version).where(envelope.c.round_id == round_id)
        rows = (await connection.execute(sealed)).all()
    await engine.dispose()
    key = keys.read_key("opening", round_id)
    ballots = [decode_ballot(round_id, unseal_ballot(key, round_id, ciphertext)) for ciphertext, _ in rows]
    assert len(rows) == len(casts) == len(codes)
    assert {ballot.code for ballot in ballots} == codes
    assert {version for _, version in rows} == {1}


@pytest.fixture
def home():
    """A data directory that the database's own user can enter."""
    path = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize(("votes", "kills"), [FEW, MANY])
async def test_a_vote_outlives_the_kill_of_the_app(database, votes, kills):
    round_id, ready = await make_town_of(database, votes)
    port = free_port()
    serving = [start_server(database, port)]

    def kill():
        serving[0].kill()
        serving[0].wait()
        serving[0] = start_server(database, port)

    casts, _ = await prepare(port, round_id, ready[:votes])
    try:
        await vote_while(port, casts, kills, kill)
    finally:
        serving[0].kill()
        serving[0].wait()
    await check_box(database, round_id, casts)


@pytest.mark.parametrize(("votes", "kills"), [FEW_DATABASE, MANY_DATABASE])
async def test_a_vote_outlives_the_kill_of_postgresql(home, votes, kills):
    with embedded.running(home) as server:
        await create_database(server, "town")
        await migrate(server.url("town", embedded.OWNER), embedded.APP)
        url = server.url("town")
        round_id, ready = await make_town_of(url, votes)
        port = free_port()
        serving = start_server(url, port)

        def kill():
            postmaster = int((home / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGKILL)
            while Path(f"/proc/{postmaster}").exists():
                sleep(0.01)
            with embedded.running(home):
                pass

        casts, _ = await prepare(port, round_id, ready[:votes])
        try:
            await vote_while(port, casts, kills, kill)
        finally:
            serving.kill()
            serving.wait()
        await check_box(url, round_id, casts)
