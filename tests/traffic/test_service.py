"""What voters' requests lead to is counted, apart from every ballot, and added up over processes."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from pb import embedded
from pb.app import make_app
from pb.database import create_database, make_engine, make_sessions
from pb.settings import get_settings
from pb.traffic import service
from pb.traffic.models import Kind, Traffic
from pb.traffic.queries import list_busy, list_hours
from pb.traffic.rules import Hour
from pb.traffic.service import COUNTED, forget_traffic, keep_traffic, note, write_traffic
from tests.bench.cast import Connection, free_port, make_town_of, prepare, start_server
from tests.visitor import Visitor
from tests.voting.town import CITY, LAMMI, come_in, make_town, review, vote

HOUR = datetime(2026, 10, 7, 9, tzinfo=UTC)
WRONG = {"code": "ABCD-EFGH-JKMN"}


async def times(sessions):
    """What is in the table, without hours and sources."""
    async with sessions() as session:
        rows = await session.execute(select(Traffic.kind, Traffic.times).order_by(Traffic.kind))
        return [(kind, times) for kind, times in rows]


async def until(happened):
    for _look in range(1000):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def send(port, casts):
    connection = await Connection().open(port)
    for cast in casts:
        assert (await connection.ask(cast))[0] == 303
    await connection.close()


async def test_the_voting_pages_count_casts_changes_wrong_codes_and_lockouts(visitor, sessions, town):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))
    await vote(visitor, town, town.ticks(CITY, 1))
    form = await review(visitor, town, {})
    await visitor.post(f"{town.booth}/cast", form | {"ticket": form["ticket"][:-1] + "x"})  # refused: not counted
    await visitor.post(f"{town.booth}/leave")
    for _try in range(get_settings().code_guesses):
        assert (await visitor.post(town.booth, WRONG)).status_code == 422
    assert (await visitor.post(town.booth, {"code": town.codes[0]})).status_code == 429
    await write_traffic(sessions)
    async with sessions() as session:
        hours = await list_hours(session, town.round.id)
    parts = ("casts", "changed", "wrong", "locked_out")
    assert [sum(getattr(hour, part) for hour in hours) for part in parts] == [1, 1, get_settings().code_guesses, 1]


async def test_what_is_written_again_is_added(sessions):
    round_id = uuid4()
    for count in (2, 3):
        for n in range(count):
            note(round_id, Kind.CAST, "192.0.2.1", HOUR + timedelta(minutes=n))
        await write_traffic(sessions)
        await write_traffic(sessions)  # nothing new
    assert await times(sessions) == [(Kind.CAST, 5)]
    assert not COUNTED


async def test_an_hour_adds_up_its_sources_and_knows_the_busiest(sessions, session):
    round_id, library, home = uuid4(), "192.0.2.1", "192.0.2.2"
    for kind, source, count in (
        (Kind.CAST, library, 12),
        (Kind.CHANGED, library, 8),
        (Kind.CAST, home, 19),
        (Kind.WRONG_CODE, home, 4),
        (Kind.LOCKED_OUT, "192.0.2.3", 30),
    ):
        for n in range(count):
            note(round_id, kind, source, HOUR + timedelta(minutes=n))
    note(round_id, Kind.CAST, home, HOUR + timedelta(hours=1))
    note(uuid4(), Kind.CAST, home, HOUR)
    await write_traffic(sessions)
    assert await list_hours(session, round_id) == [
        Hour(HOUR, casts=31, changed=8, wrong=4, locked_out=30, most=20),
        Hour(HOUR + timedelta(hours=1), casts=1, changed=0, wrong=0, locked_out=0, most=1),
    ]
    assert [(busy.start, busy.votes) for busy in await list_busy(session, round_id)] == [(HOUR, 20)]  # 19 are not


async def test_a_source_is_the_same_all_round_and_another_in_the_next_one(sessions):
    first, second = uuid4(), uuid4()
    for round_id in (first, second):
        for hours in range(2):
            note(round_id, Kind.CAST, "192.0.2.1", HOUR + timedelta(hours=hours))
    sources = {(round_id, source) for round_id, _hour, _kind, source in COUNTED}
    assert (len(sources), len({source for _round, source in sources})) == (2, 2)


async def test_counts_stay_until_the_database_takes_them(server, template, caplog, monkeypatch):
    monkeypatch.setattr(service, "PAUSE", 0.02)
    name = f"t{uuid4().hex[:12]}"
    await create_database(server, name, template)
    owner, app = make_engine(server.url(name, embedded.OWNER)), make_engine(server.url(name))
    async with owner.begin() as connection:
        await connection.execute(text("ALTER TABLE traffic RENAME TO away"))
    note(uuid4(), Kind.CAST, "192.0.2.1", HOUR)
    keeping = asyncio.create_task(keep_traffic(make_sessions(app)))
    await until(lambda: "the traffic could not be written" in caplog.text)
    assert len(COUNTED) == 1
    async with owner.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO traffic"))
    await until(lambda: not COUNTED)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert await times(make_sessions(app)) == [(Kind.CAST, 1)]
    await owner.dispose()
    await app.dispose()


async def test_two_processes_add_up_and_write_when_they_are_stopped(database):
    round_id, ready = await make_town_of(database, 40)
    servers = [(start_server(database, port), port) for port in (free_port(), free_port())]
    try:
        for n, (_server, port) in enumerate(servers):
            casts, _bare = await prepare(port, round_id, ready[20 * n : 20 * n + 20])
            await send(port, casts)
    finally:
        for process, _port in servers:
            process.terminate()
            process.wait()
    engine = make_engine(database)
    async with make_sessions(engine)() as session:
        rows = (await session.execute(select(Traffic.source, Traffic.times))).all()
    assert (len({source for source, _ in rows}), sum(count for _, count in rows)) == (1, 40)
    await engine.dispose()


async def test_no_row_shares_its_transaction_with_an_envelope(database):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as session:
        town = await make_town(session)
    async with Visitor(make_app(sessions)) as visitor:
        for voter in (0, 1):
            await come_in(visitor, town, voter)
            await vote(visitor, town, town.ticks(LAMMI, 1))
            await visitor.post(f"{town.booth}/leave")
            await visitor.post(town.booth, WRONG)
            await write_traffic(sessions)
    async with engine.connect() as connection:
        tables = ("traffic", "box.envelope", "box.queue")
        traffic, envelopes, queue = [
            set(await connection.scalars(text(f"SELECT xmin::text FROM {table}"))) for table in tables
        ]
    assert (len(envelopes), len(traffic)) == (2, 1)
    assert traffic.isdisjoint(envelopes)
    assert queue == envelopes  # what is written in the cast's own transaction would be found like this
    await engine.dispose()


@pytest.mark.parametrize("wrong", [{"hour": HOUR + timedelta(minutes=1)}, {"source": b"192.0.2.1"}, {"times": 0}])
async def test_the_database_takes_whole_hours_and_no_address(session, wrong):
    row = {"round_id": uuid4(), "hour": HOUR, "kind": Kind.CAST, "source": bytes(8), "times": 1}
    await session.execute(insert(Traffic).values(row))
    with pytest.raises(IntegrityError):
        await session.execute(insert(Traffic).values(row | {"round_id": uuid4()} | wrong))


async def test_a_round_s_traffic_can_be_forgotten(sessions, session):
    kept, gone = uuid4(), uuid4()
    for round_id in (kept, gone):
        note(round_id, Kind.CAST, "192.0.2.1", HOUR)
    await write_traffic(sessions)
    await forget_traffic(session, gone)
    assert list(await session.scalars(select(Traffic.round_id))) == [kept]
