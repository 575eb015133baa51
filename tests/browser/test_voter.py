"""A voter's whole way: from the letter's code to the receipt, with and without JavaScript."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from ballots import box
from ballots.codes import new_code, show_code
from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.permissions import Phase, Role
from pb.roll.models import Voter, VotingCode
from pb.roll.service import code_hmac
from pb.rounds.models import Round
from tests import cast
from tests.browser.conftest import Open, Site, check_page

pytestmark = pytest.mark.browser


async def make_voting_round(site: Site) -> tuple[Round, str]:
    """A round with a knapsack, an approval and a ranked paper, open now, and one voter's code."""
    async with site.sessions() as session, session.begin():
        service, area = await cast.make_service(session), await cast.make_area(session)
        officer = await cast.make_person(session, "Olli", Role.OFFICER, service)
        round_ = await cast.make_round(session, service, Phase.VOTING)
        own = await cast.make_allocation(session, round_, 1, area)
        whole = await cast.make_allocation(session, round_, 2, None, BallotType.APPROVAL, max_choices=2)
        ranked = await cast.make_allocation(session, round_, 3, None, BallotType.RANKED)
        await cast.make_projects(session, own, 6_000_00, 5_000_00, 4_000_00)
        await cast.make_projects(session, whole, 3_000_00, 2_000_00, 1_000_00)
        await cast.make_projects(session, ranked, 9_000_00, 8_000_00, 7_000_00, 6_000_00)
        await confirm_ballot(session, officer, round_.id, cast.NOW - 6 * cast.DAY)
        voter = Voter(round_id=round_.id, area_id=area.id)
        session.add(voter)
        await session.flush()
        code = new_code()
        stored = code_hmac(round_.id, code)
        session.add(VotingCode(round_id=round_.id, code_hmac=stored, person_ref=voter.person_ref))
    return round_, show_code(code).lower()


async def enter_code(page: Page, round_: Round, code: str) -> None:
    await page.goto(f"/rounds/{round_.id}/vote")
    if not page.url.endswith("/ballot"):  # the code holds for an hour in the same browser
        await page.locator("#code").fill(code)
        await page.locator("main form button").click()
        await page.wait_for_url("**/vote/ballot")


async def envelopes(site: Site, round_: Round) -> int:
    async with site.sessions() as session:
        return await box.count_envelopes(session, round_.id)


async def test_a_voter_on_a_phone_gets_from_code_to_receipt(site: Site, open_page: Open) -> None:
    round_, code = await make_voting_round(site)
    page = await open_page(width=320)
    await page.goto(f"/rounds/{round_.id}")
    await check_page(page)
    await page.goto(f"/rounds/{round_.id}/vote")
    await check_page(page)
    await enter_code(page, round_, code)
    await check_page(page)
    purse = page.locator("#a1 .purse")
    await page.locator("#a1 .pick").nth(0).click()
    await expect(page.locator("#a1 :checked")).to_have_count(1)
    await expect(purse.locator("[data-list] li")).to_have_count(1)
    await page.locator("#a2 .pick").nth(0).click()
    await page.locator("#a3 [data-dir=up]").nth(1).click()
    await check_page(page)
    await page.locator("#check button").click()
    await expect(page.locator(".purse--confirm")).to_be_visible()
    await check_page(page)
    assert await envelopes(site, round_) == 0, "nothing is cast before the last button"
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    await check_page(page)
    assert await envelopes(site, round_) == 1


async def test_what_does_not_fit_stays_operable_and_says_why(site: Site, open_page: Open) -> None:
    round_, code = await make_voting_round(site)
    page = await open_page(width=1280)
    await enter_code(page, round_, code)
    for cost in ("6 000", "5 000"):
        await page.locator("#a1 .card", has_text=cost.replace(" ", "\u00a0")).locator(".pick").click()
    await expect(page.locator("#a1 :checked")).to_have_count(1)
    await expect(page.locator("#a1 .card__msg .notice")).to_be_visible()
    await check_page(page)


async def test_a_ballot_over_the_money_is_refused_without_javascript_and_nothing_is_lost(
    site: Site, open_page: Open
) -> None:
    round_, code = await make_voting_round(site)
    page = await open_page(javascript=False)
    await enter_code(page, round_, code)
    for pick in await page.locator("#a1 input[type=checkbox]").all():
        await pick.check()
    await page.locator("#check button").click()
    await expect(page.locator(".errors")).to_be_visible()
    await expect(page.locator("#a1 :checked")).to_have_count(3)
    await page.locator("#a1 input[type=checkbox]").nth(0).uncheck()
    await page.locator("#a1 input[type=checkbox]").nth(1).uncheck()
    await page.locator("#a3 select").nth(2).select_option("1")
    await page.locator("#check button").click()
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    assert await envelopes(site, round_) == 1


async def test_a_vote_is_changed_by_keyboard_alone(site: Site, open_page: Open) -> None:
    round_, code = await make_voting_round(site)
    page = await open_page()
    for _time in range(2):
        await enter_code(page, round_, code)
        await page.locator("#a2 input[type=checkbox]").nth(0).focus()
        await page.keyboard.press("Space")
        await page.locator("#check button").focus()
        await page.keyboard.press("Enter")
        await page.locator(".cast").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/vote/receipt")
    assert await envelopes(site, round_) == 1


async def test_choices_survive_back_and_reload_in_the_same_tab_until_they_are_cast(site: Site, open_page: Open) -> None:
    round_, code = await make_voting_round(site)
    page = await open_page()
    await enter_code(page, round_, code)
    await page.locator("#a2 .pick").nth(1).click()
    await page.locator("#a3 [data-dir=up]").nth(2).click()
    await page.locator("#check button").click()
    await page.wait_for_url("**/vote/review")
    await page.go_back()
    await expect(page.locator("#a2 :checked")).to_have_count(1)
    await page.reload()
    await expect(page.locator("#a2 :checked")).to_have_count(1)
    await expect(page.locator("#a3 .rank:not(.is-out)")).to_have_count(1)
    await page.locator("#check button").click()
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    await page.goto(f"/rounds/{round_.id}/vote/ballot")
    await expect(page.locator("#a2 :checked")).to_have_count(0)


async def test_dark_and_wide_pages_have_no_violations_in_any_language(site: Site, open_page: Open) -> None:
    round_, code = await make_voting_round(site)
    page = await open_page(width=1280)
    await page.emulate_media(color_scheme="dark")
    await enter_code(page, round_, code)
    for language in ("fi", "sv", "en"):
        for path in ("/", f"/rounds/{round_.id}", f"/rounds/{round_.id}/ideas", f"/rounds/{round_.id}/vote/ballot"):
            await page.goto(f"{path}?lang={language}")
            assert await page.locator("html").get_attribute("lang") == language
            await check_page(page)


async def test_the_code_page_says_when_voting_opens(site: Site, open_page: Open) -> None:
    async with site.sessions() as session, session.begin():
        service = await cast.make_service(session)
        round_ = await cast.make_round(session, service, Phase.ESTIMATES)
    page = await open_page()
    await page.goto(f"/rounds/{round_.id}/vote")
    await expect(page.locator("#code")).to_have_count(0)
    opens = round_.window(Phase.VOTING).opens + timedelta(0)
    await expect(page.locator("main")).to_contain_text(str(opens.year))
    await check_page(page)
