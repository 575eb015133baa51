"""An idea's way from a phone to the staff: with a picture and a place, without JavaScript, by keyboard alone."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect
from sqlalchemy import select

from pb import clock
from pb.ideas.models import Idea, IdeaState
from pb.people.service import make_sign_in_link
from pb.permissions import Phase, Role
from pb.pictures.models import Picture
from pb.rounds.models import Round
from tests import cast
from tests.browser.conftest import Open, Site, check_page, sign_in

pytestmark = pytest.mark.browser
AREA = {"type": "Polygon", "coordinates": [[[24.9, 61.0], [25.1, 61.0], [25.1, 61.2], [24.9, 61.2], [24.9, 61.0]]]}


async def make_town(site: Site) -> Round:
    """A round that takes ideas, with one idea and an area on the map."""
    async with site.sessions() as session, session.begin():
        service, area = await cast.make_service(session), await cast.make_area(session)
        area.boundary = AREA
        round_ = await cast.make_round(session, service, Phase.IDEAS)
        await cast.make_idea(session, round_, await cast.make_person(session, "Ansa"), "Konsertteja pihoille")
    return round_


async def link_for(site: Site, email: str, then: str) -> str:
    async with site.sessions() as session, session.begin():
        return await make_sign_in_link(session, email, then, clock.now())


async def newest(site: Site) -> Idea:
    async with site.sessions() as session:
        return (await session.scalars(select(Idea).order_by(Idea.submitted_at.desc()).limit(1))).one()


def photo(name: str = "piha.jpg") -> FilePayload:
    out = BytesIO()
    Image.effect_noise((900, 600), 60).convert("RGB").save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


async def press(page: Page, selector: str) -> None:
    async with page.expect_navigation():
        await page.locator(selector).click()


async def unfold(page: Page, words: str) -> None:
    await page.locator("summary", has_text=words).click()


async def test_an_idea_from_a_phone_with_a_picture_and_a_place(site: Site, open_page: Open) -> None:
    round_ = await make_town(site)
    page = await open_page(language="en")
    await page.goto(f"/rounds/{round_.id}/ideas/new")
    await check_page(page)
    await page.locator("#title").press_sequentially("Pihakonsertti Lammille")
    await expect(page.locator("#similar li")).to_contain_text("Konsertteja pihoille")
    await expect(page.locator("#similar-said")).to_contain_text("1 similar idea.")
    await page.locator("#description").fill("Kuusi konserttia kesällä.")
    await unfold(page, "Place on the map")
    await page.locator(".map .area").wait_for()
    await page.locator("[data-middle]").click()
    await expect(page.locator("#latitude")).not_to_have_value("")
    await unfold(page, "Pictures")
    await page.locator("#picture_1").set_input_files([photo()])
    await page.locator("#alt_1").fill("Piha ja soittajia")
    await unfold(page, "How your name is shown")
    await unfold(page, "Theme and service")
    await page.locator("#theme").select_option("arts")
    await check_page(page)
    await page.locator("#email").fill("uusi@example.fi")
    await press(page, "button[value=send]")
    await expect(page.locator("main")).to_contain_text("Open the link in the mail we sent to uusi@example.fi")
    await check_page(page)
    idea = await newest(site)
    await sign_in(page, await link_for(site, "uusi@example.fi", f"/ideas/{idea.id}"))
    await expect(page.get_by_role("img", name="Piha ja soittajia")).to_be_visible()
    await check_page(page)
    await press(page, "form[action$=send] button")
    assert page.url.endswith(f"/ideas/{idea.id}")
    idea = await newest(site)
    assert (idea.state, idea.theme) == (IdeaState.SUBMITTED, "arts")
    assert 61.0 <= idea.latitude <= 61.2
    assert 24.9 <= idea.longitude <= 25.1


async def test_without_javascript_a_picture_survives_a_mistake(site: Site, open_page: Open) -> None:
    round_ = await make_town(site)
    page = await open_page(width=320, language="en", javascript=False)
    await page.goto(f"/rounds/{round_.id}/ideas/new")
    await page.locator("#title").fill("Konsertti")
    await press(page, "button[value=similar]")
    await expect(page.locator("#similar li")).to_contain_text("Konsertteja pihoille")
    await expect(page.locator("#title")).to_have_value("Konsertti")
    await page.locator("#description").fill("Kesällä.")
    await unfold(page, "Place on the map")
    await page.locator("#latitude").fill("61,05")
    await unfold(page, "Pictures")
    await page.locator("#picture_1").set_input_files([photo()])
    await page.locator("#email").fill("uusi@example.fi")
    await press(page, "button[value=send]")
    await expect(page.locator(".errors li")).to_have_count(2)
    await expect(page.locator("#pictures")).to_contain_text("This picture is kept.")
    await page.locator("#longitude").fill("24,99")
    await page.locator("#alt_1").fill("Piha")
    await press(page, "button[value=send]")
    await expect(page.locator("main")).to_contain_text("Open the link in the mail")
    idea = await newest(site)
    await sign_in(page, await link_for(site, "uusi@example.fi", f"/ideas/{idea.id}"))
    await press(page, "form[action$=send] button")
    async with site.sessions() as session:
        assert (await session.scalars(select(Picture.alt).where(Picture.thing_id == idea.id))).all() == ["Piha"]
    assert (await newest(site)).state is IdeaState.SUBMITTED


async def test_by_keyboard_alone(site: Site, open_page: Open) -> None:
    round_ = await make_town(site)
    page = await open_page(width=1280, language="en")
    await sign_in(page, await link_for(site, "raija@example.fi", "/"))
    await page.goto(f"/rounds/{round_.id}/ideas/new")
    keys = page.keyboard

    async def reach(selector: str) -> None:
        """Tab until the focus is there."""
        for _key in range(80):
            await keys.press("Tab")
            if await page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        pytest.fail(f"{selector} is not reached by Tab")

    await reach("#title")
    await keys.type("Koirapuisto")
    await reach("#description")
    await keys.type("Aita ja penkki.")
    await reach("#area_id")
    await keys.press("ArrowDown")
    await reach("details[data-map-script] summary")
    await keys.press("Enter")
    await reach("#latitude")
    await keys.type("61.05")
    await reach("#longitude")
    await keys.type("25.01")
    await reach("button[value=draft]")
    async with page.expect_navigation():
        await keys.press("Enter")
    await expect(page.locator("article")).to_contain_text("61.050000")
    await reach("form[action$=send] button")
    async with page.expect_navigation():
        await keys.press("Space")
    idea = await newest(site)
    assert (idea.title, idea.state) == ("Koirapuisto", IdeaState.SUBMITTED)
    assert idea.area_id is not None


async def test_a_form_that_is_too_large_gets_a_sentence(site: Site, open_page: Open) -> None:
    round_ = await make_town(site)
    page = await open_page(language="en")
    await page.goto(f"/rounds/{round_.id}/ideas/new")
    await unfold(page, "Pictures")
    for n in range(1, 4):
        await page.locator(f"#picture_{n}").set_input_files([photo() | {"buffer": bytes(12_500_000)}])
    await expect(page.locator("#picture_1")).to_have_js_property(
        "validationMessage", "The picture is too large. Choose one of at most 10 MB."
    )
    await press(page, "button[value=send]")
    await expect(page.locator("main")).to_contain_text("Go back: your text is there.")


@pytest.mark.parametrize("javascript", [True, False])
async def test_staff_enter_and_decide(site: Site, open_page: Open, javascript: bool) -> None:
    round_ = await make_town(site)
    async with site.sessions() as session, session.begin():
        service = await cast.make_service(session, "Liikuntapalvelut")
        clerk = await cast.make_person(session, "Kaisa", Role.CLERK)
        clerk.appointments[0].service_id = round_.service_id
    page = await open_page(width=320, language="en", javascript=javascript)
    await sign_in(page, await link_for(site, "kaisa@example.fi", "/"))
    await page.goto(f"/rounds/{round_.id}/ideas/enter")
    await press(page, "button[value=send]")
    await expect(page.locator(".errors li")).to_have_count(3)
    if javascript:
        await check_page(page)
    await page.locator("#title").fill("Penkki torille")
    await page.locator("#description").fill("Levätä voisi.")
    await page.locator("[name=origin][value=event]").check()
    await page.locator("#origin_note").fill("Syysmarkkinat")
    await press(page, "button[value=send]")
    idea = await newest(site)
    assert (idea.state, idea.origin_note) == (IdeaState.SUBMITTED, "Syysmarkkinat")
    await page.goto(f"/ideas/{idea.id}/decide")
    await unfold(page, "Area, theme and service")
    await page.locator("#service_id").select_option(str(service.id))
    await page.locator("[name=decision][value=publish]").check()
    if javascript:
        await check_page(page)
    await press(page, "main form button")
    idea = await newest(site)
    assert (idea.state, idea.service_id) == (IdeaState.PUBLISHED, service.id)


async def test_ones_own_page(site: Site, open_page: Open) -> None:
    page = await open_page(width=320, language="en")
    await sign_in(page, await link_for(site, "raija@example.fi", "/me"))
    await check_page(page)
    await page.locator("#unnamed").check()
    await press(page, "main form button")
    await expect(page.locator(".notice--ok")).to_contain_text("Saved.")
    await check_page(page)
