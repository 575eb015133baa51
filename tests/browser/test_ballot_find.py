"""Finding, sorting and comparing on a long ballot. None of it loses a choice."""

import pytest
from playwright.async_api import expect

from ballots.types import BallotType
from tests.browser.conftest import Open, Site, check_page
from tests.browser.voters import come_in, make_hall

pytestmark = pytest.mark.browser


async def test_a_project_that_is_not_shown_stays_chosen(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.KNAPSACK, projects=9)
    page = await open_page(language="en")
    await come_in(page, hall)
    await page.locator(".card", has_text="Hanke 1-4").locator("input").check()
    await page.locator("#find-a1").fill("hanke 1-7")
    await expect(page.locator(".card:visible")).to_have_count(1)
    await expect(page.locator(".tools [data-shown]")).to_have_text("1 of 9 projects are shown.")
    await page.locator("#find-a1").press("Enter")
    await check_page(page)
    await page.locator("#check button").click()
    await expect(page.locator(".purse--confirm")).to_contain_text("Hanke 1-4")


async def test_only_what_fits_or_what_is_chosen_is_shown_and_nothing_found_is_said(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.KNAPSACK, projects=9)
    page = await open_page(language="en")
    await come_in(page, hall)
    await page.locator(".card", has_text="€8,000").locator("input").check()
    await page.locator("#show-a1").select_option("fits")
    await expect(page.locator(".card:visible")).to_have_count(3)  # 1,000 and 2,000 €, and what is chosen
    await page.locator("#show-a1").select_option("chosen")
    await expect(page.locator(".card:visible")).to_have_count(1)
    await page.locator("#find-a1").fill("nowhere")
    await expect(page.locator(".tools [data-shown]")).to_contain_text("No project is shown.")
    await check_page(page)


async def test_the_order_can_be_changed_and_drawn_again(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.APPROVAL, projects=9)
    page = await open_page(language="en")
    await come_in(page, hall)
    drawn = await page.locator(".card h3").all_text_contents()
    await page.locator("#sort-a1").select_option("cheapest")
    assert await page.locator(".card h3").all_text_contents() == [f"Hanke 1-{n}" for n in range(1, 10)]
    await page.locator("#sort-a1").select_option("number")
    numbers = [int(i.split("-")[1]) for i in await page.locator(".card h3").evaluate_all("all => all.map(h => h.id)")]
    assert numbers == sorted(numbers)
    await page.locator("#sort-a1").select_option("drawn")
    assert await page.locator(".card h3").all_text_contents() == drawn


async def test_three_projects_are_compared_by_keyboard_and_a_fourth_is_not(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.KNAPSACK, projects=9)
    page = await open_page(language="en", width=320)
    await come_in(page, hall)
    await page.locator("[data-compare]").press("Enter")
    boxes = page.locator(".compare input")
    for n in range(4):
        await boxes.nth(n).press("Space")
    await expect(page.locator(".compare input:checked")).to_have_count(3)
    await expect(page.locator(".compare [role=status]").nth(3)).to_contain_text("Take one out first.")
    await page.locator(".compare button").first.press("Enter")
    await expect(page.locator("#compare section")).to_have_count(3)
    await expect(page.locator("#compare")).to_contain_text("€")
    await check_page(page)
    await page.keyboard.press("Escape")
    await expect(page.locator("#compare")).to_be_hidden()
    await expect(page.locator(".compare button").first).to_be_focused()


async def test_without_javascript_the_whole_ballot_is_a_plain_list(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.KNAPSACK, projects=9)
    page = await open_page(javascript=False)
    await come_in(page, hall)
    await expect(page.locator(".card:visible")).to_have_count(9)
    await expect(page.locator(".tools")).to_be_hidden()
