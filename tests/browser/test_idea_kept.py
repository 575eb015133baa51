"""The words of an idea stay on the device until they have come in, and no others are taken for them."""

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from pb.ideas.models import Idea
from tests.browser.conftest import Open, Site, sign_in
from tests.browser.test_idea import link_for, make_town, newest, press

pytestmark = pytest.mark.browser


async def send_in_vain(page: Page, new: str) -> None:
    """Press Send while there is no connection; then load the form anew."""
    await page.route("**/ideas/new", lambda route: route.abort())
    await page.locator("button[value=send]").click()
    await page.unroute("**/ideas/new")
    await page.goto(new)


async def arrive_without_answer(route: Route) -> None:
    """The idea comes in, but the connection is lost before the answer."""
    await route.fetch(max_redirects=0)
    await route.abort("aborted")


async def test_the_text_stays_on_this_device_until_it_is_sent(site: Site, open_page: Open) -> None:
    round_ = await make_town(site)
    page = await open_page(language="en")
    await sign_in(page, await link_for(site, "raija@example.fi", "/"))
    new = f"/rounds/{round_.id}/ideas/new"
    await page.goto(new)
    await page.locator("#title").fill("Koirapuisto")
    await page.locator("#description").fill("Aita.")
    await page.goto("/secrecy")
    await page.goto(new)
    await expect(page.locator("#title")).to_have_value("Koirapuisto")
    await send_in_vain(page, new)
    await expect(page.locator("#description")).to_have_value("Aita.")
    await press(page, "button[value=send]")
    assert (await newest(site)).title == "Koirapuisto"
    await page.goto(new)
    await page.wait_for_load_state("networkidle")  # the page asks whether the idea has come in
    await expect(page.locator("#title")).to_have_value("")
    assert await page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('idea '))") == []


async def test_a_second_text_in_the_same_form_is_not_forgotten_with_the_first(site: Site, open_page: Open) -> None:
    round_ = await make_town(site)
    page = await open_page(language="en")
    await sign_in(page, await link_for(site, "raija@example.fi", "/"))
    new = f"/rounds/{round_.id}/ideas/new"
    await page.goto(new)
    await page.locator("#title").fill("Koirapuisto")
    await page.locator("#description").fill("Aita.")
    async with page.expect_event("requestfailed"):
        await page.route("**/ideas/new", arrive_without_answer)
        await page.locator("button[value=send]").click()
    await page.unroute("**/ideas/new")
    assert (await newest(site)).title == "Koirapuisto"
    await page.locator("#title").fill("Laituri")
    await page.locator("#description").fill("Rantaan.")
    await send_in_vain(page, new)
    await expect(page.locator("#title")).to_have_value("Laituri")
    await press(page, "button[value=send]")
    async with site.sessions() as session:
        assert set(await session.scalars(select(Idea.title))) >= {"Koirapuisto", "Laituri"}
