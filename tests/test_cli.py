"""The `pb` command: starts lightly, and what it refuses is one sentence and the status 1."""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from pb import embedded
from pb.database import create_database, make_engine, make_sessions
from pb.permissions import Phase
from tests.cast import NOW, make_round, make_service
from tests.processes import ROOT, run_pb


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory in which no database is needed."""
    path = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    yield path
    shutil.rmtree(path)


def plain(url: str) -> str:
    """The address as a person writes it."""
    return url.replace("postgresql+asyncpg", "postgresql")


def test_counting_imports_neither_web_nor_database(tmp_path):
    (tmp_path / "empty.pb").write_text("META\n")
    code = "import sys; from pb.cli import main\ntry: main()\nfinally: print(*sys.modules, sep='\\n')"
    words = [sys.executable, "-c", code, "tally", str(tmp_path / "empty.pb")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "tally.command" in done.stdout
    for heavy in ("litestar", "sqlalchemy", "jinja2", "pydantic", "babel"):
        assert f"\n{heavy}\n" not in done.stdout


def test_a_port_in_use(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["serve"], ["demo", "--port", port]):
            status, said = run_pb(home, *words, port=port)
            assert status == 1
            assert said == f"pb: Port {port} on 127.0.0.1 cannot be used (Address already in use). Choose another."
    assert not (home / "postgresql").exists()


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["admin", "eeva@example.fi"]])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://pb_app:secret@127.0.0.1:1/kukkaro",
        "postgresql://pb_app:secret@/kukkaro?host=/nowhere",
        "kukkaro",
    ],
)
def test_a_database_that_does_not_answer(home, command, url):
    status, said = run_pb(home, *command, database_url=url, port="0")
    assert status == 1
    assert re.fullmatch(r"pb: (The database does not answer at|PB_DATABASE_URL is not an address).*", said)
    assert "secret" not in said


async def test_a_database_that_is_missing_or_behind_its_migrations(home, server, template):
    name = f"t{uuid4().hex[:12]}"
    url = plain(server.url(name))
    status, said = run_pb(home, "serve", database_url=url, port="0")
    assert (status, f'database "{name}" does not exist' in said) == (1, True)
    await create_database(server, name)
    behind = (1, "pb: The database is not at this version's migration. Run: pb migrate")
    assert run_pb(home, "serve", database_url=url, port="0") == behind
    owner = plain(server.url(name, embedded.OWNER))
    assert run_pb(home, "migrate", database_url=url, owner_url=owner) == (0, "The database is at this version.")
    status, said = run_pb(home, "admin", "eeva@example.fi", database_url=url)
    assert status == 0, said


async def test_a_database_that_would_log_ballots(home, database, server):
    name = database.partition("?")[0].rpartition("/")[2]
    engine = make_engine(server.url(name, embedded.OWNER))
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER DATABASE {name} SET log_parameter_max_length = -1")
    await engine.dispose()
    status, said = run_pb(home, "serve", database_url=plain(database), port="0")
    assert (status, said.splitlines()) == (1, [said])
    assert "ALTER ROLE pb_app SET log_parameter_max_length = 0" in said


async def test_a_database_that_could_lose_votes(home, database, server):
    name = database.partition("?")[0].rpartition("/")[2]
    engine = make_engine(server.url(name, embedded.OWNER))
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    await engine.dispose()
    status, said = run_pb(home, "serve", database_url=plain(database), port="0")
    assert (status, said.splitlines()) == (1, [said])
    assert "because the database has synchronous_commit = off." in said


async def test_a_confirmed_round_whose_secrets_are_missing(home, database):
    engine = make_engine(database)
    async with make_sessions(engine)() as session, session.begin():
        round_ = await make_round(session, await make_service(session), Phase.VOTING)
        round_.confirmed_at, round_.rules, round_.rules_sha256 = NOW, "{}", bytes(32)
    await engine.dispose()
    status, said = run_pb(home, "serve", database_url=plain(database), port="0")
    assert status == 1
    assert re.fullmatch(rf"pb: The keys of round {round_.id} are not in {home}/secrets\. .*", said)


async def test_an_administrator_made_twice_has_one_appointment_and_two_links(home, database):
    links = set()
    for _ in range(2):
        status, said = run_pb(home, "admin", "Eeva@example.fi", "--name", "Eeva", database_url=plain(database))
        assert status == 0, said
        links.add(said.splitlines()[-1])
    assert len(links) == 2
    engine = make_engine(database)
    async with engine.connect() as connection:
        query = "SELECT person.name, email, role FROM appointment JOIN person ON person.id = person_id"
        assert (await connection.exec_driver_sql(query)).all() == [("Eeva", "eeva@example.fi", "administrator")]
    await engine.dispose()
