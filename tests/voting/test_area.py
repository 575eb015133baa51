"""A round whose voters choose the area they vote in: by the roll's hint, their postcode or the list."""

import re
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.permissions import Phase, Role
from pb.roll.forms import RollForm
from pb.roll.service import add_voters
from tests.cast import NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service
from tests.visitor import words
from tests.voting.town import CITY, CONFIRMED, HAUHO, LAMMI, Town, ballots_in, come_in, ticket_on


async def make_choice(session, area_choice: bool = True) -> Town:
    """Purses for Lammi (16900) and Hauho (14700, 14770), one for all; a third area has none. Voters of Lammi."""
    service = await make_service(session)
    officer = await make_person(session, "Oona", Role.OFFICER, service)
    lammi, hauho = await make_area(session, "Lammi"), await make_area(session, "Hauho")
    lammi.postcodes, hauho.postcodes = ["16900"], ["14700", "14770"]
    (await make_area(session, "Tuulos")).postcodes = ["14810"]
    round_ = await make_round(session, service, Phase.VOTING)
    round_.area_choice = area_choice
    for number, area in ((LAMMI, lammi), (HAUHO, hauho), (CITY, None)):
        ballot = BallotType.KNAPSACK if area else BallotType.APPROVAL
        round_.allocations.append(await make_allocation(session, round_, number, area, ballot))
        await make_projects(session, round_.allocations[-1], 4_000_00, 3_000_00)
    await session.commit()
    rules = await confirm_ballot(session, officer, round_.id, CONFIRMED[Phase.VOTING])
    codes = await add_voters(session, officer, round_.id, RollForm(area_id=lammi.id, number=2), NOW)
    await session.commit()
    return Town(round_, rules, officer, lammi, codes)


@pytest.fixture
async def town(session) -> Town:
    return await make_choice(session)


def area_of(town: Town, number: int) -> dict[str, str]:
    (area_id,) = (a.area_id for a in town.rules.allocations if a.number == number)
    return {"area": str(area_id)}


def marked(page) -> list[str]:
    return re.findall(r'name="area" value="([^"]+)" checked', page.text)


async def test_the_area_is_asked_before_the_ballot_and_the_roll_suggests_one(visitor, town):
    await come_in(visitor, town)
    page = await visitor.get(f"{town.booth}/ballot")
    assert "Choose your area" in words(page)
    assert [name in words(page) for name in ("Lammi", "Hauho", "Tuulos")] == [True, True, False]
    assert marked(page) == [str(town.lammi.id)]
    assert "Hanke" not in page.text
    answer = await visitor.get(f"{town.booth}/area")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{town.booth}/ballot")


@pytest.mark.parametrize(("postcode", "found"), [("14770", HAUHO), (" 16900 ", LAMMI)])
async def test_a_postcode_leads_to_its_area(visitor, town, postcode, found):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/area", {"postcode": postcode})
    assert (page.status_code, marked(page)) == (200, [area_of(town, found)["area"]])
    assert "Your postcode is in this area" in words(page)


@pytest.mark.parametrize("postcode", ["14810", "99999", "<b>", "x" * 500])
async def test_a_postcode_of_no_area_with_a_ballot_is_said(visitor, town, postcode):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/area", {"postcode": postcode})
    assert page.status_code == 422
    assert "No area has this postcode. Check it, or choose your area from the list." in words(page)
    assert "<b>" not in page.text or postcode != "<b>"


async def test_the_ballot_the_review_and_the_cast_are_those_of_the_chosen_area(visitor, session, town):
    await come_in(visitor, town)
    hauho = area_of(town, HAUHO)
    ballot = await visitor.post(f"{town.booth}/ballot", hauho)
    assert f'<input type="hidden" name="area" value="{hauho["area"]}">' in ballot.text
    assert ("Hanke 2-1" in ballot.text, "Hanke 1-1" in ballot.text) == (True, False)
    choices = town.ticks(HAUHO, 2) | town.ticks(CITY, 1) | hauho
    page = await visitor.post(f"{town.booth}/review", choices)
    assert page.status_code == 200
    assert "You vote in: Hauho" in words(page)
    assert f'<input type="hidden" name="area" value="{hauho["area"]}">' in page.text
    answer = await visitor.post(f"{town.booth}/cast", choices | {"ticket": ticket_on(page)})
    assert answer.status_code == 303
    chosen = {HAUHO: (town.number(HAUHO, 2),), CITY: (town.number(CITY, 1),)}
    assert await ballots_in(session, town.round.id) == [chosen]


async def test_another_area_later_replaces_the_whole_ballot(visitor, session, town):
    await come_in(visitor, town)
    for number, nth in ((HAUHO, 1), (LAMMI, 2)):
        choices = town.ticks(number, nth) | area_of(town, number)
        page = await visitor.post(f"{town.booth}/review", choices)
        assert (await visitor.post(f"{town.booth}/cast", choices | {"ticket": ticket_on(page)})).status_code == 303
    assert await ballots_in(session, town.round.id) == [{LAMMI: (town.number(LAMMI, 2),), CITY: ()}]


