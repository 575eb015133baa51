"""What waits for whom: the desk's one look at every round."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import distinct, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pb.appeals.models import Appeal
from pb.appeals.queries import REOPENED
from pb.comments.models import Comment, Flag
from pb.estimates.models import Estimate
from pb.ideas.models import Idea, IdeaState
from pb.rounds.models import Round


@dataclass(frozen=True)
class Waiting:
    """How much of a round waits: ideas for a decision or an estimate, reported things, appeals for an answer."""

    decision: int
    estimate: int
    reported: int
    appeals: int


async def count_waiting(session: AsyncSession, rounds: list[Round]) -> dict[UUID, Waiting]:
    """For each round's id, in three queries however many there are."""
    estimated = exists().where(Estimate.idea_id == Idea.id)
    unestimated = ~estimated | exists().where(Appeal.idea_id == Idea.id, REOPENED)
    ideas = select(
        Idea.round_id,
        func.count().filter(Idea.state == IdeaState.SUBMITTED),
        func.count().filter((Idea.state == IdeaState.PUBLISHED) & unestimated),
    )
    flags = select(Idea.round_id, func.count(distinct(func.coalesce(Flag.comment_id, Flag.idea_id))))
    flags = flags.select_from(Flag).outerjoin(Comment, Comment.id == Flag.comment_id)
    flags = flags.join(Idea, Idea.id == func.coalesce(Flag.idea_id, Comment.idea_id)).where(Flag.settled_at.is_(None))
    appeals = select(Idea.round_id, func.count()).join(Appeal, Appeal.idea_id == Idea.id)
    found: dict[UUID, list[int]] = {r.id: [] for r in rounds}
    for counts, width in ((ideas, 2), (flags, 1), (appeals.where(Appeal.answered_at.is_(None)), 1)):
        rows = await session.execute(counts.where(Idea.round_id.in_(found)).group_by(Idea.round_id))
        numbers = {round_id: more for round_id, *more in rows}
        for round_id, so_far in found.items():
            so_far += numbers.get(round_id, [0] * width)
    return {round_id: Waiting(*numbers) for round_id, numbers in found.items()}
