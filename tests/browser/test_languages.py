"""The same pages in every language that a reader may choose, on the narrowest screen."""

import pytest

from pb.confirmation.service import confirm_ballot
from pb.language import CHOICES, spoken
from pb.permissions import Phase, Role
from tests.browser.conftest import Open, Site, check_page, sign_in
from tests.cast import (
    DAY,
    NOW,
    make_allocation,
    make_area,
    make_person,
    make_projects,
    make_round,
    make_service,
    sign_in_link,
)

pytestmark = pytest.mark.browser


@pytest.fixture
async def voting(site: Site) -> tuple[str, str]:
    """The path of a round that is in its voting phase, partly translated, and its officer's way in."""
    async with site.sessions() as session:
        service = await make_service(session)
        officer = await make_person(session, "Olli", Role.OFFICER, service)
        round_ = await make_round(session, service, Phase.VOTING)
        round_.translations = {"sv": {"title": "Omgång 2027"}}
        round_.allocations = [await make_allocation(session, round_, 1, await make_area(session))]
        await make_projects(session, round_.allocations[0], 100, 200)
        await confirm_ballot(session, officer, round_.id, NOW - 6 * DAY)
        return f"/rounds/{round_.id}", await sign_in_link(session, officer)


@pytest.mark.parametrize("choice", CHOICES)
async def test_pages_fit_and_are_right_in_every_language(voting, open_page: Open, choice):
    path, link = voting
    page = await open_page(320)
    await page.goto(f"/?lang={choice}")
    for address in ("/", path, f"{path}/vote", f"{path}/ideas", "/secrecy", "/city", "/sign-in"):
        await page.goto(address)
        await check_page(page)
        assert await page.locator("html").get_attribute("lang") == spoken(choice)
        assert await page.locator(".lang [aria-current]").get_attribute("href") == f"?lang={choice}"
    await page.goto(path)
    fallback = await page.locator("h1 span").count()
    assert fallback == (1 if choice == "en" else 0)  # marked only where the page speaks another language
    await sign_in(page, link)
    await page.goto(f"{path}/translations")
    await check_page(page)


async def test_the_language_is_switched_on_the_page_one_is_on(voting, open_page: Open):
    path, _link = voting
    page = await open_page(320)
    await page.goto(path)
    await page.get_by_role("link", name="Selkosuomi").click()
    assert page.url.endswith(f"{path}?lang=fi-plain")
    assert await page.get_by_role("heading", name="Mitä nyt tapahtuu").is_visible()
    await page.get_by_role("link", name="Svenska").click()
    assert await page.locator("h1").inner_text() == "Omgång 2027"
