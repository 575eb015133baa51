"""The pages of a search: in the address, escaped, with the same few queries however much is found."""

import json
import re

import pytest

from pb.ideas.models import IdeaState
from tests.cast import DAY, make_idea
from tests.search.test_search import add
from tests.visitor import words


@pytest.fixture
def path(round_):
    return f"/rounds/{round_.id}/ideas"


async def fill(session, round_, author, number):
    for n in range(number):
        await add(session, round_, author, f"Idea {n}", latitude=61, longitude=25)
    await session.commit()


async def test_an_empty_round_says_so_and_an_empty_search_leads_back(session, round_, resident, visitor, path):
    assert "No idea has been published yet." in words(await visitor.get(path))
    await fill(session, round_, resident, 1)
    page = await visitor.get(f"{path}?words=zzz&view=map")
    assert "No idea matches your search." in words(page)
    assert f'href="{path}?view=map"' in page.text


async def test_pages_are_linked_and_numbered(session, round_, resident, visitor, path):
    await fill(session, round_, resident, 130)
    first = await visitor.get(f"{path}?words=idea")
    assert "130 ideas" in words(first)
    assert "Ideas 1–60 of 130." in words(first)
    assert 'rel="prev"' not in first.text
    assert f'rel="next" href="{path}?words=idea&amp;page=2"' in first.text
    last = await visitor.get(f"{path}?words=idea&page=3")
    assert "Ideas 121–130 of 130." in words(last)
    assert 'rel="next"' not in last.text
    assert f'rel="prev" href="{path}?words=idea&amp;page=2"' in last.text
    assert "Page 1 of 3" in words(await visitor.get(f"{path}?page=99"))


async def test_a_filter_is_taken_off_by_its_link(session, round_, resident, visitor, lammi, path):
    await fill(session, round_, resident, 1)
    page = await visitor.get(f"{path}?words=idea&area={lammi.id}&theme=arts&state=waiting&order=newest")
    assert (
        f'<a class="chip" href="{path}?words=idea&amp;theme=arts&amp;state=waiting&amp;order=newest">Lammi' in page.text
    )
    assert f'href="{path}?order=newest">Clear the search' in page.text
    assert re.search(rf'<option value="{lammi.id}" selected>Lammi', page.text)


@pytest.mark.parametrize(
    "asked", ["area=x", "page=0", "page=x", "words=%00", "order=", "service=" + "0" * 32, "words=" + "a" * 3000]
)
async def test_a_bad_address_is_an_ordinary_page(round_, visitor, path, asked):
    assert (await visitor.get(f"{path}?{asked}")).status_code == 200
    assert (await visitor.get(f"{path}/pins.json?{asked}")).status_code == 200


async def test_what_people_wrote_is_escaped(session, round_, resident, visitor, path):
    await add(session, round_, resident, "<script>alert(1)</script>", "<img src=x onerror=alert(2)>")
    await session.commit()
    page = await visitor.get(f'{path}?words="><script>alert(3)</script>')
    assert "<script>alert" not in page.text
    page = await visitor.get(path)
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_a_draft_round_shows_no_pins(session, round_, visitor, path):
    assert (await visitor.get(f"{path}/pins.json")).status_code == 200
    for window in round_.windows:
        window.opens, window.closes = window.opens + 100 * DAY, window.closes + 100 * DAY
    await session.commit()
    assert (await visitor.get(f"{path}/pins.json")).status_code == 404
    assert (await visitor.get(path)).status_code == 404


async def test_the_list_and_the_pins_take_the_same_queries_for_one_idea_and_for_many(
    session, round_, resident, visitor, counted, path
):
    seen = []
    for number in (1, 90):
        await fill(session, round_, resident, number)
        for address in (f"{path}?words=idea&order=supported", f"{path}/pins.json"):
            with counted() as reads:
                assert (await visitor.get(address)).status_code == 200
            seen.append(len(reads))
    assert seen[:2] == seen[2:]
    assert all(seen)


async def test_the_map_gets_pins_in_the_readers_words_and_how_many_are_missing(
    session, round_, resident, visitor, path
):
    placed = await add(session, round_, resident, "Penkki", latitude=61.5, longitude=25.25)
    await add(session, round_, resident, "Paikaton")
    await session.commit()
    found = (await visitor.get(f"{path}/pins.json")).json()
    (pin,) = found["pins"]
    assert pin == {
        "id": str(placed.id),
        "title": "Penkki",
        "lang": "fi",
        "state": "Waits for an estimate",
        "latitude": 61.5,
        "longitude": 25.25,
    }
    assert found["note"].startswith("One idea is not on the map")
    assert (await visitor.get(f"{path}/pins.json?words=penkki")).json()["note"] == ""


