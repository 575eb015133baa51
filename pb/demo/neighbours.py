"""Puts life around the town's ideas: places, pictures, supports, comments, an appeal, and news of the work."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pb.appeals.forms import AnswerForm, AppealForm
from pb.appeals.models import AppealOutcome
from pb.appeals.service import answer_appeal, appeal
from pb.comments.forms import CommentForm
from pb.comments.service import answer_comment, write_comment
from pb.delivery.forms import DeliveryForm
from pb.delivery.models import DeliveryState
from pb.delivery.queries import list_chosen
from pb.delivery.service import note_delivery
from pb.demo.extras import COMMENTS, NEIGHBOURS, NEWS, PLACES, SWEDISH
from pb.estimates.models import Project
from pb.ideas.forms import EnteredForm
from pb.ideas.models import Idea, Origin, Theme
from pb.ideas.service import enter_idea
from pb.language import local
from pb.notices.models import Notice
from pb.people.models import Person, ShownName
from pb.people.service import add_person
from pb.pictures.forms import Sent
from pb.pictures.rules import encode
from pb.rounds.models import Round
from pb.supports.service import support_idea

HOUR = timedelta(hours=1)
PAPERS = ("#cfe3cf", "#7fb2cf", "#f2b632", "#c2485c", "#14503f", "#fdf2d8")  # the cut paper of the look
PICTURED = {
    "Rannan taidepenkit": "Piirros: kuusi kirjavaa penkkiä rannalla.",
    "Kylän tarinat -äänipolku Pääjärven rantaan": "Piirros: polku kiertää järven rantaa.",
    "Valojuhla Vanajaveden rannalla": "Piirros: lyhtyjä veden yllä.",
}


async def add_neighbours(session: AsyncSession, now: datetime) -> list[Person]:
    """Residents who stand by ideas and comment on them."""
    addresses = (f"{name.lower().replace(' ', '.').replace('ä', 'a')}@vanajaniemi.example" for name in NEIGHBOURS)
    return [await add_person(session, mail, name, now) for mail, name in zip(addresses, NEIGHBOURS, strict=True)]


def place_of(title: str) -> dict[str, object]:
    """An idea's theme and place as its form has them; empty for an idea without a place."""
    if title not in PLACES:
        return {}
    theme, place, point = PLACES[title]
    latitude, longitude = map(Decimal, point) if point else (None, None)
    return {"theme": Theme(theme), "place": place, "latitude": latitude, "longitude": longitude}


def picture_of(title: str) -> Sent:
    """A picture in cut paper for some ideas, the same at every build."""
    if title not in PICTURED:
        return Sent()
    lot = random.Random(title)
    image = Image.new("RGB", (1200, 800), lot.choice(PAPERS))
    draw = ImageDraw.Draw(image)
    for _piece in range(14):
        x, y, size = lot.randrange(1200), lot.randrange(800), lot.randrange(60, 260)
        draw.regular_polygon((x, y, size), lot.choice((3, 4, 6, 40)), lot.randrange(90), lot.choice(PAPERS))
    png = BytesIO()
    image.save(png, "PNG")
    return Sent(new={1: encode(png.getvalue())}, alts={1: PICTURED[title]})


async def talk(
    session: AsyncSession, idea: Idea, neighbours: list[Person], officer: Person, lot: random.Random, at: datetime
) -> None:
    """Some neighbours support a published idea, some say something, and the service answers."""
    for neighbour in lot.sample(neighbours, lot.randrange(len(neighbours))):
        await support_idea(session, neighbour, idea.id, at)
    for _title, who, words, answer in (row for row in COMMENTS if row[0] == idea.title):
        said = CommentForm(text=words, shown_name=lot.choice((ShownName.NAME, ShownName.FIRST)))
        comment = await write_comment(session, neighbours[who], idea.id, said, at + HOUR)
        if answer:
            await answer_comment(session, officer, comment.id, CommentForm(text=answer, as_staff=True), at + 5 * HOUR)


async def enter_from_fair(session: AsyncSession, clerk: Person, round_: Round, at: datetime) -> Idea:
    """An idea that a desk clerk wrote down at an event."""
    title, text = "Penkkejä kirjaston edustalle", "Vanhempi rouva toivoi paikkoja, joissa voi levähtää ja jutella."
    origin = {"origin": Origin.EVENT, "origin_note": "Lammin syysmarkkinat"}
    lammi = next(a.area_id for a in round_.allocations if a.area and a.area.name == "Lammi")
    form = EnteredForm(title=title, description=text, area_id=lammi, theme=Theme.MEETING, **origin)
    return await enter_idea(session, clerk, round_.id, form, Sent(), at)


async def hold_appeal(session: AsyncSession, author: Person, officer: Person, idea: Idea, at: datetime) -> None:
    """The author of a refused idea appeals; the officer looks again and lets the refusal stand."""
    words = "Harmonia saisivat soittaa kaikki. Se ei jäisi kenenkään omaksi."
    await appeal(session, author, idea.id, AppealForm(text=words), at)
    answer = "Katsoimme asiaa uudelleen. Kierroksen rahalla ei osteta yhden asukkaan tavaraa. Harmonin voi lahjoittaa."
    await answer_appeal(
        session, officer, idea.id, AnswerForm(outcome=AppealOutcome.STANDS, answer=answer), at + 3 * HOUR
    )


async def translate(session: AsyncSession, round_: Round) -> None:
    """What of the round is in Swedish so far, before the ballot is confirmed."""
    round_.translations = {"sv": SWEDISH["round"]}
    for allocation in round_.allocations:
        if allocation.name in SWEDISH:
            allocation.translations = {"sv": {"name": SWEDISH[allocation.name]}}
    for table in (Idea, Project):
        for thing in await session.scalars(select(table).where(table.round_id == round_.id)):
            if thing.title in SWEDISH:
                thing.translations = {"sv": {"title": SWEDISH[thing.title]}}


async def deliver(session: AsyncSession, estimator: Person, round_: Round, now: datetime) -> None:
    """The first news of the chosen projects."""
    for chosen in await list_chosen(session, round_):
        if chosen.project.title not in NEWS:
            continue
        state, words, euros, days = NEWS[chosen.project.title]
        due = local(now + timedelta(days=days)).date() if days else None
        form = DeliveryForm(state=DeliveryState(state), text=words, spent=euros * 100, due=due)
        await note_delivery(session, estimator, round_.id, chosen.project.id, form, now)


async def pass_notices(session: AsyncSession, now: datetime) -> None:
    """What happened while the town was built is no news to anybody."""
    await session.execute(update(Notice).where(Notice.mailed_at.is_(None)).values(mailed_at=now))
