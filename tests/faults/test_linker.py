"""Who reads the database's disk after the count links nobody to a ballot, by nothing that is on it.

A real PostgreSQL. 500 voters here; 2,000 with `--slow`.
"""

import random
import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from ballots import box
from ballots.codes import new_ballot_code
from ballots.opening import open_envelopes
from ballots.plaintext import encode_ballot
from ballots.seal import box_ref
from pb import embedded, keys
from pb.database import create_database, make_engine, make_sessions, migrate
from pb.log.service import append_log
from pb.roll.models import Voter
from pb.rounds.queries import get_round, get_rules
from pb.voting.service import cast_ballot, make_ticket
from tests.bench.cast import make_town_of
from tests.faults import linker
from tests.faults.closing import close_in, close_when_due, connect_as_owner

FEW, MANY = 500, pytest.param(2_000, marks=pytest.mark.slow)
# Of n voters, a guess without knowledge is right for Binomial(n, 1/n) of them: for more than 10 with a probability of
# 1 in 10^8. The linker guesses in some hundred ways, so by chance it passes 10 in fewer than one run of 100,000. These
# are 2 % of 500 voters and 0.5 % of 2,000.
CHANCE = 10
SEED = 20261124
NAIVE = """
    CREATE TABLE roll (person_ref uuid PRIMARY KEY DEFAULT gen_random_uuid(), voted boolean NOT NULL DEFAULT false);
    CREATE TABLE ballot (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text NOT NULL, content bytea NOT NULL)"""


@dataclass(frozen=True)
class Election:
    """One that was counted, and what somebody finds on the disk."""

    codes: dict  # each voter's person_ref → the codes of the ballots they cast; the last one counts
    plaintext: bytes  # what stands in each ballot of this round, in no envelope and in no table
    before: bytes  # the write-ahead log and the server's log before the opening
    after: bytes
    voters: list  # a row each: all that belongs to a voter
    ballots: list  # a row each: an opened ballot


@pytest.fixture(scope="module")
def site():
    """A PostgreSQL whose disk has nothing else on it, and its data directory."""
    home = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    with embedded.running(home) as server:
        yield server, home / "postgresql" / "data"
    for path in (home, server.socket_dir):
        shutil.rmtree(path, ignore_errors=True)


def in_plaintext(round_id):
    return f'"round":"{round_id}"'.encode()


def read_disk(data):
    return linker.read_wal(data) + (data / "server.log").read_bytes()


