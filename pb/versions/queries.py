"""Reads of an idea's authors and of its earlier words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from pb.errors import NotFound
from pb.estimates.queries import list_estimates
from pb.ideas.models import Idea
from pb.ideas.queries import get_idea, sees_idea, wrote
from pb.language import gettext as _
from pb.people.models import Person, ShownName
from pb.people.rules import shown
from pb.people.service import require_person
from pb.versions.models import CoAuthor, IdeaVersion
from pb.versions.rules import CHANGING, MOST_SHOWN, Piece, compare, why_no_joining


@dataclass(frozen=True)
class Change:
    """One change of an idea's words: who is shown as having made it, when, and what it did."""

    at: datetime
    who: str
    title: list[Piece]
    description: list[Piece]


async def is_author(session: AsyncSession, idea: Idea, me: Person | None) -> bool:
    """Whether `me` wrote the idea, or has accepted to write it together with its author."""
    if me is None or wrote(me, idea):
        return me is not None
    found = await session.get(CoAuthor, (idea.id, me.id))
    return found is not None and found.accepted_at is not None


async def get_shared_idea(session: AsyncSession, idea_id: UUID, me: Person | None) -> tuple[Idea, bool]:
    """The idea if this visitor sees it, and whether they are one of its authors. Raises NotFound."""
    idea = await get_idea(session, idea_id)
    mine = await is_author(session, idea, me)
    if not mine and not sees_idea(me, idea):
        raise NotFound(_("There is no such idea."))
    return idea, mine


async def list_co_authors(session: AsyncSession, ideas: Collection[UUID]) -> list[CoAuthor]:
    """Everybody asked to write one of the ideas together, in the order they were asked."""
    asked = select(CoAuthor).where(CoAuthor.idea_id.in_(ideas)).options(joinedload(CoAuthor.person, innerjoin=True))
    return list(await session.scalars(asked.order_by(CoAuthor.invited_at, CoAuthor.person_id)))


async def list_names(session: AsyncSession, ideas: Sequence[Idea]) -> dict[UUID, dict[UUID | None, str]]:
    """Of each idea what is shown of its authors, the first author first: {idea: {person: name}}."""
    names = {idea.id: {idea.author_id: first_name(idea)} for idea in ideas}
    area = {idea.id: idea.area.name if idea.area else None for idea in ideas}
    for co in await list_co_authors(session, names):
        if co.accepted_at is not None:
            who = shown(co.person.name, co.person.unnamed, co.shown_name, area[co.idea_id])
            names[co.idea_id][co.person_id] = who
    return names


def first_name(idea: Idea) -> str:
    """What is shown of the author; of one whom nobody knows only where the idea is from."""
    author, area = idea.author, idea.area.name if idea.area else None
    if author is None:
        return shown("", False, ShownName.AREA, area)
    return shown(author.name, author.unnamed, idea.shown_name, area)


async def get_invitation(session: AsyncSession, me: Person | None, idea_id: UUID) -> CoAuthor:
    """What the author asked `me`. Raises NotSignedIn or NotFound."""
    found = await session.get(CoAuthor, (idea_id, require_person(me).id))
    if found is None:
        raise NotFound(_("There is no invitation for you here. The author may have taken it back."))
    return found


async def find_why_no_joining(session: AsyncSession, idea: Idea, now: datetime) -> str | None:
    """Why nobody new can write this idea with its authors now, or None. It is loaded with its round."""
    return why_no_joining(idea, bool(await list_estimates(session, idea.id)), now)


async def list_invitations(session: AsyncSession, me: Person) -> list[Idea]:
    """The ideas that `me` is asked to write together and has not answered for, while their words are shown."""
    asked = select(Idea).join(CoAuthor, CoAuthor.idea_id == Idea.id).where(CoAuthor.person_id == me.id)
    shown_ = (CoAuthor.accepted_at.is_(None), Idea.state.in_(CHANGING), Idea.hidden_reason == "")
    return list(await session.scalars(asked.where(*shown_).order_by(CoAuthor.invited_at, Idea.id)))


async def count_changes(session: AsyncSession, idea_id: UUID) -> int:
    """How many times the idea's words have changed."""
    return await session.scalar(select(func.count()).where(IdeaVersion.idea_id == idea_id)) or 0


async def list_changes(session: AsyncSession, idea: Idea) -> tuple[list[Change], int]:
    """The newest changes of the idea's words, newest first, and how many older ones are left out."""
    query = select(IdeaVersion).where(IdeaVersion.idea_id == idea.id)
    versions = list(await session.scalars(query.order_by(IdeaVersion.at.desc(), IdeaVersion.id).limit(MOST_SHOWN)))
    names = (await list_names(session, [idea]))[idea.id]
    changes, after = [], (idea.title, idea.description)
    for old in versions:
        who = names.get(old.person_id) or _("a former co-author")
        title, description = compare(old.title, after[0]), compare(old.description, after[1])
        changes.append(Change(old.at, who, title, description))
        after = (old.title, old.description)
    return changes, await count_changes(session, idea.id) - len(changes)
