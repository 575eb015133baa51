"""Ideas like the one being written, and the service that is guessed from them."""

from uuid import uuid4

import pytest

from pb.ideas.forms import IdeaForm
from pb.ideas.models import IdeaState
from pb.ideas.queries import list_similar
from pb.ideas.rules import LIKE_ENOUGH, guess_service
from pb.ideas.service import submit_idea
from pb.permissions import Phase
from tests.cast import NOW, make_idea, make_round, make_service
from tests.visitor import words


@pytest.fixture
async def round_(session, culture, resident):
    made = await make_round(session, culture, Phase.IDEAS)
    for title, text in (
        ("Konsertteja pihoille", "Soittajia vanhusten iloksi."),
        ("Uimaranta kuntoon", "Hiekkaa ja laituri Pääjärvelle."),
        ("Koirapuisto Lammille", "Aita ja penkki."),
        ("Laituri uimareille", "Uusi laituri rantaan."),
    ):
        (await make_idea(session, made, resident, title)).description = text
    await session.commit()
    return made


async def titles(session, title: str, description: str = "", **options) -> list[str]:
    return [idea.title for idea, _likeness in await list_similar(session, title, description, **options)]


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("Pihakonsertti", ["Konsertteja pihoille"]),  # parts of words
        ("Konserttien sarja", ["Konsertteja pihoille"]),  # another case of the same word
        ("Laiturin korjaus", ["Laituri uimareille", "Uimaranta kuntoon"]),  # in the title before in the text
        ("Avantouinti", []),
        ("", []),
        ("':* & | ! <->\\ %", []),
    ],
)
async def test_ideas_with_the_same_words_or_a_title_like_it_come_best_first(session, round_, title, first):
    assert await titles(session, title) == first


async def test_only_published_ideas_of_the_round_are_shown_five_at_most(session, round_, culture, resident, visitor):
    other = await make_round(session, culture, Phase.RESULTS)
    await make_idea(session, other, resident, "Frisbeerata muualla")
    for state in (IdeaState.SUBMITTED, IdeaState.REFUSED, IdeaState.DRAFT):
        await make_idea(session, round_, resident, "Frisbeerata piilossa", state)
    for n in range(6):
        await make_idea(session, round_, resident, f"Frisbeerata {n}")
    await session.commit()
    answer = await visitor.get(f"/rounds/{round_.id}/ideas/similar", params={"title": "Frisbeerata"})
    assert answer.text.count("<li>") == 5
    assert "piilossa" not in answer.text
    assert "muualla" not in answer.text
    assert "<html" not in answer.text
    assert "5 similar ideas" in words(answer)


async def test_without_javascript_a_button_shows_the_same_and_loses_nothing(round_, visitor):
    form = {"title": "Laituri", "description": "Rantaan", "act": "similar", "place": "Pääjärvi", "latitude": "x"}
    answer = await visitor.post(f"/rounds/{round_.id}/ideas/new", form)
    assert answer.status_code == 200
    assert "Laituri uimareille" in answer.text
    assert all(f'value="{typed}"' in answer.text for typed in ("Laituri", "Pääjärvi", "x"))


async def test_a_title_with_markup_or_a_nul_is_looked_for_as_text(round_, visitor):
    for title in ("<script>laituri", "lai\x00turi", "x" * 5000):
        answer = await visitor.get(f"/rounds/{round_.id}/ideas/similar", params={"title": title})
        assert answer.status_code == 200
        assert "<script>laituri" not in answer.text


A, B, C = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize(
    ("likenesses", "service"),
    [
        ([], C),
        ([(A, 0.9), (B, 0.5)], A),
        ([(A, 0.6), (B, 0.4), (B, 0.4)], B),
        ([(A, LIKE_ENOUGH - 0.01)] * 4, C),
        ([(A, LIKE_ENOUGH)], A),
        ([(A, 0.5), (B, 0.5)], A),
    ],
)
def test_the_service_is_that_of_the_most_alike(likenesses, service):
    assert guess_service(likenesses, C) == service


async def test_an_idea_gets_a_service_when_it_is_sent_unless_its_author_chose(session, round_, culture, resident):
    sports, library = await make_service(session, "Liikunta"), await make_service(session, "Kirjasto")
    earlier = await make_idea(session, await make_round(session, sports, Phase.RESULTS), resident, "Laituri Hauholle")
    earlier.service_id = sports.id
    await session.commit()
    guessed = await submit_idea(session, resident, round_.id, IdeaForm(title="Laituri", description="Uusi"), NOW)
    chosen = await submit_idea(
        session, resident, round_.id, IdeaForm(title="Laituri", description="Uusi", service_id=library.id), NOW
    )
    fallback = await submit_idea(session, resident, round_.id, IdeaForm(title="Avanto", description="Talvella"), NOW)
    assert [i.service_id for i in (guessed, chosen, fallback)] == [sports.id, library.id, culture.id]