async def cast_all(sessions, rules, number):
    """So many vote, in a random order, a fifth of them twice; the log is kept meanwhile: {person_ref: codes}."""
    async with sessions() as session:
        on_roll = list(await session.scalars(select(Voter).where(Voter.round_id == rules.round_id)))
    draw, codes = random.Random(SEED), {}
    coming = draw.sample(on_roll, number)
    coming += draw.sample(coming, number // 5)
    for place, voter in enumerate(draw.sample(coming, len(coming))):
        papers = rules.papers(voter.area_id)
        choices = {a: draw.sample(sorted(paper.costs), draw.randrange(2)) for a, paper in papers.items()}
        async with sessions() as session, session.begin():
            ticket = await make_ticket(session, voter)
            await cast_ballot(session, rules.papers(voter.area_id), voter, choices, ticket)
            if place % 40 == 0:
                await append_log(session, rules.round_id)
        codes.setdefault(voter.person_ref, []).append(ticket.code)
    return codes


async def open_box(sessions, rules):
    key, papers = keys.read_key("opening", rules.round_id), rules.papers_per_voter()
    async with sessions() as session, session.begin():
        sealed = await box.take_envelopes(session, rules.round_id)
        await box.store_opened(session, rules.round_id, open_envelopes(key, rules.round_id, papers, sealed))


async def read_tables(connection, data, start, *names):
    written = linker.written_between(data, start, await connection.fetchval(linker.NOW))
    return [await linker.read_table(connection, name, written) for name in names]


def gather(voters, codes, envelopes, log, box_key, wal):
    """All that the disk has of each voter who has cast, for somebody who even has the key to the envelopes' places."""
    placed = [row | {"box_ref": box_ref(box_key, row["person_ref"])} for row in voters]
    placed = [row | {"first_found": wal.find(row["box_ref"])} for row in placed]
    with_code = linker.join(placed, "code", codes, "person_ref", "person_ref")
    with_envelope = linker.join(with_code, "envelope", envelopes, "box_ref", "box_ref")
    return linker.join(with_envelope, "log", log, "envelope.leaf", "leaf")


@pytest.fixture(scope="module", params=[FEW, MANY])
async def election(site, request):
    server, data = site
    name = f"town{request.param}"
    url = server.url(name)
    await create_database(server, name)
    await migrate(server.url(name, embedded.OWNER), embedded.APP)
    round_id, _ = await make_town_of(url, request.param)
    engine, connection = make_engine(url), await connect_as_owner(url)
    sessions, start = make_sessions(engine), await connection.fetchval(linker.NOW)
    async with sessions() as session:
        rules = get_rules(await get_round(session, round_id))
    codes = await cast_all(sessions, rules, request.param)
    await close_in(url, round_id, 0)
    await close_when_due(sessions, round_id)
    async with sessions() as session, session.begin():
        await append_log(session, round_id)
    before = read_disk(data)
    await open_box(sessions, rules)
    *kept, opened = await read_tables(
        connection, data, start, "voter", "voting_code", "box.envelope", "box.log", "box.opened"
    )
    await connection.close()
    await engine.dispose()
    voters = gather(*kept, keys.read_key("box", round_id), linker.read_wal(data))
    ballots = [row for row in opened if row["allocation"] == 1]
    return Election(codes, in_plaintext(round_id), before, read_disk(data), voters, ballots)


def test_the_disk_links_no_voter_to_a_ballot(election):
    final = {ref: codes[-1] for ref, codes in election.codes.items()}
    assert len(election.voters) == len(election.ballots) == len(final)
    assert {"envelope.xmin", "envelope.lsn", "first_found", "log.ctid"} <= set(linker.telling(election.voters))
    assert {"ctid", "lsn"} <= set(linker.telling(election.ballots))
    right, *how = linker.best_guess(election.voters, election.ballots, final)
    assert right <= CHANCE, how


def test_before_the_opening_no_ballot_is_on_the_disk_and_one_that_was_replaced_never(election):
    final = {codes[-1] for codes in election.codes.values()}
    replaced = {code for codes in election.codes.values() for code in codes[:-1]}
    assert replaced
    assert linker.codes_in(election.before).isdisjoint(final | replaced)
    assert election.plaintext not in election.before + election.after
    assert linker.codes_in(election.after) & (final | replaced) == final


async def vote_naively(connection, number, round_id, together):
    """A mark on the roll and a ballot with a random id, in one transaction or two: {person_ref: code}."""
    await connection.execute(NAIVE)
    await connection.execute("INSERT INTO roll SELECT FROM generate_series(1, $1)", number)
    refs, codes = [row["person_ref"] for row in await connection.fetch("SELECT person_ref FROM roll")], {}
    for ref in random.Random(SEED).sample(refs, number):
        codes[ref] = new_ballot_code()
        content = encode_ballot(round_id, codes[ref], {1: [1]}, 192)
        async with connection.transaction() if together else nullcontext():
            await connection.execute("UPDATE roll SET voted = true WHERE person_ref = $1", ref)
            await connection.execute("INSERT INTO ballot (code, content) VALUES ($1, $2)", codes[ref], content)
    return codes


@pytest.mark.parametrize("together", [True, False], ids=["one-transaction", "two-transactions"])
@pytest.mark.parametrize("voters", [FEW, MANY])
async def test_the_same_linker_reads_a_naive_table_like_a_book(site, voters, together):
    (server, data), round_id = site, uuid4()
    await create_database(server, f"naive-{round_id}")
    connection = await connect_as_owner(server.url(f"naive-{round_id}"))
    start = await connection.fetchval(linker.NOW)
    codes = await vote_naively(connection, voters, round_id, together)
    roll, ballots = await read_tables(connection, data, start, "roll", "ballot")
    right, *_ = linker.best_guess(roll, ballots, codes)
    assert right > 0.95 * voters
    logged = new_ballot_code()
    await connection.execute(f"DO $$ BEGIN RAISE LOG '{logged}'; END $$")
    disk = read_disk(data)
    assert linker.codes_in(disk) > {logged, *codes.values()}
    assert disk.count(in_plaintext(round_id)) >= voters
    await connection.close()
