"""One search, read as a list, as a number and as pins: all three are built from the same `matching`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Select, String, and_, case, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from pb.comments.models import Comment
from pb.comments.queries import STANDS
from pb.errors import NotFound
from pb.estimates.models import Estimate, Project
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import PUBLIC
from pb.language import gettext as _
from pb.people.models import Person
from pb.pictures.models import Picture
from pb.results.models import Count
from pb.rounds.models import Allocation, Round
from pb.rounds.queries import sees_round
from pb.search.rules import Filters, Order, Standing
from pb.supports.models import Support

EACH = 60  # ideas on one page
ALIKE = 0.5  # how much of the searched words' trigrams a title must have, in some stretch of words


@dataclass(frozen=True)
class Card:
    """What the list shows of one idea."""

    idea: Idea
    standing: Standing
    supports: int
    comments: int
    picture: Picture | None


def newest_feasible() -> ColumnElement[bool]:
    """What the newest estimate says of the idea; null if there is none."""
    newest = select(Estimate.feasible).where(Estimate.idea_id == Idea.id)
    return newest.order_by(Estimate.at.desc(), Estimate.id).limit(1).scalar_subquery()


def standing_in(round_: Round) -> ColumnElement[str]:
    """Where an idea of the round has got to, as everybody may know it now."""
    project = select(Project.id).where(Project.idea_id == Idea.id)
    feasible = newest_feasible()
    if not round_.confirmed_at:
        ballot = []
    elif not round_.published_at:
        ballot = [(project.exists(), Standing.BALLOT)]
    else:
        won = func.to_jsonb(cast(Project.number, String)).in_(funded_in(round_.id))
        ballot = [(project.where(won).exists(), Standing.WON), (project.exists(), Standing.LOST)]
    return case(
        (Idea.state == IdeaState.MERGED, Standing.MERGED),
        (Idea.state == IdeaState.REFUSED, Standing.REFUSED),
        *ballot,
        (feasible.is_(True), Standing.FEASIBLE),
        (feasible.is_(False), Standing.INFEASIBLE),
        else_=Standing.WAITING,
    )


def funded_in(round_id: UUID) -> Select[tuple[str]]:
    """The ballot numbers, as JSON texts, of the projects that the round's counts fund."""
    funded = func.jsonb_path_query(Count.outcome, cast("$.steps[*] ? (@.funded == true).project", JSONPATH))
    return select(funded).select_from(Count).join(Allocation).where(Allocation.round_id == round_id)


def has_words(words: str) -> ColumnElement[bool]:
    """Whether an idea has all these words, in any form of Finnish, or a title that is spelled much like them.

    The text of a refused idea is not public, so only its title counts; of a hidden one nothing does.
    https://www.postgresql.org/docs/current/textsearch-controls.html, https://www.postgresql.org/docs/current/pgtrgm.html
    """
    asked = func.websearch_to_tsquery("finnish", words)
    title = or_(
        func.to_tsvector("finnish", Idea.title).op("@@")(asked), func.word_similarity(words, Idea.title) >= ALIKE
    )
    text = and_(Idea.search.op("@@")(asked), Idea.state != IdeaState.REFUSED)
    return and_(Idea.hidden_reason == "", or_(text, title))


def matching(round_: Round, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on an idea that the search sets."""
    asked = [Idea.round_id == round_.id, Idea.state.in_(PUBLIC)]
    if filters.words:
        asked.append(has_words(filters.words))
    if filters.area:
        asked.append(Idea.area_id.is_(None) if filters.area == "city" else Idea.area_id == filters.area)
    if filters.service:
        asked.append(Idea.service_id == filters.service)
    if filters.theme:
        asked.append(Idea.theme == filters.theme)
    if filters.state:
        asked.append(standing_in(round_) == filters.state)
    return asked


def supports_of_idea() -> ColumnElement[int]:
    return select(func.count()).where(Support.idea_id == Idea.id).scalar_subquery()


def in_order(order: Order, seed: str) -> list[ColumnElement[Any]]:
    """Published ideas before refused and merged ones; the lot stays the same for one visitor's `seed`."""
    lot = func.md5(func.concat(cast(Idea.id, String), seed))
    match order:
        case Order.NEWEST:
            return [Idea.submitted_at.desc(), Idea.id]
        case Order.SUPPORTED:
            return [supports_of_idea().desc(), lot]
        case _:
            return [case((Idea.state == IdeaState.PUBLISHED, 0), else_=1), lot]


async def list_cards(session: AsyncSession, round_: Round, filters: Filters, seed: str) -> tuple[list[Card], int]:
    """The ideas of the search's page, and how many the search finds in all; of a page past the end neither.

    One query: the page is cut before anything is looked up of its ideas.
    """
    order = in_order(filters.order, seed)
    ranked = select(Idea.id, func.count().over().label("total"), func.row_number().over(order_by=order).label("place"))
    cut = ranked.where(*matching(round_, filters)).order_by("place").limit(EACH).offset((filters.page - 1) * EACH)
    page = cut.cte("page").prefix_with("MATERIALIZED", dialect="postgresql")
    comments = select(func.count()).where(Comment.idea_id == Idea.id, STANDS).scalar_subquery()
    first = select(Picture).where(Picture.thing_id == Idea.id).order_by(Picture.place).limit(1).lateral()
    picture = aliased(Picture, first)
    query = select(page.c.total, Idea, standing_in(round_), supports_of_idea(), comments, picture)
    joined = query.join(page, page.c.id == Idea.id).outerjoin(picture, true()).order_by(page.c.place)
    rows = list(await session.execute(joined))
    cards = [Card(idea, Standing(standing), *rest) for _total, idea, standing, *rest in rows]
    return cards, rows[0].total if rows else 0


async def list_pins(session: AsyncSession, round_: Round, filters: Filters) -> list[tuple[Any, Standing]]:
    """Every idea of the search, whatever the page: a row with its id, title, translations and point (degrees; None
    where it has none, and where its text is not public either: it may show a home), and where it has got to.
    """
    shown = and_(Idea.hidden_reason == "", Idea.state != IdeaState.REFUSED)
    points = {"latitude": Idea.latitude, "longitude": Idea.longitude}
    place = [case((shown, cast(degrees, Double))).label(name) for name, degrees in points.items()]
    query = select(Idea.id, Idea.title, Idea.translations, *place, standing_in(round_))
    rows = await session.execute(query.where(*matching(round_, filters)).order_by(Idea.id))
    return [(row, Standing(row[5])) for row in rows]


async def get_searched_round(session: AsyncSession, round_id: UUID, me: Person | None, now: datetime) -> Round:
    """The round with its phases only, if this visitor may see it. Raises NotFound, also for a draft."""
    query = select(Round).where(Round.id == round_id).options(joinedload(Round.windows))
    found = (await session.scalars(query)).unique().one_or_none()
    if found is None or not sees_round(me, found, now):
        raise NotFound(_("There is no such round."))
    return found
