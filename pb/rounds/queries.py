"""Reads of rounds. `get_round` loads what every page of a round shows."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pb.errors import NotFound
from pb.language import gettext as _
from pb.notices.models import Follow
from pb.people.models import Person
from pb.permissions import Act, Phase, acting_role, reads_unpublished
from pb.rounds.models import Allocation, Amendment, AmendmentKind, PhaseWindow, Round
from pb.rounds.rules import Rules, is_public, read_rules

LOADS = [
    selectinload(Round.windows),
    selectinload(Round.service),
    selectinload(Round.allocations).selectinload(Allocation.area),
    selectinload(Round.allocations).selectinload(Allocation.service),
]


async def get_round(session: AsyncSession, round_id: UUID, *, for_act: bool = False) -> Round:
    """The round with its phases, service and allocations; `for_act` locks it until the transaction ends."""
    query = select(Round).where(Round.id == round_id).options(*LOADS)
    if for_act:
        query = query.with_for_update(of=Round).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


def sees_round(me: Person | None, round_: Round, now: datetime) -> bool:
    """Drafts are seen by the service's staff and the auditor only."""
    staff = reads_unpublished(me, round_.scope) or acting_role(me, Act.EDIT_ROUND, round_.scope)
    return bool(staff) or is_public(round_.windows, now)


async def get_visible_round(session: AsyncSession, round_id: UUID, me: Person | None, now: datetime) -> Round:
    """The round, if this visitor may see it. Raises NotFound, also for a draft."""
    round_ = await get_round(session, round_id)
    if not sees_round(me, round_, now):
        raise NotFound(_("There is no such round."))
    return round_


async def list_rounds(session: AsyncSession, me: Person | None, now: datetime) -> list[Round]:
    """The rounds this visitor may see, newest first."""
    rounds = await session.scalars(select(Round).options(*LOADS).order_by(Round.created_at.desc(), Round.id))
    return [r for r in rounds if sees_round(me, r, now)]


async def list_amendments(session: AsyncSession, round_id: UUID) -> list[Amendment]:
    return list(
        await session.scalars(select(Amendment).where(Amendment.round_id == round_id).order_by(Amendment.at.desc()))
    )


_known: dict[bytes, Rules] = {}  # by the SHA-256 of their text, so that what was known is never out of date


def get_rules(round_: Round) -> Rules:
    """The frozen rules of a confirmed round. Raises NotFound before the ballot is confirmed."""
    if round_.rules is None:
        raise NotFound(_("The ballot has not been confirmed yet. The round's page lists the dates."))
    if round_.rules_sha256 not in _known:
        _known[round_.rules_sha256] = read_rules(round_.rules)
    return _known[round_.rules_sha256]


async def get_known_rules(session: AsyncSession, round_id: UUID, sha256: bytes) -> Rules:
    """The frozen rules of a confirmed round that have this hash, read once in a process."""
    if sha256 not in _known:
        text = await session.scalar(select(Round.rules).where(Round.id == round_id, Round.rules_sha256 == sha256))
        _known[sha256] = read_rules(text)
    return _known[sha256]


async def list_followed_rounds(session: AsyncSession, me: Person, now: datetime) -> list[Round]:
    """The rounds this person follows and may see, those followed last first."""
    followed = select(Round).join(Follow, Follow.thing_id == Round.id).where(Follow.person_id == me.id)
    rounds = await session.scalars(followed.options(selectinload(Round.windows)).order_by(Follow.at.desc(), Round.id))
    return [r for r in rounds if sees_round(me, r, now)]


async def list_voting(session: AsyncSession, now: datetime) -> list[tuple[Round, PhaseWindow]]:
    """The rounds in which people may vote now, with the window of that phase."""
    voting = select(Round, PhaseWindow).join(PhaseWindow, PhaseWindow.round_id == Round.id)
    is_open = (PhaseWindow.phase == Phase.VOTING, PhaseWindow.opens <= now, PhaseWindow.closes > now)
    return list((await session.execute(voting.where(*is_open, Round.confirmed_at.is_not(None)))).all())


async def list_extensions(session: AsyncSession, round_ids: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """How many times the close of voting was moved in these rounds, and when last; only where it was."""
    moved = (Amendment.round_id.in_(round_ids), Amendment.kind == AmendmentKind.EXTENDED)
    query = select(Amendment.round_id, func.count(), func.max(Amendment.at)).where(*moved)
    rows = await session.execute(query.group_by(Amendment.round_id))
    return {round_id: (times, last) for round_id, times, last in rows}
