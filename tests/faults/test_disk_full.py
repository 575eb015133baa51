"""The database's disk is really full: votes are refused with a clear page, and all is well again once there is room.

The data directory lies on a small file system: a tmpfs that root mounts, or a small /dev/shm, as containers have.
"""

import asyncio
import errno
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from functools import partial
from itertools import cycle, repeat
from pathlib import Path

import asyncpg
import pytest

from pb import embedded, language
from pb.database import create_database, migrate
from tests.bench.cast import Connection, free_port, make_town_of, prepare, serving
from tests.faults.test_kills import check_box, persist, vote_while
from tests.waiting import until

MEGABYTE = 2**20
ROOM, NEEDED = 128 * MEGABYTE, 48 * MEGABYTE  # a town takes 35 MB
SMALL = 1024 * MEGABYTE  # nobody's memory is eaten by filling more than this
FEW, MANY = 200, pytest.param(2_000, marks=pytest.mark.slow)
NOT_RECEIVED = (
    "Your vote was not received. Wait a minute, then load this page again and let the browser send the form once more."
)


def mount(path):
    """Mount a file system of ROOM at `path`. What hinders it; empty for nothing."""
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", path], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as missing:
        return str(missing)
    return done.stderr.strip()


@pytest.fixture
def disk():
    """A small file system of our own; its directory can be entered by the database's user."""
    with ExitStack() as stack:
        path = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
        stack.callback(shutil.rmtree, path, ignore_errors=True)
        if hindrance := mount(path):
            shm = Path("/dev/shm")
            free = shutil.disk_usage(shm).free if shm.is_dir() else 0
            if not NEEDED < free < SMALL:
                pytest.skip(f"no small disk: {hindrance}; /dev/shm has {free // MEGABYTE} MB free")
            path = Path(tempfile.mkdtemp(prefix="kukkaro-test-", dir=shm))
            stack.callback(shutil.rmtree, path, ignore_errors=True)
        else:
            stack.callback(subprocess.run, ["umount", path], check=True)
        path.chmod(0o755)
        yield path


def move(home, disk):
    """Put the stopped server's data on the disk, with a write-ahead log in files of one megabyte."""
    data = home / "data"
    embedded._must(embedded._binaries(home) / "pg_resetwal", "--wal-segsize=1", data)
    subprocess.run(["cp", "-a", data, disk], check=True)
    shutil.rmtree(data)
    data.symlink_to(disk / "data")


@pytest.fixture
async def town(disk, request):
    """A running server whose data is on the small disk; the round of a town in it, and its voters' tickets."""
    votes = getattr(request, "param", FEW)
    home = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    with embedded.running(home) as server:
        await create_database(server, "town")
        await migrate(server.url("town", embedded.OWNER), embedded.APP)
        round_id, ready = await make_town_of(server.url("town"), votes)
    move(home / "postgresql", disk)
    with embedded.running(home) as server:
        yield server, round_id, ready[:votes]
    shutil.rmtree(server.socket_dir)
    shutil.rmtree(home)


def fill(disk):
    """Leave not one byte free; the file that takes the room."""
    balloon = disk / "balloon"
    with balloon.open("ab", buffering=0) as file, pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        file.writelines(repeat(bytes(4096)))
    return balloon


async def ask(port, request, spoken="fi"):
    """The status and the page."""
    connection = await Connection().open(port)
    try:
        connection.writer.write(request.replace(b"\r\n", f"\r\naccept-language: {spoken}\r\n".encode(), 1))
        head = await connection.reader.readuntil(b"\r\n\r\n")
        length = int(dict(Connection.lines(head)).get(b"content-length", 0))
        return int(head.split(b" ", 2)[1]), (await connection.reader.readexactly(length)).decode()
    finally:
        await connection.close()


async def connect(server):
    return await asyncpg.connect(host=str(server.socket_dir), user=embedded.OWNER, database="town")


LOG_SOMETHING = "SELECT pg_logical_emit_message(true, '', repeat('x', 100000))"


async def spare_log_files(server):
    """Leave used files of the write-ahead log to be used again, as a server has that has run for a while."""
    owner = await connect(server)
    for _ in range(60):
        await owner.execute(LOG_SOMETHING)
    await owner.execute("CHECKPOINT")
    await owner.close()


async def exhaust(server):
    """Write until the write-ahead log needs another file."""
    owner = await connect(server)
    with suppress(asyncpg.PostgresError):
        while True:
            await owner.execute(LOG_SOMETHING)
    await owner.close()


async def gives_up(server, disk):
    """Whether the server stops on the full disk; what it tidies up meanwhile is filled again."""
    fill(disk)
    with suppress(OSError, asyncpg.PostgresError):
        await exhaust(server)
    return not (disk / "data" / "postmaster.pid").exists()


async def count_rows(server):
    """How many envelopes are in the box, and how many of their names wait or are logged."""
    owner = await connect(server)
    try:
        query = "SELECT (SELECT count(*) FROM box.envelope), (SELECT count(*) FROM box.queue), count(*) FROM box.log"
        envelopes, waiting, logged = await owner.fetchrow(query)
    finally:
        await owner.close()
    return envelopes, waiting + logged


@pytest.mark.parametrize("town", [FEW, MANY], indirect=True)
async def test_votes_on_a_full_disk_are_refused_whole_and_come_in_when_there_is_room(disk, town):
    server, round_id, ready = town
    port, heard = free_port(), set()
    with serving(server.url("town"), port):
        casts, _ = await prepare(port, round_id, ready)
        for start in range(0, len(casts), FEW):  # the disk is full again and again, each time for a while
            before, now = start + FEW // 4, casts[start : start + FEW]
            await vote_while(port, now[: FEW // 4], 0, None)
            await spare_log_files(server)
            balloon = fill(disk)
            answers = [
                (s, *await ask(port, cast, s))
                for s, cast in zip(cycle(language.LANGUAGES), now[FEW // 4 :], strict=False)
            ]
            refused = [(spoken, page) for spoken, status, page in answers if status == 503]
            taken = before + len(answers) - len(refused)
            assert {status for _, status, _ in answers} <= {303, 503}
            assert await count_rows(server) == (taken, taken)
            for spoken, page in refused:
                with language.in_language(spoken):
                    assert language.gettext(NOT_RECEIVED) in page
            heard.update(spoken for spoken, _ in refused)
            assert (await ask(port, f"GET /rounds/{round_id} HTTP/1.1\r\nhost: x\r\n\r\n".encode()))[0] == 200
            balloon.unlink()
            await vote_while(port, now, 0, None)
    assert heard == set(language.LANGUAGES)  # many fit the room that their tables still had, and many did not
    assert await count_rows(server) == (len(casts), len(casts))
    await check_box(server.url("town"), round_id, casts)


async def test_a_server_that_gave_up_for_want_of_room_comes_back_by_itself(disk, town):
    server, round_id, ready = town
    port = free_port()
    with serving(server.url("town"), port):
        casts, _ = await prepare(port, round_id, ready)
        await vote_while(port, casts[: FEW // 2], 0, None)
        await until(partial(gives_up, server, disk))
        balloon = fill(disk)
        assert {(await ask(port, cast))[0] for cast in casts} == {503}
        balloon.unlink()
        await asyncio.gather(*(persist(port, cast) for cast in casts))
    assert await count_rows(server) == (FEW, FEW)
    await check_box(server.url("town"), round_id, casts)