async def test_changing_the_area_keeps_what_is_for_the_whole_city(visitor, town):
    await come_in(visitor, town)
    sent = town.ticks(LAMMI, 1) | town.ticks(CITY, 2)
    page = await visitor.post(f"{town.booth}/area", sent | area_of(town, LAMMI))
    hidden = dict(re.findall(r'type="hidden" name="(a\d+)" value="(\d+)"', page.text))
    assert hidden == {name: values[0] for name, values in sent.items()}
    ballot = await visitor.post(f"{town.booth}/ballot", hidden | area_of(town, HAUHO))
    assert re.findall(r'name="a\d+" value="(\d+)" checked', ballot.text) == sent[f"a{CITY}"]


@pytest.mark.parametrize("page", ["ballot", "review", "cast"])
@pytest.mark.parametrize("area", ["", "x", str(UUID(int=7))])
async def test_without_an_area_of_the_round_it_is_asked_and_the_choices_wait(visitor, session, town, page, area):
    await come_in(visitor, town)
    good = town.ticks(CITY, 1) | area_of(town, LAMMI)
    seal = {"ticket": ticket_on(await visitor.post(f"{town.booth}/review", good))}
    answer = await visitor.post(f"{town.booth}/{page}", town.ticks(CITY, 1) | {"area": area} | seal)
    assert answer.status_code == 422
    assert "Choose the area you vote in." in words(answer)
    assert f'name="a{CITY}" value="{town.number(CITY, 1)}"' in answer.text
    assert await ballots_in(session, town.round.id) == []


async def test_the_area_waits_with_the_choices_while_the_code_is_asked_again(visitor, town):
    choices = town.ticks(HAUHO, 1) | area_of(town, HAUHO)
    page = await visitor.post(f"{town.booth}/review", choices)
    assert page.status_code == 401
    assert f'name="area" value="{choices["area"]}"' in page.text
    answer = await visitor.post(town.booth, choices | {"code": town.codes[0]})
    assert answer.status_code == 307
    ballot = await visitor.post(answer.headers["location"], choices)
    assert re.search(rf'value="{town.number(HAUHO, 1)}" checked', ballot.text)


async def test_the_area_is_in_no_address_and_no_cookie(visitor, town):
    await come_in(visitor, town)
    await visitor.post(f"{town.booth}/ballot", area_of(town, HAUHO))
    assert all(area_of(town, HAUHO)["area"] not in value for value in visitor.cookies.values())
    page = await visitor.get(f"{town.booth}/ballot", params=area_of(town, HAUHO))
    assert "Choose your area" in words(page)


async def test_where_nobody_chooses_a_sent_area_is_ignored(visitor, session):
    town = await make_choice(session, area_choice=False)
    await come_in(visitor, town)
    for page in ("ballot", "area"):
        ballot = await visitor.post(f"{town.booth}/{page}", area_of(town, HAUHO))
        assert ("Hanke 1-1" in ballot.text, "Hanke 2-1" in ballot.text) == (True, False)
    choices = town.ticks(HAUHO, 1) | area_of(town, HAUHO)
    answer = await visitor.post(f"{town.booth}/review", choices)
    assert "This ballot has a pocket that is not yours." in words(answer)


async def test_no_postcode_belongs_to_two_areas_whoever_writes_it(session, administrator, visit):
    lammi = await make_area(session, "Lammi")
    lammi.postcodes = ["16900", "00100"]
    await session.commit()
    browser = await visit(administrator)
    area = {"name": "Hauho", "population": "1", "population_date": "2026-01-01", "population_source": "-"}
    answer = await browser.post("/city/area/new", area | {"postcodes": "14700, 00100"})
    assert (answer.status_code, "00100 is a postcode of Lammi." in words(answer)) == (422, True)
    assert 'value="14700, 00100"' in answer.text
    assert (await browser.post("/city/area/new", area | {"postcodes": "14770 14700"})).status_code == 303
    assert 'value="16900 00100"' in (await browser.get(f"/city/area/{lammi.id}")).text
    with pytest.raises(IntegrityError, match="ex_area_postcode_once"):
        await session.execute(text("UPDATE area SET postcodes = '{14700,16900}' WHERE name = 'Lammi'"))


@pytest.mark.parametrize("codes", ["1690", "169000", "16 900", "1690a"])
async def test_a_postcode_has_five_digits(session, administrator, visit, codes):
    area = {"name": "Hauho", "population": "1", "population_date": "2026-01-01", "population_source": "-"}
    answer = await (await visit(administrator)).post("/city/area/new", area | {"postcodes": codes})
    assert (answer.status_code, "Write postcodes of five digits" in words(answer)) == (422, True)
    await make_area(session, "Lammi")
    with pytest.raises(IntegrityError, match="ck_area_postcodes"):
        await session.execute(text(f"UPDATE area SET postcodes = ARRAY['{codes}']"))
