"""Reads of the roll. Nothing here knows a name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.roll.models import Voter, VotingCode, WrongGuesses
from pb.rounds.models import Allocation
from pb.rounds.rules import AllocationRules


async def find_voter(session: AsyncSession, round_id: UUID, code_hmac: bytes) -> Voter | None:
    """The voter whom a code that has not been revoked lets in."""
    return await session.scalar(
        select(Voter)
        .join(VotingCode, (VotingCode.round_id == Voter.round_id) & (VotingCode.person_ref == Voter.person_ref))
        .where(VotingCode.round_id == round_id, VotingCode.code_hmac == code_hmac, VotingCode.revoked_at.is_(None))
    )


async def count_voters(session: AsyncSession, round_id: UUID) -> dict[UUID | None, int]:
    """How many are on the roll, by area (None: no area, the whole city's ballot only)."""
    rows = await session.execute(
        select(Voter.area_id, func.count()).where(Voter.round_id == round_id).group_by(Voter.area_id)
    )
    return dict(rows.all())


def eligible(
    allocation: Allocation | AllocationRules, on_roll: dict[UUID | None, int], *, area_choice: bool = False
) -> int:
    """How many of the roll get this allocation's ballot paper, or where voters choose their area, can get it."""
    if allocation.area_id is None or area_choice:
        return sum(on_roll.values())
    return on_roll.get(allocation.area_id, 0)


async def count_wrong_guesses(session: AsyncSession, source_hmac: bytes, slot: datetime) -> int:
    query = select(WrongGuesses.tries).where(WrongGuesses.source_hmac == source_hmac, WrongGuesses.slot == slot)
    return await session.scalar(query) or 0
