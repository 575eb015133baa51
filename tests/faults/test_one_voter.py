"""One voter presses again and again, in many tabs, at two servers of the same town: one ballot, the last one.

Real processes and a real PostgreSQL. 100 submits at once here; 1,000 with `--slow`.
"""

import asyncio
from dataclasses import dataclass
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from sqlalchemy import select

from ballots.box import count_envelopes
from ballots.codes import new_ballot_code
from ballots.plaintext import decode_ballot
from ballots.seal import unseal_ballot
from ballots.tables import envelope
from pb import keys
from pb.database import make_engine, make_sessions
from pb.roll.queries import find_voter
from pb.roll.service import read_pass
from pb.voting.service import Ticket, kept_code, own_envelope
from tests.bench.cast import Connection, free_port, make_town_of, prepare, serving
from tests.cast import NOW

FEW, MANY = (20, 5), pytest.param(50, 20, marks=pytest.mark.slow)  # tabs, and how often each one's button is pressed


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes
    code: str  # of the ticket that was sent


async def submit_at_once(ports, casts):
    """Send all casts, as `fill_in` made them, each on a connection of its own and to the servers in turn."""
    connections = await asyncio.gather(*(Connection().open(ports[n % len(ports)]) for n, _ in enumerate(casts)))
    answers = await asyncio.gather(*(c.ask(cast) for c, (cast, _code) in zip(connections, casts, strict=True)))
    await asyncio.gather(*(connection.close() for connection in connections))
    return [Answer(*answer, code) for answer, (_cast, code) in zip(answers, casts, strict=True)]


async def fill_in(port, voter, one, tabs, presses, seen):
    """The casts of so many tabs, each with a ticket of its own and sent so often: (request, ballot code)."""
    pass_, fields = one
    tickets = [Ticket(uuid4(), new_ballot_code(), seen) for _ in range(tabs)]
    filled = [(pass_, fields | {"ticket": ticket.signed(voter)}) for ticket in tickets]
    casts, _ = await prepare(port, voter.round_id, filled)
    return [(cast, ticket.code) for cast, ticket in zip(casts, tickets, strict=True) for _ in range(presses)]


def receipt_code(voter, own, answer):
    """The ballot code that the receipt of the envelope in the box shows to the browser that got this answer."""
    lines = [value for name, value in Connection.lines(answer.head) if name == b"set-cookie"]
    (cookie,) = (SimpleCookie(line.decode()) for line in lines if line.startswith(b"ballot="))
    return kept_code(voter, own, cookie["ballot"].value)


async def check_box(session, voter, answers, version):
    """One envelope, of the one tab that was told so, and its receipt is the one it was given at each press."""
    told = [answer for answer in answers if answer.status == 303]
    own = await own_envelope(session, voter)
    assert (own.version, await count_envelopes(session, voter.round_id)) == (version, 1)
    ciphertext = await session.scalar(select(envelope.c.ciphertext).where(envelope.c.leaf == own.leaf))
    plaintext = unseal_ballot(keys.read_key("opening", voter.round_id), voter.round_id, ciphertext)
    code = decode_ballot(voter.round_id, plaintext).code
    assert {answer.code for answer in told} == {code} == {receipt_code(voter, own, answer) for answer in told}
    assert {answer.status for answer in answers if answer.code == code} == {303}
    assert {answer.status for answer in answers if answer.code != code} == {409}


@pytest.mark.parametrize(("tabs", "presses"), [FEW, MANY])
async def test_however_often_a_voter_submits_at_two_servers_there_is_one_envelope(database, tabs, presses):
    round_id, (one, *_) = await make_town_of(database, 1)
    engine = make_engine(database)
    sessions, ports = make_sessions(engine), [free_port(), free_port()]
    async with sessions() as session:
        voter = await find_voter(session, round_id, read_pass(round_id, one[0], NOW))
    with serving(database, ports[0]), serving(database, ports[1]):
        first = await fill_in(ports[0], voter, one, tabs, presses, seen=0)
        answers = await submit_at_once(ports, first)
        async with sessions() as session:
            await check_box(session, voter, answers, version=1)
        second = await fill_in(ports[0], voter, one, tabs, presses, seen=1)
        answers = await submit_at_once(ports, second)
        replayed = await submit_at_once(ports, first)
    assert {answer.status for answer in replayed} == {409}
    async with sessions() as session:
        await check_box(session, voter, answers, version=2)
    await engine.dispose()
