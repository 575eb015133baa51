"""The embedded PostgreSQL starts, is shared, survives kills and stops, with real processes."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from pb import embedded
from tests.processes import environment, read_until, start

USE = """
import sys, time
from pathlib import Path
from pb import embedded
with embedded.running(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory that `nobody` can reach; afterwards no server is left on it."""
    path = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    yield path
    if (path / "postgresql" / "data").exists():
        with embedded.running(path) as server:
            pass
        shutil.rmtree(server.socket_dir)
    shutil.rmtree(path)


def postmaster(home: Path) -> int | None:
    """The process number of the server on `home`, or None if none runs."""
    try:
        pid = int((home / "postgresql" / "data" / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pid


async def ask(server: embedded.Server, *queries: str) -> list:
    """The first value that each query gives."""
    connection = await asyncpg.connect(host=str(server.socket_dir), user=embedded.OWNER, database="postgres")
    try:
        return [await connection.fetchval(query) for query in queries]
    finally:
        await connection.close()


def use(home: Path) -> subprocess.Popen[str]:
    """A process that uses the server until it is ended."""
    process = start("-c", USE, str(home), env=environment(home))
    read_until(process, "ready")
    return process


def end(process: subprocess.Popen[str], how: signal.Signals) -> None:
    """Send the signal to the process's whole group, as a terminal does, and wait."""
    os.killpg(process.pid, how)
    process.communicate(timeout=60)


def wait_until(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.005)


async def test_what_was_written_is_found_again(home):
    with embedded.running(home) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
    assert postmaster(home) is None
    with embedded.running(home) as server:
        assert await ask(server, "SELECT n FROM kept") == [7]


async def test_the_server_is_closed_to_everybody_else_and_logs_no_parameter(home):
    with embedded.running(home) as server:
        settings = ("listen_addresses", "log_parameter_max_length", "log_parameter_max_length_on_error")
        assert await ask(server, *(f"SHOW {name}" for name in settings)) == ["", "0", "0"]
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "postgresql" / "data").stat().st_mode) == 0o700
        with pytest.raises(ConnectionRefusedError), socket.socket() as tcp:
            tcp.connect(("127.0.0.1", 5432))


def test_of_two_users_who_start_at_once_the_last_one_stops_it(home):
    first, second = (start("-c", USE, str(home), env=environment(home)) for _ in range(2))
    for process in (first, second):
        read_until(process, "ready")
    end(first, signal.SIGINT)
    assert postmaster(home) is not None
    end(second, signal.SIGINT)
    assert postmaster(home) is None


async def test_a_server_left_behind_by_a_killed_process_is_taken_over(home):
    end(use(home), signal.SIGKILL)
    left = postmaster(home)
    assert left is not None
    with embedded.running(home) as server:
        assert postmaster(home) == left
        assert await ask(server, "SELECT 1") == [1]
    assert postmaster(home) is None


async def test_a_killed_server_starts_again(home):
    with embedded.running(home) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
        pid = postmaster(home)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: postmaster(home) is None)
    with embedded.running(home) as server:
        assert await ask(server, "SELECT n FROM kept") == [7]


async def test_an_interrupted_first_start_leaves_nothing_that_hinders_the_next(home):
    process = start("-c", USE, str(home), env=environment(home))
    wait_until((home / "postgresql" / "data.new" / "base").exists)
    end(process, signal.SIGKILL)
    assert not (home / "postgresql" / "data").exists()
    with embedded.running(home) as server:
        assert await ask(server, "SELECT 1") == [1]
    assert not (home / "postgresql" / "data.new").exists()


def test_ctrl_c_ends_pb_and_its_postgresql(home):
    process = start("-m", "pb", "serve", env=environment(home, port="0", city="Lammi"))
    try:
        read_until(process, "Kukkaro serves Lammi")
        assert postmaster(home) is not None
    finally:
        end(process, signal.SIGINT)
    assert (process.returncode, postmaster(home)) == (0, None)


def test_a_socket_directory_of_somebody_else_is_refused(tmp_path):
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="somebody else"):
        embedded._own(trap)
