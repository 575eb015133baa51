"""Many voters at once, through the same box as everybody: for the demo town and for files of real ballots."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from ballots.types import BallotType
from pb import clock
from pb.confirmation.forms import ExtendForm
from pb.confirmation.service import extend_voting
from pb.opening.service import ask_opening, close_voting, open_ballots
from pb.people.models import Person
from pb.permissions import Phase
from pb.results.service import count_ballots, publish_results
from pb.roll.models import Voter
from pb.rounds.queries import get_round
from pb.rounds.rules import AllocationRules, Rules
from pb.voting.forms import Choices
from pb.voting.service import cast_ballot, make_ticket

Sessions = async_sessionmaker[AsyncSession]
Ballots = Sequence[tuple[Voter, Choices]]
AT_ONCE = 8  # casts in flight
MARGIN = timedelta(seconds=4)


async def enrol(session: AsyncSession, round_id: UUID, voters: Sequence[Voter]) -> None:
    """Put voters on the roll without codes."""
    if not voters:
        return
    rows = [{"round_id": round_id, "person_ref": v.person_ref, "area_id": v.area_id} for v in voters]
    await session.execute(insert(Voter), rows)


async def cast_all(sessions: Sessions, rules: Rules, ballots: Ballots, officer: Person | None = None) -> None:
    """Cast every ballot, each in a transaction of its own; the officer extends a close that comes too soon."""
    queue = iter(ballots)

    async def cast_some() -> None:
        for voter, choices in queue:
            if officer is not None:
                await keep_open(sessions, rules.round_id, officer)
            async with sessions() as session, session.begin():
                await cast_ballot(
                    session, rules.papers(voter.area_id), voter, choices, await make_ticket(session, voter)
                )

    await asyncio.gather(*(cast_some() for _ in range(AT_ONCE)))


async def keep_open(sessions: Sessions, round_id: UUID, officer: Person) -> None:
    """Move the close later when it is near: what a slow machine needs to get every ballot in."""
    now = clock.now()
    if _closes.get(round_id, now) > now + MARGIN / 2:
        return
    async with sessions() as session, session.begin():
        voting = (await get_round(session, round_id, for_act=True)).window(Phase.VOTING)
        assert voting is not None
        if voting.closes <= now + MARGIN / 2:
            later = ExtendForm(closes=now + 2 * MARGIN, reason="Kaikki äänet eivät ehtineet vielä uurnaan.")
            await extend_voting(session, officer, round_id, later, now)
        _closes[round_id] = voting.closes


_closes: dict[UUID, datetime] = {}


async def wait_for_close(sessions: Sessions, round_id: UUID) -> None:
    """Sleep until the round's voting has closed."""
    async with sessions() as session:
        voting = (await get_round(session, round_id)).window(Phase.VOTING)
    assert voting is not None
    left = (voting.closes - clock.now()).total_seconds()
    await asyncio.sleep(max(left, 0) + 0.05)


async def end_vote(sessions: Sessions, officers: tuple[Person, Person], round_id: UUID) -> None:
    """Close the box, open it by two officers, count and publish: each act in a transaction of its own."""
    first, second = officers
    for act, officer in (
        (close_voting, first),
        (ask_opening, first),
        (open_ballots, second),
        (count_ballots, first),
        (publish_results, first),
    ):
        async with sessions() as session, session.begin():
            await act(session, officer, round_id, clock.now())


def imagine_choices(allocation: AllocationRules, lot: random.Random) -> list[int]:
    """What a believable voter of this allocation chooses: the first projects of the list are liked most."""
    if lot.random() < 0.05:
        return []
    liked = [p.number for p in allocation.projects]
    liked.sort(key=lambda number: lot.random() * (3 + (number * 7) % 5))
    if allocation.ballot_type is BallotType.KNAPSACK:
        return within_money(allocation, liked)
    return liked[: lot.randint(1, allocation.max_choices or 1)]


def within_money(allocation: AllocationRules, liked: Sequence[int]) -> list[int]:
    costs, left, chosen = allocation.paper.costs, allocation.amount_cents, []
    for number in liked:
        if costs[number] <= left:
            chosen.append(number)
            left -= costs[number]
    return chosen
