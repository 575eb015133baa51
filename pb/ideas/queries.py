"""Reads of ideas."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pb.city.queries import get_area, get_service
from pb.errors import FieldErrors, NotFound
from pb.ideas.models import Idea, IdeaState
from pb.ideas.rules import CONTENT, MOST_SIMILAR
from pb.keys import derive_id
from pb.language import gettext as _
from pb.notices.models import Follow
from pb.people.models import Person, ShownName
from pb.permissions import reads_unpublished
from pb.pictures.forms import Sent
from pb.pictures.queries import has_pictures, list_pictures
from pb.rounds.models import Round
from pb.rounds.queries import LOADS

LOAD_IDEA = [selectinload(Idea.area), selectinload(Idea.service), selectinload(Idea.author)]
PUBLIC = (IdeaState.PUBLISHED, IdeaState.REFUSED, IdeaState.MERGED)


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
    """The idea, if `sees_idea`. Raises NotFound."""
    idea = await get_idea(session, idea_id)
    if not sees_idea(me, idea):
        raise NotFound(_("There is no such idea."))
    return idea


def wrote(me: Person | None, idea: Idea) -> bool:
    """Whether `me` is the idea's first author."""
    return me is not None and me.id == idea.author_id


def sees_idea(me: Person | None, idea: Idea) -> bool:
    """Whether the idea is public, or this visitor is its author, or (of one that was sent) staff."""
    staff = idea.state is IdeaState.SUBMITTED and reads_unpublished(me, idea.round.scope)
    return idea.state in PUBLIC or wrote(me, idea) or staff


def sees_text(me: Person | None, idea: Idea) -> bool:
    """Of a refused idea, or one that staff hid, the public reads the reason only (of a hidden one no title either).

    Its author and the staff read it all, pictures too.
    """
    public = idea.state is not IdeaState.REFUSED and not idea.is_hidden
    return public or wrote(me, idea) or reads_unpublished(me, idea.round.scope)


async def get_draft(session: AsyncSession, me: Person | None, idea_id: UUID) -> Idea:
    """`me`'s own draft, locked for a change. Raises NotFound for everybody else."""
    own = (Idea.id == idea_id, Idea.state == IdeaState.DRAFT, Idea.author_id == (me.id if me else None))
    locked = select(Idea).where(*own).with_for_update().execution_options(populate_existing=True)
    if me is None or await session.scalar(locked) is None:
        raise NotFound(_("There is no such draft. It may have been sent or deleted already."))
    return await get_idea(session, idea_id)


async def is_same_idea(session: AsyncSession, idea: Idea, me: Person, round_id: UUID, words: Any, sent: Sent) -> bool:
    """Whether `me` wrote or entered this very idea: the form's words in the same round, with its new pictures.

    The service may have been guessed since. The pictures of a draft are not asked after, for they can still change.
    """
    ours = me.id in (idea.author_id, idea.entered_by_id) and idea.round_id == round_id
    names = [name for name in CONTENT if name != "service_id" or words.service_id]
    same = ours and all(getattr(idea, name) == getattr(words, name) for name in names)
    return same and (idea.state is IdeaState.DRAFT or await has_pictures(session, idea.id, sent.new))


async def choose_id(session: AsyncSession, me: Person | None, round_id: UUID, form: Any, sent: Sent) -> UUID:
    """The idea's id: the same for the same form of the same person, or address, with the same words.

    Signed in it is the form's own, unless that has been used for something else; what a form without a sign-in
    says never leads to an idea that is there.
    """
    if me is not None:
        earlier = await session.get(Idea, form.submission)
        if earlier is None or await is_same_idea(session, earlier, me, round_id, form, sent):
            return form.submission
    who = form.email if me is None else me.id
    return derive_id("idea", f"{who}", f"{round_id}", form.model_dump_json(exclude={"email"}), sent.mark())


async def find_missing(session: AsyncSession, idea: Idea) -> dict[str, str]:
    """What a draft still lacks before it can be sent: {field: sentence}."""
    assert idea.author is not None
    missing = {name: _("Fill in this field.") for name in ("title", "description") if not getattr(idea, name)}
    if idea.shown_name is not ShownName.AREA and not idea.author.name and not idea.author.unnamed:
        missing["name"] = _("Write your name, or choose that it is not shown.")
    for picture in await list_pictures(session, [idea.id]):
        if not picture.alt:
            missing[f"alt_{picture.place}"] = _("Say in a few words what is in the picture.")
    return missing


