"""`./run bench cast [SECONDS]`: what a cast costs, beside a bare route of the same server that commits one INSERT.

Both are POSTs over kept-open connections to the real app and a real PostgreSQL; only the requests are timed. What is
compared comes in short bursts by turns, and the ratio is the median of the pairs' ratios. The growth compares two
copies of one database, one of them with 200,000 envelopes more. The steady load runs for SECONDS, 60 unless told
otherwise; 600 is the full ten minutes.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep
from urllib.parse import urlencode
from uuid import uuid4

ROOT = Path(__file__).parents[2]
PAIRS, EACH, CONNECTIONS = 11, 200, 20
STEADY = 50  # casts a second
MANY, MORE = 100_000, 200_000


class Connection:
    """One kept-open connection; `ask` sends a request and returns the status."""

    async def open(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        return self

    async def ask(self, request):
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next((int(v) for k, v in self.lines(head) if k == b"content-length"), 0)
        await self.reader.readexactly(length)
        return int(head.split(b" ", 2)[1]), head

    async def close(self):
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    @staticmethod
    def lines(head):
        return ((k.lower(), v.strip()) for k, _, v in (line.partition(b":") for line in head.split(b"\r\n")))


async def burst(port, requests):
    """Send all over so many connections at once; requests a second. Anything but a 303 is an error."""
    waiting = list(requests)
    connections = [await Connection().open(port) for _ in range(CONNECTIONS)]

    async def work(connection):
        while waiting:
            status, _ = await connection.ask(waiting.pop())
            if status != 303:
                raise RuntimeError(f"the answer was {status}")

    started = perf_counter()
    await asyncio.gather(*map(work, connections))
    return len(requests) / (perf_counter() - started)


async def by_turns(one, other):
    """Bursts of two ports' requests, (port, requests) each, by turns: the medians of their rates and of one / other."""
    rates = []
    for turn in range(0, PAIRS * EACH + EACH, EACH):
        rates.append([await burst(port, requests[turn : turn + EACH]) for port, requests in (one, other)])
    ours, theirs = (statistics.median(column) for column in zip(*rates[1:], strict=True))  # the first warms up
    return ours, theirs, statistics.median(a / b for a, b in rates[1:])


async def steady(port, requests, seconds):
    """STEADY requests a second for so long; the errors, and each one's seconds."""
    idle = [await Connection().open(port) for _ in range(CONNECTIONS)]
    times, errors, tasks = [], [], []

    async def one(request):
        connection = idle.pop() if idle else await Connection().open(port)
        started = perf_counter()
        status, _ = await connection.ask(request)
        times.append(perf_counter() - started)
        errors.extend([status] * (status != 303))
        idle.append(connection)

    started = perf_counter()
    for number in range(STEADY * seconds):
        await asyncio.sleep(max(0, started + number / STEADY - perf_counter()))
        tasks.append(asyncio.create_task(one(requests[number])))
    await asyncio.gather(*tasks)
    return errors, sorted(times)


async def make_town_of(url, number):
    """A confirmed round whose voting is open, and its voters' passes and tickets."""
    from sqlalchemy import select

    from ballots.codes import new_ballot_code
    from pb import clock
    from pb.database import make_engine, make_sessions
    from pb.roll.forms import RollForm
    from pb.roll.models import Voter, VotingCode
    from pb.roll.service import add_voters, make_pass
    from pb.voting.service import Ticket
    from tests.cast import NOW
    from tests.voting.town import CITY, LAMMI, make_town

    engine = make_engine(url)
    async with make_sessions(engine)() as session:
        town = await make_town(session)
        for _ in range(0, number, 500):
            await add_voters(session, town.officer, town.round.id, RollForm(area_id=town.lammi.id, number=500), NOW)
            await session.commit()
        same = VotingCode.person_ref == Voter.person_ref
        query = select(Voter, VotingCode.code_hmac).join(VotingCode, same).where(Voter.round_id == town.round.id)
        voters = list(await session.execute(query))
    await engine.dispose()
    marks = town.ticks(LAMMI, 1, 3) | town.ticks(CITY, 2) | town.places(4, 1)
    ready = []
    for voter, code in voters:
        ticket = Ticket(uuid4(), new_ballot_code(), 0).signed(voter)
        ready.append((make_pass(town.round.id, code, clock.now()), marks | {"ticket": ticket}))
    return town.round.id, ready


