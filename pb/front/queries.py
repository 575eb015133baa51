"""What waits for whom: the desk's one look at every round."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.estimates.models import Estimate
from pb.ideas.models import Idea, IdeaState
from pb.rounds.models import Round


@dataclass(frozen=True)
class Waiting:
    """How many ideas of a round wait for a decision and for an estimate."""

    decision: int
    estimate: int


async def count_waiting(session: AsyncSession, rounds: list[Round]) -> dict[object, Waiting]:
    """For each round's id, in one query."""
    estimated = select(Estimate.idea_id).where(Estimate.idea_id == Idea.id).exists()
    query = (
        select(
            Idea.round_id,
            func.count().filter(Idea.state == IdeaState.SUBMITTED),
            func.count().filter((Idea.state == IdeaState.PUBLISHED) & ~estimated),
        )
        .where(Idea.round_id.in_([r.id for r in rounds]))
        .group_by(Idea.round_id)
    )
    found = {round_id: Waiting(decide, cost) for round_id, decide, cost in await session.execute(query)}
    return {r.id: found.get(r.id, Waiting(0, 0)) for r in rounds}
