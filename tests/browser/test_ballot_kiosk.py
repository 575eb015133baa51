"""A shared device: what one voter does leaves no trace for the next."""

import pytest
from playwright.async_api import Page, expect

from ballots.types import BallotType
from tests import cast
from tests.browser.conftest import Open, Site, check_page, sign_in
from tests.browser.voters import Hall, check_and_cast, come_in, count_envelopes, make_hall, mark, speak

pytestmark = pytest.mark.browser
APPROVAL, RANKED = BallotType.APPROVAL, BallotType.RANKED


async def turn_on(site: Site, page: Page, hall: Hall) -> None:
    async with site.sessions() as session:
        link = await cast.sign_in_link(session, hall.clerk)
    await sign_in(page, link)
    await page.goto(f"/rounds/{hall.round.id}/kiosk")
    await page.locator("main form button").click()
    await page.wait_for_url("**/vote")


async def names_of_cookies(page: Page) -> set[str]:
    return {cookie["name"] for cookie in await page.context.cookies()}


async def links_away(page: Page, hall: Hall) -> list[str]:
    links = await page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return [link for link in links if not link.startswith(("#", "?", hall.booth))]


async def test_nothing_of_a_voter_is_left_for_the_next_one(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL, RANKED)
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    assert "signin" not in await names_of_cookies(page)
    assert await links_away(page, hall) == []
    await come_in(page, hall)
    await speak(page, "sv")
    await mark(page, 1, APPROVAL)
    await mark(page, 2, RANKED)
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert await links_away(page, hall) == []
    await check_page(page)
    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    assert await links_away(page, hall) == []
    await page.locator(".cast").dblclick()
    await page.wait_for_url("**/vote/receipt")
    await expect(page.locator("#email")).to_have_count(0)
    assert await links_away(page, hall) == []
    await check_page(page)
    await page.locator(".kiosk form button.btn:not([data-stay])").click()
    await page.wait_for_url("**/vote")
    assert await count_envelopes(site, hall) == 1
    assert await names_of_cookies(page) <= {"kiosk", "form", "order"}
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("#code")).to_have_value("")


