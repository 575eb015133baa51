"""Pictures are shown to whoever reads the idea's words."""

from io import BytesIO

import pytest
from PIL import Image

from pb.ideas.models import IdeaState
from pb.permissions import Phase
from pb.pictures.models import Picture
from pb.pictures.rules import encode
from tests.cast import NOW, make_idea, make_round
from tests.pictures.test_rules import picture, sent


@pytest.fixture
async def ideas(session, culture, resident):
    round_ = await make_round(session, culture, Phase.IDEAS)
    made = {state: await make_idea(session, round_, resident, state=state) for state in IdeaState if state != "merged"}
    for idea in made.values():
        encoded = encode(sent(picture(size=(2000, 1000))))
        session.add(Picture(thing_id=idea.id, place=2, alt="Piha", at=NOW, **vars(encoded)))
    await session.commit()
    return made


async def test_a_picture_comes_as_a_jpeg_and_nothing_else(ideas, visitor):
    path = f"/ideas/{ideas[IdeaState.PUBLISHED].id}/pictures/2.jpg"
    for query, size in (("", (1600, 800)), ("?size=small", (480, 240)), ("?size=x", (1600, 800))):
        answer = await visitor.get(path + query)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"].startswith("private, max-age=")
        assert Image.open(BytesIO(answer.content)).size == size


@pytest.mark.parametrize("name", ["1.jpg", "4.jpg", "2.png", "2", "02.jpg", "..%2F2.jpg"])
async def test_what_is_not_there_is_not_found(ideas, visitor, name):
    assert (await visitor.get(f"/ideas/{ideas[IdeaState.PUBLISHED].id}/pictures/{name}")).status_code == 404


async def test_pictures_are_seen_with_the_words(ideas, resident, officer, visit):
    sees = {
        None: {IdeaState.PUBLISHED},
        officer: {IdeaState.PUBLISHED, IdeaState.SUBMITTED, IdeaState.REFUSED},
        resident: set(ideas),
    }
    for who, states in sees.items():
        browser = await visit(who)
        paths = {state: f"/ideas/{idea.id}/pictures/2.jpg" for state, idea in ideas.items()}
        assert {state for state, path in paths.items() if (await browser.get(path)).status_code == 200} == states
