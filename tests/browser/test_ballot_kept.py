"""What becomes of a vote when the connection or the time is lost on the way."""

import pytest
from playwright.async_api import Page, Route, expect

from ballots.types import BallotType
from tests.browser.conftest import Open, Site, check_page
from tests.browser.voters import Hall, check_and_cast, come_in, count_envelopes, make_hall, mark

pytestmark = pytest.mark.browser
APPROVAL, RANKED = BallotType.APPROVAL, BallotType.RANKED
KEPT = "Object.keys(sessionStorage).filter(key => key.startsWith('ballot ')).length"


async def give_code(page: Page, code: str) -> None:
    await page.locator("#code").fill(code)
    await page.locator("main form button").first.click()


async def test_without_a_connection_the_page_stays_and_says_so(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL, RANKED)
    page = await open_page(language="en")
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await page.context.set_offline(True)
    await page.locator("#check button").click()
    await expect(page.locator("#check [data-sent]")).to_contain_text("No connection. Your choices are safe")
    await page.context.set_offline(False)
    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    await page.context.set_offline(True)
    await page.locator(".cast").click()
    await expect(page.locator("[data-sent]")).to_contain_text("Press Cast vote again: it counts only once.")
    await page.context.set_offline(False)
    await check_page(page)
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    assert await count_envelopes(site, hall) == 1


async def test_a_vote_whose_answer_was_lost_counts_once(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)

    async def lose_the_answer(route: Route) -> None:
        await route.fetch(max_redirects=0)
        await route.abort()

    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    await page.route("**/vote/cast", lose_the_answer)
    await page.locator(".cast").click()
    await expect(page.locator("[data-sent]")).to_contain_text("Your vote was not sent.")
    assert await count_envelopes(site, hall) == 1
    await page.unroute("**/vote/cast")
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    assert await count_envelopes(site, hall) == 1


