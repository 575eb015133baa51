"""A confirmed round with a paper of each type, its voters, and a voter's way through the pages."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.plaintext import decode_ballot
from ballots.seal import unseal_ballot
from ballots.tables import envelope
from ballots.types import BallotType
from pb import keys
from pb.city.models import Area
from pb.confirmation.service import confirm_ballot
from pb.people.models import Person
from pb.permissions import Phase, Role
from pb.roll.forms import RollForm
from pb.roll.service import add_voters
from pb.rounds.models import Round
from pb.rounds.rules import Rules
from tests.cast import DAY, NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service
from tests.visitor import Visitor

LAMMI, HAUHO, CITY, RANKED = 1, 2, 3, 4  # the allocations' numbers
CONFIRMED = {Phase.ESTIMATES: NOW, Phase.VOTING: NOW - 6 * DAY, Phase.RESULTS: NOW - 25 * DAY}


@dataclass(frozen=True)
class Town:
    round: Round
    rules: Rules
    officer: Person
    lammi: Area
    codes: list[str]  # of voters in Lammi, as printed in their letters

    @property
    def booth(self) -> str:
        return f"/rounds/{self.round.id}/vote"

    def number(self, allocation: int, nth: int) -> int:
        """The ballot number of the allocation's `nth` project (from 1), as `make_town` lists them."""
        (paper,) = (a for a in self.rules.allocations if a.number == allocation)
        return next(p.number for p in paper.projects if p.title == f"Hanke {allocation}-{nth}")

    def ticks(self, allocation: int, *nths: int) -> dict[str, list[str]]:
        return {f"a{allocation}": [str(self.number(allocation, n)) for n in nths]}

    def places(self, *nths: int) -> dict[str, str]:
        """The ranked allocation's projects in this order."""
        return {f"a{RANKED}p{self.number(RANKED, n)}": str(place) for place, n in enumerate(nths, start=1)}


async def make_town(session: AsyncSession, phase: Phase = Phase.VOTING) -> Town:
    """Knapsacks for Lammi (10,000 €: 6,000, 5,000 and 3,000 €) and Hauho; for all, two of three and a ranking."""
    service = await make_service(session)
    officer = await make_person(session, "Oona", Role.OFFICER, service)
    lammi, hauho = await make_area(session, "Lammi"), await make_area(session, "Hauho")
    round_ = await make_round(session, service, phase)
    for number, area, ballot_type, most, costs in (
        (LAMMI, lammi, BallotType.KNAPSACK, None, (6_000_00, 5_000_00, 3_000_00)),
        (HAUHO, hauho, BallotType.KNAPSACK, None, (4_000_00,)),
        (CITY, None, BallotType.APPROVAL, 2, (2_000_00, 3_000_00, 4_000_00)),
        (RANKED, None, BallotType.RANKED, 3, (1_000_00, 2_000_00, 3_000_00, 4_000_00)),
    ):
        allocation = await make_allocation(session, round_, number, area, ballot_type, max_choices=most)
        round_.allocations.append(allocation)
        await make_projects(session, allocation, *costs)
    await session.commit()
    rules = await confirm_ballot(session, officer, round_.id, CONFIRMED[phase])
    codes = await add_voters(session, officer, round_.id, RollForm(area_id=lammi.id, number=2), NOW)
    await session.commit()
    return Town(round_, rules, officer, lammi, codes)


async def come_in(visitor: Visitor, town: Town, voter: int = 0) -> None:
    answer = await visitor.post(town.booth, {"code": town.codes[voter]})
    assert answer.status_code == 303, answer.text


def ticket_on(page: httpx.Response) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def review(visitor: Visitor, town: Town, choices: dict) -> dict:
    """The form that the review page would send: the choices with a ticket."""
    page = await visitor.post(f"{town.booth}/review", choices)
    assert page.status_code == 200, page.text
    return {**choices, "ticket": ticket_on(page)}


async def vote(visitor: Visitor, town: Town, choices: dict) -> httpx.Response:
    return await visitor.post(f"{town.booth}/cast", await review(visitor, town, choices))


async def ballots_in(session: AsyncSession, round_id: UUID) -> list[dict[int, tuple[int, ...]]]:
    """The choices in the box's envelopes, opened here with the round's key."""
    sealed = await session.scalars(select(envelope.c.ciphertext).where(envelope.c.round_id == round_id))
    key = keys.read_key("opening", round_id)
    return [dict(decode_ballot(round_id, unseal_ballot(key, round_id, c)).choices) for c in sealed]


def sign_in_voter(visitor: Visitor, town: Town, code_hmac: bytes, expires: datetime) -> None:
    """Give the visitor the cookie that a good code would have given."""
    value = keys.sign("voter", f"{town.round.id}|{code_hmac.hex()}|{int(expires.timestamp())}")
    visitor.cookies.delete("voter") if "voter" in visitor.cookies else None
    visitor.cookies.set("voter", value, domain="127.0.0.1", path=town.booth)