async def check_choices(session: AsyncSession, area_id: UUID | None, service_id: UUID | None) -> None:
    """Raises FieldErrors for an area or a service that the city does not have."""
    checks: list[tuple[str, UUID | None, Any, str]] = [
        ("area_id", area_id, get_area, _("Choose one of the areas.")),
        ("service_id", service_id, get_service, _("Choose one of the services.")),
    ]
    for name, key, get, sentence in checks:
        try:
            if key is not None:
                await get(session, key)
        except NotFound:
            raise FieldErrors(**{name: sentence}) from None


async def count_drafts(session: AsyncSession, author: Person | None = None, *, unclaimed: bool) -> int:
    """How many drafts there are: of one author or of all, written signed out or signed in."""
    drafts = select(func.count()).where(Idea.state == IdeaState.DRAFT, Idea.unclaimed == unclaimed)
    return await session.scalar(drafts.where(Idea.author_id == author.id) if author else drafts) or 0


async def list_similar(
    session: AsyncSession, title: str, description: str, *, round_id: UUID | None = None, limit: int = MOST_SIMILAR
) -> list[tuple[Idea, float]]:
    """Published ideas (of one round, or of all) that share words with these or have a title like it, best first.

    The likeness is from 0 up: how much of the words' stems an idea has (`ts_rank`), the title's counting too, and
    how many trigrams the titles share (`similarity`, 0 to 1).
    https://www.postgresql.org/docs/current/textsearch-controls.html, https://www.postgresql.org/docs/current/pgtrgm.html
    """
    words = func.plainto_tsquery("finnish", f"{title} {description}"[:1000])
    any_word = cast(func.replace(cast(words, String), "&", "|"), TSQUERY)
    likeness = (func.ts_rank(Idea.search, any_word) + func.similarity(Idea.title, title)).label("likeness")
    alike = or_(Idea.search.op("@@")(any_word), Idea.title.op("%")(title))
    open_ = (Idea.state == IdeaState.PUBLISHED, Idea.hidden_reason == "")
    query = select(Idea, likeness).where(*open_, alike).options(*LOAD_IDEA)
    if round_id is not None:
        query = query.where(Idea.round_id == round_id)
    found = await session.execute(query.order_by(likeness.desc(), Idea.id).limit(limit))
    return [(idea, float(score)) for idea, score in found]


async def find_similar(session: AsyncSession, round_id: UUID, words: Mapping[str, Any]) -> list[Idea]:
    """The round's published ideas like the one in `words`: a form with `title` and `description`, as it is sent."""
    title, description = (str(words.get(name) or "").replace("\x00", "") for name in ("title", "description"))
    return [idea for idea, _likeness in await list_similar(session, title[:200], description, round_id=round_id)]


async def list_waiting_ideas(session: AsyncSession, round_id: UUID) -> list[Idea]:
    """Ideas that wait for publishing or refusal, oldest first."""
    waiting = select(Idea).where(Idea.round_id == round_id, Idea.state == IdeaState.SUBMITTED)
    return list(await session.scalars(waiting.options(*LOAD_IDEA).order_by(Idea.submitted_at, Idea.id)))


async def list_own_ideas(session: AsyncSession, round_: Round, me: Person | None) -> list[Idea]:
    """A resident's own ideas in the round, whatever their state."""
    if me is None:
        return []
    mine = select(Idea).where(Idea.round_id == round_.id, Idea.author_id == me.id)
    return list(await session.scalars(mine.order_by(Idea.submitted_at, Idea.id)))


async def list_followed_ideas(session: AsyncSession, me: Person) -> list[Idea]:
    """The ideas this person follows and may read of, those followed last first."""
    followed = select(Idea).join(Follow, Follow.thing_id == Idea.id).where(Follow.person_id == me.id)
    seen = or_(Idea.state.in_(PUBLIC), Idea.author_id == me.id)
    return list(await session.scalars(followed.where(seen).order_by(Follow.at.desc(), Idea.id)))


async def list_newest_ideas(session: AsyncSession, round_id: UUID, limit: int) -> list[Idea]:
    """The published ideas whose words everybody may read, those published last first."""
    public = select(Idea).where(Idea.round_id == round_id, Idea.state == IdeaState.PUBLISHED, Idea.hidden_reason == "")
    return list(await session.scalars(public.order_by(Idea.decided_at.desc(), Idea.id).limit(limit)))
