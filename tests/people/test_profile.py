"""A person's own page, and how a person is named to others."""

import pytest

from pb.language import in_language
from pb.people.models import ShownName
from pb.people.rules import shown
from tests.visitor import words


@pytest.mark.parametrize(
    ("name", "unnamed", "choice", "area", "said"),
    [
        ("Raija Rantanen", False, ShownName.NAME, "Lammi", "Raija Rantanen"),
        (" Raija  Rantanen ", False, ShownName.NAME, "Lammi", "Raija Rantanen"),
        ("Raija Rantanen", False, ShownName.FIRST, "Lammi", "Raija"),
        ("Raija Rantanen", False, ShownName.AREA, "Lammi", "a resident of Lammi"),
        ("Raija Rantanen", False, ShownName.AREA, None, "a resident of the city"),
        ("", False, ShownName.NAME, "Lammi", "a resident of Lammi"),
        ("  ", False, ShownName.FIRST, None, "a resident of the city"),
        ("Raija Rantanen", True, ShownName.NAME, "Lammi", "a resident of Lammi"),
        ("Raija Rantanen", True, ShownName.FIRST, None, "a resident of the city"),
    ],
)
def test_a_name_is_shown_as_its_owner_chose_and_never_of_the_protected(name, unnamed, choice, area, said):
    with in_language("en"):
        assert shown(name, unnamed, choice, area) == said


async def test_a_person_says_how_the_city_may_name_and_write_to_her(session, resident, visit):
    browser = await visit(resident)
    assert 'value="Raija"' in (await browser.get("/me")).text
    answer = await browser.post("/me", {"name": "Raija R", "unnamed": "yes", "language": "sv"})
    assert (answer.status_code, "Saved." in words(answer)) == (200, True)
    await session.refresh(resident, ["name", "unnamed", "language"])
    assert (resident.name, resident.unnamed, resident.language) == ("Raija R", True, "sv")
    await browser.post("/me", {"name": "", "language": "fi-plain"})
    await session.refresh(resident, ["name", "unnamed", "language"])
    assert (resident.name, resident.unnamed, resident.language) == ("", False, "fi-plain")


async def test_a_wrong_language_changes_nothing(session, resident, visit):
    answer = await (await visit(resident)).post("/me", {"name": "Uusi", "language": "de"})
    assert (answer.status_code, 'value="Uusi"' in answer.text) == (422, True)
    await session.refresh(resident, ["name"])
    assert resident.name == "Raija"


async def test_ones_own_page_needs_a_sign_in(visitor):
    assert (await visitor.get("/me")).headers["location"] == "/sign-in?then=/me"
    assert (await visitor.post("/me", {"language": "fi"})).status_code == 401
