"""Feedback and the accessibility statement in the browser, light and dark, on the narrowest screens."""

import pytest
from playwright.async_api import expect

from pb import clock
from pb.people.service import make_sign_in_link
from pb.permissions import Role
from tests import cast
from tests.browser.conftest import Open, Site, check_page, sign_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_from_the_statement_to_an_answer(site: Site, open_page: Open, scheme: str) -> None:
    async with site.sessions() as session, session.begin():
        coordinator = await cast.make_person(session, "Elina", Role.COORDINATOR)
        link = await make_sign_in_link(session, coordinator.email, "/desk/feedback", clock.now())
    page, desk = await open_page(width=320, language="en"), await open_page(width=1280, language="en")
    for tab in (page, desk):
        await tab.emulate_media(color_scheme=scheme)

    await page.goto("/accessibility")
    await check_page(page)
    await page.get_by_role("link", name="Give feedback on accessibility").click()
    await expect(page.get_by_label("Something is hard or impossible for me to use")).to_be_checked()
    await check_page(page)
    await page.get_by_role("button", name="Send the feedback").click()
    await expect(page.get_by_role("alert")).to_contain_text("Fill in this field.")
    await check_page(page)
    await page.get_by_label("What do you want to say?").fill("The map says nothing to my screen reader.")
    await page.get_by_role("button", name="Send the feedback").click()
    await expect(page.get_by_role("heading", name="Thank you. Your feedback has come in.")).to_be_visible()
    await check_page(page)

    await sign_in(desk, link)
    await check_page(desk)
    await desk.get_by_role("button", name="Send the answer").click()
    await check_page(desk)
    await desk.get_by_role("textbox", name="Answer").fill("The list below the map has the same ideas.")
    await desk.get_by_role("button", name="Send the answer").click()
    await expect(desk.get_by_text("Nothing waits.")).to_be_visible()
    await check_page(desk)
