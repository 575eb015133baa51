"""Another language on the way of a vote is another page: the choices come along to it."""

import pytest
from playwright.async_api import Page, expect

from ballots.types import BallotType
from tests.browser.conftest import Open, Site, check_page
from tests.browser.test_ballot_kiosk import turn_on
from tests.browser.test_points import CODE, make_points_round
from tests.browser.voters import Hall, come_in, make_hall, mark, speak

pytestmark = pytest.mark.browser
APPROVAL, RANKED = BallotType.APPROVAL, BallotType.RANKED


async def expect_choices(page: Page) -> None:
    await expect(page.locator("#a1 .card input:checked")).to_have_count(1)
    await expect(page.locator("#a2 select[name]").filter(has=page.locator("option[value='1']:checked"))).to_have_count(
        1
    )


async def fill_in(page: Page, hall: Hall) -> None:
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await mark(page, 2, RANKED)


@pytest.mark.parametrize("where", ["at home", "at home without JavaScript", "in a kiosk"])
async def test_the_ballot_and_its_review_keep_the_choices(site: Site, open_page: Open, where: str) -> None:
    hall = await make_hall(site, APPROVAL, RANKED)
    page = await open_page(language="en", javascript="without" not in where)
    if "kiosk" in where:
        await turn_on(site, page, hall)
    await fill_in(page, hall)
    await speak(page, "sv")
    await expect_choices(page)
    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    await speak(page, "fi")
    await expect(page.locator(".purse--confirm li")).to_have_count(2)
    if "without" not in where:
        await check_page(page)
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_code_that_is_asked_again_keeps_the_choices_and_counts_no_wrong_code(
    site: Site, open_page: Open, javascript: bool
) -> None:
    hall = await make_hall(site, APPROVAL, RANKED)
    page = await open_page(language="en", javascript=javascript)
    await fill_in(page, hall)
    await page.context.clear_cookies(name="voter")
    await page.locator("#check button").click()
    await expect(page.locator("#code")).to_be_visible()
    for language in ("sv", "fi", "en"):
        await speak(page, language)
        await expect(page.locator("#code-error")).to_have_count(0)
    await expect(page.locator(".notice")).to_contain_text("Your choices are safe")
    await page.locator("#code").fill(hall.codes[0])
    await page.locator("#code").press("Enter")
    await expect(page.locator("html")).to_have_attribute("lang", "en")  # Enter presses no language
    await expect_choices(page)


@pytest.mark.parametrize("javascript", [True, False])
async def test_choosing_an_area_keeps_the_choices_and_the_area(site: Site, open_page: Open, javascript: bool) -> None:
    round_ = await make_points_round(site)
    page = await open_page(language="en", javascript=javascript)
    await page.goto(f"/rounds/{round_.id}/vote")
    await page.locator("#code").fill(CODE)
    await page.locator("main form button").click()
    await page.get_by_role("button", name="To the ballot").click()
    await page.locator("#a1 input[inputmode=numeric]").first.fill("3")
    await page.get_by_role("button", name="Change the area").click()
    await page.get_by_label("Hauho").check()
    await speak(page, "sv")
    await expect(page.get_by_label("Hauho")).to_be_checked()
    if javascript:
        await check_page(page)
    await page.locator("#choose .btn").click()
    await expect(page.locator("#a1 input[inputmode=numeric]").first).to_have_value("3")
    await expect(page.locator("input[name=area]")).not_to_have_value("")
    await page.locator("#a1 input[inputmode=numeric]").first.press("Enter")
    await expect(page.locator(".purse--confirm")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "sv")


async def test_without_a_connection_enter_in_a_field_leaves_the_page_as_it_is(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, BallotType.POINTS)
    page = await open_page(language="en")
    await come_in(page, hall)
    field = page.locator("#a1 input[inputmode=numeric]").first
    await field.fill("2")
    await page.context.set_offline(True)
    await field.press("Enter")
    await expect(page.locator("#check [data-sent]")).to_contain_text("No connection.")
    await expect(field).to_have_value("2")


@pytest.mark.parametrize("javascript", [True, False])
async def test_in_practice_another_area_and_another_language_keep_what_is_for_all(
    site: Site, open_page: Open, javascript: bool
) -> None:
    round_ = await make_points_round(site)
    page = await open_page(language="en", javascript=javascript)
    await page.goto(f"/rounds/{round_.id}/try")
    field = page.locator("#a1 input[inputmode=numeric]").first
    await field.fill("3")
    await page.locator("#area").select_option("Lammi")
    await page.get_by_role("button", name="Show this area's ballot").click()
    await expect(page.locator("#a2")).to_be_visible()
    await expect(field).to_have_value("3")
    assert page.url.endswith("/try")
    await speak(page, "sv")
    await expect(page.locator("#a2")).to_be_visible()
    await expect(field).to_have_value("3")
