"""Rounds with real sealed ballots in their box, ready to be closed and counted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.box import extend_box, get_box
from ballots.seal import OVERHEAD, leaf, seal_ballot
from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.estimates.models import Project
from pb.opening.service import ask_opening, close_voting, open_ballots
from pb.people.models import Person
from pb.permissions import Phase, Role
from pb.results.service import count_ballots
from pb.roll.models import Voter
from pb.rounds.models import CountRule, Round
from pb.rounds.rules import Rules
from pb.voting.service import cast_ballot, make_ticket
from tests.cast import DAY, NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service

BEFORE = NOW - 6 * DAY  # before voting opens
LEFT = timedelta(seconds=0.6)  # for one cast, however slow the machine
ENVELOPE = """
    INSERT INTO box.envelope (round_id, box_ref, channel, ciphertext, leaf, submission, version)
    VALUES (:round, sha256(:leaf), 'web', :ciphertext, :leaf, gen_random_uuid(), 1)"""


@dataclass
class Voted:
    """A round of two papers: 1 is Lammi's purse (projects 1 to 3), 2 is the whole city's ranking (4 to 6)."""

    round: Round
    officer: Person
    second: Person  # the officer who opens what the first one asks to open
    rules: Rules | None  # None before the ballot is confirmed
    projects: list[Project]
    lammi: object
    closes: datetime


async def make_draft(session: AsyncSession, seconds: float = 3600, rule: CountRule = CountRule.GREEDY) -> Voted:
    """A round whose ballot is not confirmed and whose voting closes in so many seconds."""
    service, lammi = await make_service(session), await make_area(session)
    officer = await make_person(session, "Olga", Role.OFFICER, service)
    second = await make_person(session, "Otso", Role.OFFICER, service)
    round_ = await make_round(session, service, Phase.VOTING, "Kulttuuria kaikille 2027")
    purse = await make_allocation(session, round_, 1, lammi)
    purse.rule = rule
    ranked = await make_allocation(session, round_, 2, None, BallotType.RANKED, 20_000_00)
    projects = await make_projects(session, purse, 6_000_00, 5_000_00, 3_000_00)
    projects += await make_projects(session, ranked, 20_000_00, 15_000_00, 18_000_00)
    closes = datetime.now(UTC) + timedelta(seconds=seconds)
    voting = round_.window(Phase.VOTING)
    assert voting is not None
    voting.closes = closes
    await session.flush()
    return Voted(round_, officer, second, None, projects, lammi.id, closes)


async def confirm(session: AsyncSession, draft: Voted) -> Voted:
    """Its ballot is confirmed, the projects in their order; nobody has voted yet."""
    draft.rules = await confirm_ballot(session, draft.officer, draft.round.id, BEFORE, [p.id for p in draft.projects])
    return draft


async def make_voting(session: AsyncSession, seconds: float = 1.0, rule: CountRule = CountRule.GREEDY) -> Voted:
    """A confirmed round whose voting closes in so many seconds; nobody has voted yet."""
    return await confirm(session, await make_draft(session, seconds, rule))


async def vote(
    session: AsyncSession, voted: Voted, purse: Sequence[int] | None, ranking: Sequence[int], *, on_roll: bool = True
) -> str:
    """One voter more on the roll, who casts: of Lammi, or (`purse` is None) of no area. The ballot code."""
    voter = Voter(round_id=voted.round.id, person_ref=uuid4(), area_id=None if purse is None else voted.lammi)
    if on_roll:
        session.add(voter)
        await session.flush()
    await keep_open(session, voted)
    choices = {2: list(ranking)} if purse is None else {1: list(purse), 2: list(ranking)}
    ticket = await make_ticket(session, voter)
    await cast_ballot(session, voted.rules.papers(voter.area_id), voter, choices, ticket)
    return ticket.code


async def keep_open(session: AsyncSession, voted: Voted) -> None:
    """The box closes a little later if a slow machine has used up the voting time."""
    needed = datetime.now(UTC) + LEFT
    if needed > voted.closes:
        await extend_box(session, voted.round.id, needed)
        voted.closes = needed


async def stay_home(session: AsyncSession, voted: Voted, voters: int = 1) -> None:
    """Voters of Lammi who are on the roll and do not vote."""
    session.add_all([Voter(round_id=voted.round.id, area_id=voted.lammi) for _ in range(voters)])
    await session.flush()


async def wait_for_the_close(voted: Voted) -> datetime:
    await asyncio.sleep(max(0, (voted.closes - datetime.now(UTC)).total_seconds()) + 0.02)
    return datetime.now(UTC)


async def make_counted(session: AsyncSession) -> Voted:
    """Counted and not published: 1 and 3 are chosen, 2 no longer fits; 4 is elected in the second round."""
    voted = await make_voting(session)
    await cast_six_ballots(session, voted)
    await close_and_count(session, voted)
    return voted


async def put_in_by_hand(session: AsyncSession, voted: Voted, plaintext: bytes | None, *, waiting: bool = True) -> str:
    """An envelope that no cast made, by raw SQL, with this in it (None: noise); the name it has in the log."""
    place = await get_box(session, voted.round.id)
    size = place.envelope_bytes - OVERHEAD
    ciphertext = bytes(place.envelope_bytes)
    if plaintext is not None:
        ciphertext = seal_ballot(place.public_key, voted.round.id, plaintext.ljust(size))
    values = {"round": voted.round.id, "leaf": leaf(voted.round.id, ciphertext), "ciphertext": ciphertext}
    await session.execute(text(ENVELOPE), values)
    if waiting:
        await session.execute(text("INSERT INTO box.queue (leaf, round_id) VALUES (:leaf, :round)"), values)
    return values["leaf"].hex()


async def close_and_open(session: AsyncSession, voted: Voted) -> None:
    now = await wait_for_the_close(voted)
    await close_voting(session, voted.officer, voted.round.id, now)
    await ask_opening(session, voted.officer, voted.round.id, now)
    await open_ballots(session, voted.second, voted.round.id, now)


async def close_and_count(session: AsyncSession, voted: Voted) -> None:
    await close_and_open(session, voted)
    await count_ballots(session, voted.officer, voted.round.id, datetime.now(UTC))


async def cast_six_ballots(session: AsyncSession, voted: Voted) -> None:
    """Five from Lammi (one leaves the purse blank), one of no area; five more of Lammi stay at home."""
    purses = [[1, 3], [1, 3], [2], [], [1], None]
    rankings = [[4], [6, 4], [5, 4, 6], [4, 5], [4], [5]]
    for purse, ranking in zip(purses, rankings, strict=True):
        await vote(session, voted, purse, ranking)
    await stay_home(session, voted, 5)
