"""Reads of ideas."""

from uuid import UUID

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pb.errors import NotFound
from pb.ideas.models import Idea, IdeaState
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import reads_unpublished
from pb.rounds.models import Round
from pb.rounds.queries import LOADS

LOAD_IDEA = [selectinload(Idea.area), selectinload(Idea.author)]


async def get_idea(session: AsyncSession, idea_id: UUID, *, for_act: bool = False) -> Idea:
    """The idea with its round; `for_act` locks it until the transaction ends."""
    query = select(Idea).where(Idea.id == idea_id).options(*LOAD_IDEA, selectinload(Idea.round).options(*LOADS))
    if for_act:
        query = query.with_for_update(of=Idea).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such idea."))
    return found


async def get_visible_idea(session: AsyncSession, idea_id: UUID, me: Person | None) -> Idea:
    """The idea, if it is public or this visitor is its author or staff. Raises NotFound."""
    idea = await get_idea(session, idea_id)
    own = me is not None and me.id == idea.author_id
    if idea.state is IdeaState.SUBMITTED and not own and not reads_unpublished(me, idea.round.scope):
        raise NotFound(_("There is no such idea."))
    return idea


async def list_public_ideas(session: AsyncSession, round_id: UUID, seed: str) -> list[Idea]:
    """Published ideas, then refused ones, in an order drawn by lot that stays the same for one visitor's `seed`."""
    lot = func.md5(func.concat(cast(Idea.id, String), seed))
    refused_last = case((Idea.state == IdeaState.REFUSED, 1), else_=0)
    ideas = select(Idea).where(Idea.round_id == round_id, Idea.state != IdeaState.SUBMITTED)
    return list(await session.scalars(ideas.options(*LOAD_IDEA).order_by(refused_last, lot)))


async def list_waiting_ideas(session: AsyncSession, round_id: UUID) -> list[Idea]:
    """Ideas that wait for publishing or refusal, oldest first."""
    waiting = select(Idea).where(Idea.round_id == round_id, Idea.state == IdeaState.SUBMITTED)
    return list(await session.scalars(waiting.options(*LOAD_IDEA).order_by(Idea.submitted_at, Idea.id)))


async def list_own_ideas(session: AsyncSession, round_: Round, me: Person | None) -> list[Idea]:
    """A resident's own ideas in the round, whatever their state."""
    if me is None:
        return []
    mine = select(Idea).where(Idea.round_id == round_.id, Idea.author_id == me.id)
    return list(await session.scalars(mine.options(*LOAD_IDEA).order_by(Idea.submitted_at, Idea.id)))
