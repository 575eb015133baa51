"""Each kind of ballot in two allocations, changed once, seen in every way a person may need to see it."""

import pytest
from playwright.async_api import expect

from ballots.types import BallotType
from tests.browser.conftest import Open, Site, check_page
from tests.browser.voters import check_and_cast, come_in, count_envelopes, make_hall, mark

pytestmark = pytest.mark.browser
OTHER = {
    BallotType.KNAPSACK: BallotType.RANKED,
    BallotType.APPROVAL: BallotType.KNAPSACK,
    BallotType.RANKED: BallotType.POINTS,
    BallotType.POINTS: BallotType.APPROVAL,
}


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("ballot_type", list(BallotType))
async def test_a_vote_in_two_allocations_is_cast_and_changed(
    site: Site, open_page: Open, ballot_type: BallotType, javascript: bool
) -> None:
    hall = await make_hall(site, ballot_type, OTHER[ballot_type])
    page = await open_page(width=320, javascript=javascript)
    await come_in(page, hall)
    for _time in range(2):
        await mark(page, 1, ballot_type)
        await mark(page, 2, OTHER[ballot_type])
        await check_and_cast(page)
        await page.goto(f"{hall.booth}/ballot")
    assert await count_envelopes(site, hall) == 1
    await expect(page.locator("main .notice--info")).to_be_visible()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_each_page_of_the_way_is_sound_on_a_small_screen_and_in_the_dark(
    site: Site, open_page: Open, language: str
) -> None:
    hall = await make_hall(site, *BallotType, projects=9)
    page = await open_page(width=320, language=language)
    await come_in(page, hall)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await check_page(page)
    for n, ballot_type in enumerate(BallotType, start=1):
        await mark(page, n, ballot_type)
    await check_page(page)
    await page.locator("#check button").click()
    await expect(page.locator(".purse--confirm")).to_be_visible()
    await check_page(page)
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    await check_page(page)


async def test_at_four_hundred_percent_nothing_sticks_out_and_nothing_covers_the_page(
    site: Site, open_page: Open
) -> None:
    hall = await make_hall(site, *BallotType, projects=9)
    page = await open_page(width=320)
    await page.set_viewport_size({"width": 320, "height": 225})
    await come_in(page, hall)
    await check_page(page)
    await page.locator("#check button").click()
    await expect(page.locator(".purse--confirm")).to_be_visible()
    await check_page(page)


async def test_forced_colours_still_tell_what_is_chosen(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.KNAPSACK)
    page = await open_page()
    await page.emulate_media(forced_colors="active")
    await come_in(page, hall)
    await mark(page, 1, BallotType.KNAPSACK)
    await expect(page.locator("#a1 .pick .on:visible")).to_have_count(1)
    edge = "getComputedStyle(document.querySelector('.purse')).borderLeftStyle"
    assert await page.evaluate(edge) == "solid"  # its colour, which told it apart, is gone


async def test_whoever_walks_by_keyboard_sees_every_control_beside_the_purse(site: Site, open_page: Open) -> None:
    """WCAG 2.2, 2.4.11: what has the focus is never hidden under what sticks."""
    hall = await make_hall(site, BallotType.KNAPSACK, projects=9)
    page = await open_page(width=320)
    await page.set_viewport_size({"width": 320, "height": 640})
    await come_in(page, hall)
    await mark(page, 1, BallotType.KNAPSACK)
    await page.locator("#find-a1").focus()
    hidden = """() => { const own = document.activeElement.closest('.pick') ?? document.activeElement;
        const at = own.getBoundingClientRect(), purse = document.querySelector('.purse');
        return !purse.contains(own) && at.bottom > purse.getBoundingClientRect().top + 1 }"""
    for _stop in range(12):
        await page.keyboard.press("Tab")
        await page.wait_for_timeout(400)  # smooth scrolling
        assert not await page.evaluate(hidden), await page.evaluate("document.activeElement.outerHTML")


async def test_a_full_purse_names_what_still_fits_and_is_sound(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.KNAPSACK, projects=6)
    page = await open_page(width=1280, language="en")
    await come_in(page, hall)
    for nth in (6, 3):
        await page.locator(".card", has_text=f"Hanke 1-{nth}").locator("input").check()
    await expect(page.locator("[data-fits]")).to_have_text("2 projects chosen. 1 more fits: Hanke 1-1 (€1,000).")
    await page.locator(".card", has_text="Hanke 1-1").locator("input").check()
    await expect(page.locator("[data-fits]")).to_contain_text("Nothing else fits.")
    await page.locator(".card", has_text="Hanke 1-2").locator(".pick").click()
    await expect(page.locator(".card__msg")).to_contain_text("€2,000 is missing")
    await check_page(page)
