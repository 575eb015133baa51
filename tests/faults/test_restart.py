"""Two servers of one database are restarted in turn while people vote: nothing is lost, and nothing is cut off.

Real `pb serve` processes, stopped with SIGTERM as a service manager does. A few votes and each server once here;
2,000 votes and each five times with `--slow`.
"""

import asyncio
import random
import re
import socket
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from time import sleep

import asyncpg
import pytest

from ballots.box import lock_key
from pb.settings import get_settings
from tests.bench.cast import Connection, free_port, make_town_of, prepare
from tests.faults.test_kills import AT_ONCE, check_box
from tests.processes import environment, start
from tests.test_embedded import wait_until
from tests.waiting import until

FEW, MANY = (200, 1), pytest.param(2_000, 5, marks=pytest.mark.slow)
PAUSE = 0.1  # seconds between two casts of one sender
CAST = re.compile(r"POST /rounds/\{round_id\}/vote/cast (\d+) ")


def plain(url):
    """The address as a person writes it."""
    return url.replace("postgresql+asyncpg", "postgresql")


class City:
    """One `pb serve`, which can be stopped and started again."""

    def __init__(self, url, log):
        settings, self.port = get_settings(), free_port()
        where = {"database_url": plain(url), "port": str(self.port), "base_url": settings.base_url}
        self.env = environment(settings.data_dir, **where)
        self.log = log

    def answers(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return self.process.poll() is not None

    def start(self):
        self.process = start("-m", "pb", "serve", env=self.env, out=self.log)
        wait_until(self.answers)
        assert self.process.poll() is None, self.said()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(60) == 0, self.said()

    def restart(self):
        self.stop()
        sleep(PAUSE)
        self.start()

    def said(self):
        self.log.seek(0)
        return self.log.read()


@contextmanager
def cities(url, number):
    with ExitStack() as stack:
        served = [City(url, stack.enter_context(tempfile.TemporaryFile("w+"))) for _ in range(number)]
        for city in served:
            city.start()
            stack.callback(lambda city=city: city.process.kill() or city.process.wait())
        yield served


async def send(served, request):
    """Send it to one server or the other until one answers, as a load balancer does; the status, and the tries."""
    tries = 0
    while True:
        tries += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            connection = await Connection().open(random.choice(served).port)
            try:
                return (await connection.ask(request))[0], tries
            finally:
                await connection.close()
        await asyncio.sleep(PAUSE / 10)


async def vote_until(restarted, served, casts):
    """All vote, and press the button again until the restarts are over: what was answered."""
    waiting, answers = list(casts), []

    async def work():
        while waiting or not restarted.done():
            answers.append(await send(served, waiting.pop() if waiting else random.choice(casts)))
            await asyncio.sleep(PAUSE)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await restarted
    return answers


@pytest.mark.parametrize(("votes", "restarts"), [FEW, MANY])
async def test_nothing_is_lost_or_cut_off_when_servers_restart_in_turn(database, votes, restarts):
    round_id, ready = await make_town_of(database, votes)
    with cities(database, 2) as served:
        casts, _ = await prepare(served[0].port, round_id, ready[:votes])

        def restart_in_turn():
            for city in served * restarts:
                city.restart()

        answers = await vote_until(asyncio.create_task(asyncio.to_thread(restart_in_turn)), served, casts)
        for city in served:
            city.stop()
        given = [status for city in served for status in CAST.findall(city.said())]
    assert {status for status, _ in answers} == {303}
    assert any(tries > 1 for _, tries in answers)  # else nobody noticed the restarts
    assert given == ["303"] * len(answers)  # every answer that a server gave has arrived
    await check_box(database, round_id, casts)


async def test_votes_in_flight_are_answered_before_the_server_stops(database):
    round_id, ready = await make_town_of(database, AT_ONCE)
    owner = await asyncpg.connect(plain(database))
    with cities(database, 1) as (city,):
        casts, _ = await prepare(city.port, round_id, ready[:AT_ONCE])
        await owner.execute("SELECT pg_advisory_lock($1)", lock_key(round_id))  # as the close does: casts wait for it
        sent = [asyncio.create_task(send([city], cast)) for cast in casts]
        await until(lambda: owner.fetchval("SELECT count(*) >= $1 FROM pg_locks WHERE NOT granted", AT_ONCE))
        city.process.terminate()
        await asyncio.sleep(5 * PAUSE)
        with pytest.raises(ConnectionRefusedError):
            await Connection().open(city.port)
        assert not any(task.done() for task in sent)
        await owner.close()
        assert [await task for task in sent] == [(303, 1)] * AT_ONCE
        assert city.process.wait(60) == 0
    await check_box(database, round_id, casts)
