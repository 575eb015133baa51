"""Finding an idea in the list and on the map: with and without JavaScript, by keyboard, on a narrow phone."""

import pytest
from playwright.async_api import expect

from pb.permissions import Phase
from tests.browser.conftest import check_page
from tests.cast import make_area, make_idea, make_person, make_round, make_service

SHAPE = {"type": "Polygon", "coordinates": [[[25.0, 61.0], [25.2, 61.0], [25.2, 61.1], [25.0, 61.1], [25.0, 61.0]]]}
PLACES = {"Pihakonsertit": ("61.02", "25.02"), "Torilava": ("61.08", "25.18"), "Keinut": ("61.08001", "25.18001")}


@pytest.fixture
async def path(site):
    """Three ideas on the map, two of them side by side, and one without a place."""
    async with site.sessions() as session, session.begin():
        service = await make_service(session)
        area = await make_area(session)
        area.boundary = SHAPE
        round_ = await make_round(session, service, Phase.ESTIMATES)
        author = await make_person(session, "Raija")
        for title, (latitude, longitude) in PLACES.items():
            idea = await make_idea(session, round_, author, title, area=area)
            idea.latitude, idea.longitude = latitude, longitude
        await make_idea(session, round_, author, "Kirjabussi")
    return f"/rounds/{round_.id}/ideas"


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_search_stands_in_the_address_and_is_taken_back(path, open_page, javascript):
    page = await open_page(320, "en", javascript)
    await page.goto(path)
    await page.get_by_label("Search with words").fill("pihakonsertti")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("heading", level=3)).to_have_text(["Pihakonsertit"])
    assert "words=pihakonsertti" in page.url
    await page.get_by_role("link", name="Map", exact=True).click()
    assert "view=map" in page.url
    await expect(page.get_by_role("heading", level=3)).to_have_text(["Pihakonsertit"])
    await page.get_by_role("link", name="pihakonsertti").click()
    await expect(page.get_by_role("heading", level=3)).to_have_count(4)
    assert "view=map" in page.url
    if not javascript:
        await expect(page.get_by_text("The map needs JavaScript.")).to_be_visible()
        await expect(page.get_by_role("region", name="The ideas on the map")).to_be_hidden()


async def test_the_map_is_used_by_keyboard_alone(path, open_page):
    page = await open_page(1280, "en")
    await page.goto(f"{path}?view=map")
    pin, group = page.get_by_role("button", name="Pihakonsertit"), page.get_by_role("button", name="2 ideas here")
    await expect(pin).to_be_visible()
    await expect(page.get_by_text("One idea is not on the map")).to_be_visible()
    await page.get_by_role("link", name="The same ideas as a list").focus()
    focused = "document.activeElement.getAttribute('aria-label')"
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate(focused) == "Pihakonsertit":
            break
    await page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup")
    await expect(popup.get_by_role("link", name="Pihakonsertit")).to_be_focused()
    await expect(popup).to_contain_text("Waits for an estimate")
    await page.keyboard.press("Escape")
    await expect(popup).to_have_count(0)
    await expect(pin).to_be_focused()
    for _ in range(6):  # closer and closer, until the two can only be listed
        if await popup.count():
            break
        await group.press("Enter")
        await page.wait_for_timeout(500)
    names = sorted([await link.inner_text() for link in await popup.locator("li a").all()])
    assert names == ["Keinut", "Torilava"]
    await popup.get_by_role("link", name="Keinut").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keinut")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("dark", [False, True])
async def test_list_and_map_pass_axe_and_break_no_policy(path, open_page, width, dark):
    page = await open_page(width)
    said = []
    page.on("console", lambda message: said.append(message.text))
    await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    addresses = (path, f"{path}?view=map", f"{path}?words=zzz", f"{path}?words=piha&area=city&order=newest", "/city")
    for address in addresses:
        await page.goto(address)
        if "data-map" in await page.content():
            await page.locator(".leaflet-zoom-animated .area, .areaname").first.wait_for()
        await check_page(page)
    await page.goto(f"{path}?view=map")
    await page.locator(".pinmark").first.click()
    await page.locator(".leaflet-popup").wait_for()
    await check_page(page)
    assert said == []


async def test_a_phone_scrolls_past_the_map_with_one_finger(path, chromium, site):
    context = await chromium.new_context(base_url=site.address, is_mobile=True, has_touch=True, locale="en")
    page = await context.new_page()
    await page.goto(f"{path}?view=map")
    await page.locator(".pinmark").first.wait_for()
    assert "pan-y" in await page.locator(".map").evaluate("el => getComputedStyle(el).touchAction")


async def test_the_map_says_when_it_did_not_load(path, open_page):
    page = await open_page(390, "en")
    await page.route("**/pins.json*", lambda route: route.abort())
    await page.goto(f"{path}?view=map")
    await expect(page.get_by_text("The map did not load.")).to_be_visible()
    await expect(page.get_by_role("heading", level=3)).to_have_count(4)