async def test_a_double_press_and_two_tabs_give_one_vote(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await come_in(page, hall)
    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    other = await page.context.new_page()
    await other.goto(f"{hall.booth}/ballot")
    await check_and_cast(other)
    await page.locator(".cast").dblclick()
    await expect(page.locator("main .lede")).to_contain_text("Your vote was changed in another window.")
    assert await count_envelopes(site, hall) == 1


async def test_the_time_is_warned_of_and_can_be_had_again(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await page.clock.install()
    await come_in(page, hall)
    await expect(page.locator("[data-time]")).to_be_hidden()
    await page.locator("#a1 input[name]").first.focus()
    await page.clock.fast_forward("51:00")
    await expect(page.locator("[data-time-say]")).to_contain_text("Your time ends in")
    await expect(page.locator("#a1 input[name]").first).to_be_focused()
    await check_page(page)
    await page.locator("[data-time] button").click()
    await expect(page.locator("[data-time]")).to_be_hidden()
    await page.clock.fast_forward("59:00")
    await expect(page.locator("[data-time-say]")).to_have_text("Your time ends in 1 minute.")
    await page.clock.fast_forward("02:00")
    await expect(page.locator("[data-time-say]")).to_contain_text("Your choices are safe.")
    await check_page(page)


async def test_who_asks_for_more_time_by_keyboard_goes_on_where_they_were(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await page.clock.install()
    await come_in(page, hall)
    place, button = page.locator("#a1 input[name]").first, page.locator("[data-time] button")
    await page.clock.fast_forward("51:00")
    await place.focus()
    await page.keyboard.press("Shift+Tab")
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(button).to_be_hidden()
    await expect(place).to_be_focused()


@pytest.mark.parametrize(("page_name", "goes_to"), [("ballot", "#ballot"), ("review", "#main")])
async def test_who_asks_for_more_time_from_nowhere_goes_on_at_the_beginning(
    site: Site, open_page: Open, page_name: str, goes_to: str
) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await page.clock.install()
    await come_in(page, hall)
    if page_name == "review":
        await page.locator("#check button").click()
        await page.wait_for_url("**/vote/review")
    button = page.locator("[data-time] button")
    await page.clock.fast_forward("51:00")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(button).to_be_hidden()
    await expect(page.locator(goes_to)).to_be_focused()


async def test_without_javascript_more_time_keeps_the_choices(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en", javascript=False)
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await page.locator("form [data-more]").click()
    await page.wait_for_url("**/vote/more")
    await expect(page.locator("#a1 input:checked")).to_have_count(1)


async def test_when_the_time_is_over_the_code_is_asked_again_and_the_choices_come_along(
    site: Site, open_page: Open
) -> None:
    hall = await make_hall(site, APPROVAL, RANKED)
    page = await open_page(language="en")
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await mark(page, 2, RANKED)
    await page.context.clear_cookies(name="voter")
    await page.locator("#check button").click()
    await expect(page.locator("#code")).to_be_visible()
    await check_page(page)
    await give_code(page, hall.codes[0])
    await expect(page.locator("#a1 input:checked")).to_have_count(1)
    await page.context.clear_cookies(name="voter")
    await page.goto(f"{hall.booth}/ballot")  # also if the page was loaded again instead
    await give_code(page, hall.codes[0])
    await expect(page.locator("#a1 input:checked")).to_have_count(1)
    await expect(page.locator(".rank:not(.is-out)")).to_have_count(1)


async def test_the_next_voter_in_the_same_tab_gets_an_empty_ballot(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await page.context.clear_cookies(name="voter")
    await page.locator("#check button").click()
    await give_code(page, hall.codes[1])
    await expect(page.locator("#a1 input[name]").first).to_be_visible()
    await expect(page.locator("#a1 input:checked")).to_have_count(0)


async def test_what_is_kept_is_forgotten_after_the_cast(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    assert await page.evaluate(KEPT) == 1
    await check_and_cast(page)
    assert await page.evaluate(KEPT) == 0


async def come_in_again(page: Page, hall: Hall) -> None:
    """The time is over in the middle of the ballot, and the code brings its choices back."""
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    await page.context.clear_cookies(name="voter")
    await page.locator("#check button").click()
    await give_code(page, hall.codes[0])
    await expect(page.locator("#a1 input:checked")).to_have_count(1)


async def send_old_forms_once_more(page: Page, steps: int) -> int:
    """Back and reload, step by step, as a browser offers; how often the code was asked."""
    asked = 0
    for _step in range(steps):
        await page.reload()
        assert "voter" not in {cookie["name"] for cookie in await page.context.cookies()}
        assert await page.locator("#a1 input").count() == 0
        if await page.locator("#code").count():
            await expect(page.locator("#code")).to_have_value("")
            asked += 1
        await page.evaluate("history.back()")
        await page.wait_for_timeout(500)
    return asked


async def test_back_and_send_again_after_done_let_nobody_in_with_an_earlier_code(site: Site, open_page: Open) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await come_in_again(page, hall)
    await page.reload()  # who is in already only sees the ballot again
    await expect(page.locator("#a1 input:checked")).to_have_count(1)
    await check_and_cast(page)
    await page.locator("form[action$='/leave'] button").click()
    await page.wait_for_url(f"**/rounds/{hall.round.id}")
    assert await send_old_forms_once_more(page, steps=6) >= 2
    assert await page.evaluate(KEPT) == 0


@pytest.mark.parametrize("javascript", [True, False])
async def test_back_and_send_again_let_nobody_in_after_one_who_went_away_without_done(
    site: Site, open_page: Open, javascript: bool
) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en", javascript=javascript)
    await come_in_again(page, hall)
    await page.context.clear_cookies(name="voter")  # the time is over again
    assert await send_old_forms_once_more(page, steps=3) == 3


@pytest.mark.parametrize("page_name", ["ballot", "review"])
async def test_who_leaves_before_the_cast_leaves_nothing_behind(site: Site, open_page: Open, page_name: str) -> None:
    hall = await make_hall(site, APPROVAL)
    page = await open_page(language="en")
    await come_in(page, hall)
    await mark(page, 1, APPROVAL)
    assert await page.evaluate(KEPT) == 1
    if page_name == "review":
        await page.locator("#check button").click()
        await page.wait_for_url("**/vote/review")
        assert await page.evaluate(KEPT) == 1
    await page.get_by_role("button", name="Stop and leave").click()
    await page.wait_for_url(f"**/rounds/{hall.round.id}")
    assert await page.evaluate(KEPT) == 0
    await page.goto(f"{hall.booth}/ballot")
    assert page.url.endswith("/vote")
    await give_code(page, hall.codes[0])
    await expect(page.locator("#a1 input[name]").first).to_be_visible()
    await expect(page.locator("#a1 input:checked")).to_have_count(0)
    assert await count_envelopes(site, hall) == 0