async def test_back_after_done_shows_nothing_of_the_vote_even_to_the_next_voter(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    assert 'type="hidden" name="a1"' in await page.content()
    await page.locator(".kiosk form button.btn:not([data-stay])").click()
    await page.wait_for_url("**/vote")
    await come_in(page, hall, voter=1)
    for _step in range(4):
        await page.evaluate("history.back()")
        await page.wait_for_timeout(500)
        await page.reload()  # sends an old form once more, as a browser offers
        shown = await page.content()
        assert " checked" not in shown
        assert 'type="hidden" name="a1"' not in shown


@pytest.mark.parametrize("page_name", ["receipt", "ballot"])
async def test_a_page_that_nobody_uses_closes_itself(site: Site, open_page: Open, page_name: str) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await page.clock.install()
    await turn_on(site, page, hall)
    await come_in(page, hall)
    almost = "02:50"
    if page_name == "receipt":
        await check_and_cast(page)
        await expect(page.locator("[data-closing]")).to_contain_text("seconds")  # from the start
        almost = "00:50"
    await page.clock.fast_forward(almost)
    await expect(page.locator("[data-closing]")).to_be_visible()
    await check_page(page)
    await page.locator("[data-stay]").click()
    await page.clock.fast_forward("00:20")
    assert page.url.endswith(page_name)
    await page.clock.fast_forward("03:10")
    await page.wait_for_url("**/vote")
    assert "voter" not in await names_of_cookies(page)


async def shorten(page: Page, seconds: int) -> None:
    await page.locator("form[data-idle]").evaluate("(form, seconds) => { form.dataset.idle = seconds }", seconds)


@pytest.mark.parametrize("use", ["wheel", "scroll", "pointer"])
async def test_who_only_reads_is_not_sent_away_and_who_stops_is(site: Site, open_page: Open, use: str) -> None:
    hall = await make_hall(site, APPROVAL, projects=10)
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    await come_in(page, hall)
    await page.mouse.move(100, 300)
    await shorten(page, 4)
    for n in range(14):  # seven seconds
        down = -40 if n % 2 else 40
        match use:
            case "wheel":
                await page.mouse.wheel(0, down)
            case "scroll":
                await page.evaluate(f"scrollBy(0, {down})")
            case "pointer":
                await page.mouse.move(100 + n, 300)
        await page.wait_for_timeout(500)
    assert page.url.endswith("/vote/ballot")
    await page.wait_for_url("**/vote", timeout=10_000)
    assert "voter" not in await names_of_cookies(page)


async def test_the_countdown_is_in_sight_and_stays_under_the_hand(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL, projects=10)
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    await come_in(page, hall)
    bar, idle = page.locator("[data-closing]"), page.locator("form[data-idle]")
    await idle.evaluate("() => scrollTo(0, 900)")
    await expect(bar).to_be_hidden()
    await shorten(page, 20)
    await expect(bar).to_be_in_viewport()
    await shorten(page, 180)
    await page.mouse.move(120, 400)
    await page.wait_for_timeout(2_000)
    await expect(bar).to_be_visible()
    await expect(bar).to_be_hidden()
    await shorten(page, 20)
    await expect(bar).to_be_visible()
    await shorten(page, 180)
    await page.locator("[data-stay]").click()
    await expect(bar).to_be_hidden(timeout=500)


@pytest.mark.parametrize("how", ["by itself", "by its button"])
async def test_without_a_network_the_page_is_emptied_and_left_once_there_is_one(
    site: Site, open_page: Open, how: str
) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    await come_in(page, hall)
    await page.context.set_offline(True)
    if how == "by itself":
        await shorten(page, 2)
    else:
        await page.get_by_role("button", name="Stop and leave").click()
    await expect(page.locator("body > [role=status]")).to_have_text(
        "One moment. This device is being cleared for the next voter."
    )
    await expect(page.locator("h1, h3, button:visible")).to_have_count(0)
    await page.wait_for_timeout(4_000)  # tried again, in vain
    assert "voter" in await names_of_cookies(page)
    await page.context.set_offline(False)
    await page.wait_for_url("**/vote")
    await expect(page.locator("#code")).to_be_visible()
    assert "voter" not in await names_of_cookies(page)


async def test_a_device_shared_for_one_round_serves_another_and_comes_back(site: Site, open_page: Open) -> None:
    hall, other = await make_hall(site, APPROVAL), await make_hall(site, RANKED, place="Hauho")
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    await come_in(page, other)
    await mark(page, 1, RANKED)
    assert await links_away(page, other) == []
    await check_and_cast(page)
    await page.get_by_role("button", name="Done").click()
    await page.wait_for_url(f"**{hall.booth}")
    assert {"voter", "ballot"} & await names_of_cookies(page) == set()
    await page.goto(f"{other.booth}/receipt")
    assert page.url.endswith(other.booth)  # the code is asked


async def test_turning_it_on_leaves_no_voter_of_before_in_any_round(site: Site, open_page: Open) -> None:
    hall, other = await make_hall(site, APPROVAL), await make_hall(site, RANKED, place="Hauho")
    page = await open_page(language="en")
    for one, kind in (hall, APPROVAL), (other, RANKED):
        await come_in(page, one)
        await mark(page, 1, kind)
        await page.reload()
        await page.wait_for_url("**/vote/ballot")
    assert await page.evaluate("sessionStorage.length") > 0
    await turn_on(site, page, hall)
    assert await page.evaluate("sessionStorage.length") == 0
    for one in hall, other:
        await page.goto(f"{one.booth}/ballot")
        assert page.url.endswith(one.booth)
        await expect(page.locator("#code")).to_have_value("")


async def test_practice_on_a_shared_device_is_left_by_itself(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await turn_on(site, page, hall)
    await page.goto(hall.practice)
    await check_page(page)
    await shorten(page, 2)
    await page.wait_for_url(f"**{hall.booth}")


async def test_without_javascript_the_button_does_it_all(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en", javascript=False)
    await turn_on(site, page, hall)
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await check_and_cast(page)
    await page.locator(".kiosk form button.btn:not([data-stay])").click()
    await page.wait_for_url("**/vote")
    assert await names_of_cookies(page) <= {"kiosk", "form", "order"}
    await page.go_back()
    await expect(page.locator(".receipt")).to_have_count(0)


async def test_a_code_that_somebody_began_to_write_is_wiped(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await page.clock.install()
    await turn_on(site, page, hall)
    code = page.locator("#code")
    await code.press_sequentially("0123")
    await page.clock.fast_forward("02:50")
    await expect(code).to_have_value("0123")
    await code.press_sequentially("4")
    await page.clock.fast_forward("02:50")
    await expect(code).to_have_value("01234")
    await page.clock.fast_forward("00:15")
    await expect(code).to_have_value("")
