"""A database whose secrets are missing is refused at the start, with a sentence that says what to restore."""

import shutil

import pytest
from sqlalchemy import func, select

from ballots.tables import envelope
from pb import keys
from pb.database import make_engine, make_sessions
from pb.serving import check_secrets
from pb.settings import get_settings
from tests.bench.cast import make_town_of, prepare
from tests.faults.test_restart import City, send
from tests.processes import run_pb
from tests.results.voted import make_voting
from tests.trustees.keyholders import make_held


@pytest.fixture
async def sessions_on(database):
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.mark.parametrize("purpose", ["box", "code", "log", "opening"])
async def test_each_missing_or_broken_key_of_a_round_is_named(database, sessions_on, purpose):
    async with sessions_on() as session:
        voted = await make_voting(session, 3600)
        await session.commit()
    await check_secrets(database)
    path = keys.key_path(purpose, voted.round.id)
    whole = path.read_bytes()
    for broken in (b"", whole[:31]):
        path.write_bytes(broken)
        with pytest.raises(RuntimeError, match=rf"keys of round {voted.round.id} .* {purpose}\.key"):
            await check_secrets(database)
    path.unlink()
    with pytest.raises(RuntimeError, match=rf"there must be {purpose}\.key\. Without them"):
        await check_secrets(database)
    path.write_bytes(whole)
    await check_secrets(database)


async def test_a_key_that_trustees_hold_is_not_missed(database, sessions_on):
    async with sessions_on() as session:
        held = await make_held(session, 3600)
    assert not keys.key_path("opening", held.round.id).exists()
    await check_secrets(database)
    keys.key_path("box", held.round.id).unlink()
    with pytest.raises(RuntimeError, match=r"there must be box\.key"):
        await check_secrets(database)


async def test_the_server_does_not_start_on_a_database_without_its_secrets(database, tmp_path):
    round_id, _ready = await make_town_of(database, 1)
    url = database.replace("postgresql+asyncpg", "postgresql")
    status, said = run_pb(tmp_path, "serve", database_url=url, secrets_dir=str(tmp_path / "none"), port="0")
    assert status == 1
    assert said.startswith("pb: The keys of round ")
    assert str(round_id) in said
    assert "Restore the secrets directory, or set PB_SECRETS_DIR to where it is." in said
    assert "Traceback" not in said


async def test_without_the_web_key_the_server_starts_and_voters_give_their_code_again(database, sessions_on, tmp_path):
    """Passes and tickets were signed with it: the old ones are worth nothing, and no vote is cast by them."""
    round_id, ready = await make_town_of(database, 1)
    secrets = tmp_path / "secrets"
    shutil.copytree(get_settings().secrets, secrets, ignore=shutil.ignore_patterns("web.key"))
    with (tmp_path / "log").open("w+") as log:
        city = City(database, log)
        city.env["PB_SECRETS_DIR"] = str(secrets)
        city.start()
        casts, _ = await prepare(city.port, round_id, ready[:1])
        status, _tries = await send([city], casts[0])
        city.stop()
    assert status == 401
    assert (secrets / "web.key").exists()
    async with sessions_on() as session:
        assert await session.scalar(select(func.count()).select_from(envelope)) == 0