async def test_the_map_does_not_show_where_hidden_and_refused_ideas_are(session, round_, resident, visitor, path):
    kept_back = (
        {"hidden_reason": "Loukkaa."},
        {"state": IdeaState.REFUSED},
        {"state": IdeaState.REFUSED, "hidden_reason": "x"},
    )
    for kind in kept_back:
        await add(session, round_, resident, "Vihaa", latitude=61.12345, longitude=25, **kind)
    shown = await add(session, round_, resident, "Penkki", latitude=61.5, longitude=25)
    await session.commit()
    found = (await visitor.get(f"{path}/pins.json")).json()
    assert [pin["id"] for pin in found["pins"]] == [str(shown.id)]
    assert found["note"] == "3 ideas are not on the map. They are in the list."
    assert ("Vihaa" in json.dumps(found), "61.12345" in json.dumps(found)) == (False, False)


async def test_the_words_of_a_card_bear_the_language_they_are_in(session, round_, resident, visit, path):
    await add(session, round_, resident, "Penkki", "Istutaan.", translations={"sv": {"description": "Vi sitter."}})
    await add(session, round_, resident, "Vihaa", "Pahaa", hidden_reason="Loukkaa.")
    await session.commit()
    swedish = (await (await visit(None, "sv")).get(path)).text
    english = (await (await visit(None, "en")).get(path)).text
    assert '<p class="card__sum">Vi sitter.</p>' in swedish
    assert '<p class="card__sum"><span lang="fi">Istutaan.</span></p>' in english
    assert '<p class="card__sum" lang="fi">Loukkaa.</p>' in english


async def test_the_place_of_one_idea_is_shown_to_whoever_sees_the_idea(session, round_, resident, visit, visitor):
    refused = await make_idea(session, round_, resident, state=IdeaState.REFUSED)
    waiting = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    public = await make_idea(session, round_, resident)
    unplaced = await make_idea(session, round_, resident)
    for idea in (refused, waiting, public):
        idea.latitude, idea.longitude = 61, 25
    await session.commit()
    author = await visit(resident)

    async def pins(browser, idea):
        answer = await browser.get(f"/ideas/{idea.id}/place.json")
        return len(answer.json()["pins"]) if answer.status_code == 200 else answer.status_code

    assert [await pins(visitor, idea) for idea in (refused, waiting, public, unplaced)] == [0, 404, 1, 0]
    assert [await pins(author, idea) for idea in (refused, waiting, public, unplaced)] == [1, 1, 1, 0]


async def test_the_list_names_a_hidden_idea_by_its_reason_only(session, round_, resident, visitor, path):
    await add(session, round_, resident, "Vihaa", "Pahaa puhetta", hidden_reason="Loukkaa naapuria.")
    await session.commit()
    page = words(await visitor.get(path))
    assert "Hidden by staff Loukkaa naapuria." in page
    assert "Vihaa" not in page
    assert "Pahaa" not in page


async def test_the_areas_are_geojson_in_the_readers_language(session, lammi, visitor, visit):
    shape = {"type": "Polygon", "coordinates": [[[25, 61], [25.1, 61], [25.1, 61.1], [25, 61]]]}
    lammi.boundary, lammi.translations = shape, {"sv": {"name": "Lampis"}}
    await session.commit()
    (feature,) = (await visitor.get("/city/areas.json")).json()["features"]
    assert feature["geometry"] == shape
    assert feature["properties"] == {"name": "Lammi", "lang": "fi", "residents": "5,000 residents"}
    swede = await visit(None, "sv")
    assert (await swede.get("/city/areas.json")).json()["features"][0]["properties"]["name"] == "Lampis"


async def test_the_city_page_has_a_map_once_an_area_has_a_shape(session, lammi, visitor):
    assert "data-map" not in (await visitor.get("/city")).text
    lammi.boundary = {"type": "Polygon", "coordinates": [[[25, 61], [25.1, 61], [25.1, 61.1], [25, 61]]]}
    await session.commit()
    assert 'data-areas="/city/areas.json"' in (await visitor.get("/city")).text


async def test_leaflet_is_kept_for_a_year_under_its_version(round_, visitor, path):
    page = await visitor.get(f"{path}?view=map")
    (address,) = re.findall(r'src="(/leaflet/leaflet\.js\?v=[\d.]+)"', page.text)
    answer = await visitor.get(address)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert "leaflet" not in (await visitor.get(path)).text