async def prepare(port, round_id, ready):
    """The requests' bytes, with the form token that the app gives to whoever reads a page."""
    connection = await Connection().open(port)
    _, head = await connection.ask(b"GET /secrecy HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    await connection.close()
    token = next(v for k, v in Connection.lines(head) if k == b"set-cookie" and v.startswith(b"form="))
    token = token.split(b";")[0].removeprefix(b"form=").decode()

    def request(path, fields, cookie):
        body = urlencode(fields | {"_csrf_token": token}, doseq=True).encode()
        head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: form={token}; {cookie}\r\n"
        head += f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body

    casts = [request(f"/rounds/{round_id}/vote/cast", fields, f"voter={pass_}") for pass_, fields in ready]
    return casts, request("/bare", {}, "")


async def fill(url, round_id, number):
    """Envelopes of nobody, by COPY, up to so many in the box."""
    import hashlib

    import asyncpg

    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    size = await connection.fetchval("SELECT envelope_bytes FROM box.round WHERE round_id = $1", round_id)
    columns = ["round_id", "box_ref", "channel", "ciphertext", "leaf", "submission", "version", "locked"]

    def row():
        sealed = os.urandom(size)
        leaf = hashlib.sha256(b"\x00" + round_id.bytes + sealed).digest()
        return round_id, os.urandom(32), "web", sealed, leaf, uuid4(), 1, False

    records = (row() for _ in range(number))
    await connection.copy_records_to_table("envelope", schema_name="box", records=records, columns=columns)
    await connection.execute("ANALYZE box.envelope")
    await connection.execute("CHECKPOINT")  # so that writing these out is not counted as the casts' work
    await connection.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def start_server(url, port):
    """A process that serves the app, once it answers."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.cast_server", url, str(port)], cwd=ROOT)
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except OSError:
            sleep(0.05)
    raise RuntimeError("the server does not answer")


@contextmanager
def serving(url, port):
    process = start_server(url, port)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def sealing():
    """Ballots sealed and opened, and how much of that is cryptography; proofs for as many leaves."""
    from ballots.codes import new_ballot_code
    from ballots.plaintext import decode_ballot, encode_ballot
    from ballots.seal import leaf, new_key, seal_ballot, unseal_ballot
    from pb.log.rules import Tree

    private, public = new_key()
    round_id, marks = uuid4(), {1: [4, 17], 2: [], 3: [9]}
    clock = [perf_counter()]

    def lap():
        clock.append(perf_counter())
        return clock[-1] - clock[-2]

    plain = [encode_ballot(round_id, new_ballot_code(), marks, 192) for _ in range(MANY)]
    encode = lap()
    sealed = [seal_ballot(public, round_id, one) for one in plain]
    seal = lap()
    opened = [unseal_ballot(private, round_id, one) for one in sealed]
    unseal = lap()
    for one in opened:
        decode_ballot(round_id, one)
    decode = lap()
    tree = Tree([leaf(round_id, one) for one in sealed])
    built = lap()
    for number in range(MANY):
        tree.proof(number)
    proofs = lap()
    for what, crypto, rest in (("sealing", seal, encode), ("opening", unseal, decode)):
        share = crypto / (crypto + rest)
        print(f"{what}   {MANY / (crypto + rest):8.0f} ballots a second, {share:4.0%} of it cryptography")
    print(f"proofs    {MANY / proofs:8.0f} a second, after {built:.2f} s for the tree of {MANY:,} leaves")


def run(seconds="60"):
    """Print all lines."""
    seconds = int(seconds)
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"PB_DATA_DIR": home, "PB_BASE_URL": "http://127.0.0.1"}
        from pb import embedded
        from pb.database import create_database, migrate

        with embedded.running(Path(home)) as server:
            asyncio.run(measure(server, create_database, migrate, embedded, seconds))
    sealing()


async def measure(server, create_database, migrate, embedded, seconds):
    import asyncpg

    await create_database(server, "bench")
    owner = server.url("bench", embedded.OWNER)
    await migrate(owner, embedded.APP)
    connection = await asyncpg.connect(owner.replace("postgresql+asyncpg", "postgresql"))
    await connection.execute("CREATE TABLE bare (id bigserial, body bytea)")
    await connection.execute(f"GRANT ALL ON bare, bare_id_seq TO {embedded.APP}")
    await connection.close()
    bursts = (PAIRS + 1) * EACH
    round_id, ready = await make_town_of(server.url("bench"), 2 * bursts + STEADY * seconds)
    port, other = free_port(), free_port()
    with serving(server.url("bench"), port):
        casts, bare = await prepare(port, round_id, ready)
        cast, plain, ratio = await by_turns((port, casts[:bursts]), (port, [bare] * bursts))
        print(f"cast      {cast:8.0f} a second beside {plain:.0f} bare INSERTs: {ratio:.2f} of it (wanted 0.5)")
    await create_database(server, "more", "bench")
    await fill(server.url("more", embedded.OWNER), round_id, MORE)
    with serving(server.url("bench"), port), serving(server.url("more"), other):
        casts, _ = await prepare(port, round_id, ready)
        few, many, ratio = await by_turns((port, casts[bursts : 2 * bursts]), (other, casts[bursts : 2 * bursts]))
        print(f"growth    {few:8.0f} a second with few envelopes, {many:.0f} with {MORE:,} more: {1 / ratio:.2f} of it")
    with serving(server.url("bench"), port):
        casts, _ = await prepare(port, round_id, ready)
        errors, times = await steady(port, casts[2 * bursts :], seconds)
        p50, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
        print(f"steady    {STEADY} a second for {seconds} s: {len(errors)} errors, p50 {p50:.0f} ms, p99 {p99:.0f} ms")
