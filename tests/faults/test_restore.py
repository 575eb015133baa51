"""The database's disk is lost: from a base backup and the archived write-ahead log comes the same box and the same log.

The backup is taken while people vote, by PostgreSQL's own rules for a copy of a running server's files. 200 votes;
5,000 with `--slow`. https://www.postgresql.org/docs/current/continuous-archiving.html
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import asyncpg
import pytest

from ballots.log import list_heads, list_leaves
from ballots.merkle import root_of
from ballots.seal import is_signed, verifying_key
from pb import embedded, keys
from pb.database import create_database, make_engine, make_sessions, migrate
from pb.log.service import append_log
from tests.bench.cast import free_port, make_town_of, prepare, serving
from tests.faults.test_kills import check_box, vote_while
from tests.waiting import until

FEW, MANY = 200, pytest.param(5_000, marks=pytest.mark.slow)
NOT_COPIED = shutil.ignore_patterns("postmaster.pid", "postmaster.opts", "pg_wal", "pg_replslot")


@pytest.fixture
def place():
    """A directory that the database's own user can enter: two cities, and the archive between them."""
    path = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    path.chmod(0o755)
    archive = path / "archive"
    archive.mkdir(mode=0o777)
    archive.chmod(0o777)
    yield path
    shutil.rmtree(path)


async def connect(server):
    return await asyncpg.connect(host=str(server.socket_dir), user=embedded.OWNER, database="postgres")


async def found(city, archive):
    """A city whose server archives its write-ahead log from its next start on."""
    with embedded.running(city) as server:
        await create_database(server, "town")
        await migrate(server.url("town", embedded.OWNER), embedded.APP)
        owner = await connect(server)
        await owner.execute("ALTER SYSTEM SET archive_mode = on")
        await owner.execute(f'ALTER SYSTEM SET archive_command = \'cp "%p" "{archive}/%f"\'')
        await owner.close()


async def back_up(server, city, base):
    """Copy the running server's files, as `pg_backup_start` and `pg_backup_stop` allow."""
    owner = await connect(server)
    await owner.execute("SELECT pg_backup_start('town', true)")
    data = city / "postgresql" / "data"
    await asyncio.to_thread(shutil.copytree, data, base, ignore=NOT_COPIED, ignore_dangling_symlinks=True)
    label = await owner.fetchrow("SELECT labelfile, spcmapfile FROM pg_backup_stop(false)")
    await owner.close()
    (base / "backup_label").write_text(label["labelfile"])


async def archive_all(server, archive):
    """Wait until all that was committed so far lies in the archive."""
    owner = await connect(server)
    here = await owner.fetchval("SELECT pg_logical_emit_message(true, '', 'the last of this file')")
    last = await owner.fetchval("SELECT pg_walfile_name($1)", here)
    await owner.execute("SELECT pg_switch_wal()")
    await owner.close()
    await until(lambda: asyncio.to_thread((archive / last).exists))


def restore(base, city, archive):
    """A new city whose server brings the backup up to date from the archive at its first start."""
    home = city / "postgresql"
    home.mkdir(parents=True)
    data = home / "data"
    shutil.copytree(base, data)
    for folder in ("pg_wal", "pg_replslot"):
        (data / folder).mkdir()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f'restore_command = \'cp "{archive}/%f" "%p"\'\n')
    (data / "recovery.signal").touch()
    owner = archive.parent / "a" / "postgresql" / "data"
    for path in (home, data, *data.rglob("*")):
        os.chown(path, owner.stat().st_uid, owner.stat().st_gid)
        path.chmod(0o700 if path.is_dir() else 0o600)


async def log_of(url, round_id):
    """The log's leaves, and its last head."""
    engine = make_engine(url)
    async with make_sessions(engine)() as session:
        head = (await list_heads(session, round_id))[-1]
        leaves = await list_leaves(session, round_id, head.size)
    await engine.dispose()
    return leaves, head


async def finish_log(url, round_id):
    engine = make_engine(url)
    async with make_sessions(engine)() as session, session.begin():
        await append_log(session, round_id)
    await engine.dispose()


@pytest.mark.parametrize("votes", [FEW, MANY])
async def test_a_base_backup_and_the_archived_log_give_the_same_box_and_the_same_root(place, votes):
    city, archive = place / "a", place / "archive"
    await found(city, archive)
    with embedded.running(city) as server:
        url = server.url("town")
        round_id, ready = await make_town_of(url, votes)
        port = free_port()
        with serving(url, port):
            casts, _ = await prepare(port, round_id, ready[:votes])
            await vote_while(port, casts[: votes // 4], 0, None)
            voting = asyncio.create_task(vote_while(port, casts[votes // 4 : votes // 2], 0, None))
            await back_up(server, city, place / "base")
            await voting
            await vote_while(port, casts[votes // 2 :], 0, None)
        await finish_log(url, round_id)
        before = await log_of(url, round_id)
        await archive_all(server, archive)
    shutil.rmtree(city / "postgresql" / "data" / "base")  # the disk is lost
    restore(place / "base", place / "b", archive)
    with embedded.running(place / "b") as server:
        leaves, head = await log_of(server.url("town"), round_id)
        await check_box(server.url("town"), round_id, casts)
    assert (leaves, head) == before
    assert (len(leaves), head.size, head.root) == (votes, votes, root_of(leaves))
    assert is_signed(verifying_key(keys.read_key("log", round_id)), head.signed, head.signature)


async def test_without_the_archive_the_backup_alone_is_not_the_whole_log(place):
    """What the test above restores is really in the archive: without it the later votes are missing."""
    city, archive = place / "a", place / "archive"
    await found(city, archive)
    with embedded.running(city) as server:
        url = server.url("town")
        round_id, ready = await make_town_of(url, 40)
        port = free_port()
        with serving(url, port):
            casts, _ = await prepare(port, round_id, ready[:40])
            await vote_while(port, casts[:20], 0, None)
            await finish_log(url, round_id)
            await back_up(server, city, place / "base")
            await archive_all(server, archive)
            in_backup = {path.name for path in archive.iterdir()}
            await vote_while(port, casts[20:], 0, None)
        await finish_log(url, round_id)
        await archive_all(server, archive)
    for path in archive.iterdir():
        if path.name not in in_backup:
            path.unlink()
    restore(place / "base", place / "b", archive)
    with embedded.running(place / "b") as server:
        leaves, head = await log_of(server.url("town"), round_id)
    assert len(leaves) == head.size == 20
