"""Votes across the close: the database's clock decides, however wrong the clocks of the app's processes are.

Real processes and a real PostgreSQL. Few votes here; 5,000 with `--slow`.
"""

import asyncio
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from ballots.box import count_envelopes
from pb.database import make_engine, make_sessions
from pb.roll.service import make_pass, read_pass
from pb.settings import get_settings
from tests.bench.cast import ROOT, Connection, make_town_of, prepare
from tests.cast import NOW
from tests.faults.closing import close_in, close_when_due
from tests.faults.test_kills import check_box

AT_ONCE = 10  # at each server
WRONG, HOUR = 300, 3600  # seconds
FEW, MANY = (500, 0.1), pytest.param(5_000, 1, marks=pytest.mark.slow)  # votes, and how soon voting ends


@contextmanager
def serving(url, *errors):
    """The port of a server whose clock is wrong by these seconds in turn."""
    command = [sys.executable, "-m", "tests.faults.clock_server", url, *map(str, errors)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def made_at(round_id, pass_, ago):
    """The same voter's pass as if their code had been taken so many seconds ago."""
    return make_pass(round_id, read_pass(round_id, pass_, NOW), datetime.now(UTC) - timedelta(seconds=ago))


async def lets_in(port, round_id, pass_):
    """Whether this pass is still good by the server's clock."""
    connection = await Connection().open(port)
    request = f"GET /rounds/{round_id}/vote/receipt HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: voter={pass_}\r\n\r\n"
    _, head = await connection.ask(request.encode())
    await connection.close()
    return not dict(Connection.lines(head)).get(b"location", b"").endswith(b"/vote")


async def vote(ports, casts):
    """All vote, so many at each server at once; who is asked for the code tries again: {cast: {(port, status)}}."""
    waiting, answers = list(casts), {cast: set() for cast in casts}

    async def work(port):
        connection = await Connection().open(port)
        while waiting:
            cast, status = waiting.pop(), 401
            while status == 401:
                status, _ = await connection.ask(cast)
                answers[cast].add((port, status))
        await connection.close()

    await asyncio.gather(*(work(port) for port in ports * AT_ONCE))
    return answers


async def vote_across_the_close(url, ports, round_id, ready, seconds):
    """A fifth votes when a clock ahead of the right one says it is over, a fifth after the close, others meanwhile."""
    engine = make_engine(url)
    sessions, fifth = make_sessions(engine), len(ready) // 5
    casts, _ = await prepare(ports[0], round_id, ready)
    await close_in(url, round_id, WRONG - 60)
    before = await vote(ports, casts[:fifth])
    voting = asyncio.create_task(vote(ports, casts[fifth:-fifth]))
    await close_in(url, round_id, seconds)
    at_close = await close_when_due(sessions, round_id)
    meanwhile = await voting
    after = await vote(ports, casts[-fifth:])
    async with sessions() as session:
        assert await count_envelopes(session, round_id) == at_close
    await engine.dispose()
    return before, meanwhile, after


def statuses(answers):
    return {status for answer in answers.values() for _port, status in answer}


async def check_answers(url, round_id, before, meanwhile, after):
    """Whoever was told so is in the box, nobody else is, and after the close nobody was told so."""
    for answers, allowed in ((before, {303}), (meanwhile, {303, 409}), (after, {409})):
        assert statuses(answers) <= allowed | {401}
    answers = before | meanwhile | after
    await check_box(url, round_id, [cast for cast, answer in answers.items() if 303 in statuses({cast: answer})])


@pytest.mark.parametrize(("votes", "seconds"), [FEW, MANY])
async def test_the_close_is_one_instant_for_servers_whose_clocks_are_wrong(database, votes, seconds):
    round_id, ready = await make_town_of(database, votes)
    ready = [(made_at(round_id, pass_, 0), fields) for pass_, fields in ready[:votes]]
    with serving(database, -WRONG) as slow, serving(database, WRONG) as fast:
        parts = await vote_across_the_close(database, [slow, fast], round_id, ready, seconds)
        hour = get_settings().vote_minutes * 60
        ending, ended = (made_at(round_id, ready[0][0], hour + change) for change in (-WRONG / 2, WRONG / 2))
        assert not await lets_in(fast, round_id, ending)
        assert await lets_in(slow, round_id, ended)
    await check_answers(database, round_id, *parts)
    before, _, after = ({pair for answer in part.values() for pair in answer} for part in parts)
    assert (before, after) == ({(slow, 303), (fast, 303)}, {(slow, 409), (fast, 409)})


@pytest.mark.parametrize(("votes", "seconds"), [FEW, MANY])
async def test_a_clock_that_jumps_loses_no_vote_and_lets_none_in_after_the_close(database, votes, seconds):
    round_id, ready = await make_town_of(database, votes)
    codes_taken = (0, -HOUR)  # seconds ago: some voters' while the clock was right, some while it was an hour ahead
    ready = [(made_at(round_id, pass_, codes_taken[n % 2]), fields) for n, (pass_, fields) in enumerate(ready[:votes])]
    with serving(database, 0, HOUR) as port:
        parts = await vote_across_the_close(database, [port], round_id, ready, seconds)
    await check_answers(database, round_id, *parts)
    assert statuses(parts[0]) == {303, 401}
