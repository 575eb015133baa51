"""A points ballot with a chosen area in a real browser, with and without JavaScript."""

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from ballots.types import BallotType
from pb.city.models import Area
from pb.confirmation.service import confirm_ballot
from pb.permissions import Phase, Role
from pb.roll.models import Voter, VotingCode
from pb.roll.service import code_hmac
from pb.rounds.models import Round
from tests import cast
from tests.browser.conftest import Open, Site, check_page
from tests.browser.test_voter import envelopes

pytestmark = pytest.mark.browser
CODE = "0123456789AB"


async def make_points_round(site: Site) -> Round:
    """A purse for each of two areas and ten points for all, at most four to one of three projects; one voter."""
    async with site.sessions() as session, session.begin():
        service = await cast.make_service(session)
        lammi, hauho = await cast.make_area(session, "Lammi"), await cast.make_area(session, "Hauho")
        await session.execute(update(Area).where(Area.id == hauho.id).values(postcodes=["14700"]))
        officer = await cast.make_person(session, "Olli", Role.OFFICER, service)
        round_ = await cast.make_round(session, service, Phase.VOTING)
        round_.area_choice = True
        points = await cast.make_allocation(session, round_, 1, None, BallotType.POINTS, max_choices=10)
        points.max_points = 4
        await cast.make_projects(session, points, 3_000_00, 2_000_00, 1_000_00)
        for number, area in enumerate((lammi, hauho), start=2):
            await cast.make_projects(session, await cast.make_allocation(session, round_, number, area), 1_000_00)
        await confirm_ballot(session, officer, round_.id, cast.NOW - 6 * cast.DAY)
        voter = Voter(round_id=round_.id, area_id=lammi.id)
        session.add(voter)
        await session.flush()
        stored = code_hmac(round_.id, CODE)
        session.add(VotingCode(round_id=round_.id, code_hmac=stored, person_ref=voter.person_ref))
    return round_


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, True), (390, False)])
async def test_an_area_is_found_by_postcode_and_points_are_given(
    site: Site, open_page: Open, width: int, javascript: bool
) -> None:
    round_ = await make_points_round(site)
    page = await open_page(width=width, language="en", javascript=javascript)
    await page.goto(f"/rounds/{round_.id}/vote")
    await page.locator("#code").fill(CODE)
    await page.locator("main form button").click()
    await expect(page.get_by_label("Lammi")).to_be_checked()
    await page.locator("#postcode").fill("14700")
    await page.get_by_role("button", name="Find my area").click()
    await expect(page.get_by_label("Hauho")).to_be_checked()
    if javascript:
        await check_page(page)
    await page.get_by_role("button", name="To the ballot").click()
    paper = page.locator("#a1")
    fields = paper.locator("input[inputmode=numeric]")
    if javascript:
        await check_page(page)
        plus, minus = paper.locator('[data-step="1"]'), paper.locator('[data-step="-1"]')
        for _press in range(5):  # the fifth is refused: one project gets four at most
            await plus.nth(0).click(force=True)
        await expect(paper.locator("[data-say]")).to_have_text("One project can get at most 4 points.")
        await minus.nth(0).click()
        await plus.nth(1).click()
        await expect(fields.nth(0)).to_have_value("3")
        await expect(paper.locator("[data-left]")).to_have_text("6")
        await expect(paper.locator("[data-say]")).to_contain_text("1 point. 6 left.")
        await expect(paper.locator("[data-list] li")).to_have_count(2)
    else:
        await fields.nth(0).fill("3")
        await fields.nth(1).fill("1")
    await page.locator("#check button[data-send]").click()
    await expect(page.get_by_text("You give 4 of 10 points. Left: 6.")).to_be_visible()
    await expect(page.locator(".purse--confirm h2").nth(1)).to_have_text("Hauho")
    if javascript:
        await check_page(page)
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")
    assert await envelopes(site, round_) == 1


@pytest.mark.parametrize("javascript", [True, False])
async def test_what_is_no_number_of_points_is_said_at_its_field_and_stays_there(
    site: Site, open_page: Open, javascript: bool
) -> None:
    round_ = await make_points_round(site)
    page = await open_page(language="en", javascript=javascript)
    await page.goto(f"/rounds/{round_.id}/vote")
    await page.locator("#code").fill(CODE)
    await page.locator("main form button").click()
    await page.get_by_role("button", name="To the ballot").click()
    paper = page.locator("#a1")
    fields = paper.locator("input[inputmode=numeric]")
    await fields.nth(0).fill("2")
    await fields.nth(1).fill("1.5")
    await fields.nth(1).press("Tab")
    if javascript:
        name = await paper.locator(".card h3").nth(1).inner_text()
        for place in ("say", "fits"):
            await expect(paper.locator(f"[data-{place}]")).to_have_text(f"{name}: give whole points, from 0 to 4.")
    await page.locator("#check button[data-send]").click()
    await expect(page.locator(".errors h2")).to_contain_text("give whole points, from 0 to 4.")
    assert await page.locator(".errors a").get_attribute("href") == f"#{await fields.nth(1).get_attribute('id')}"
    await expect(paper.locator("[aria-invalid]")).to_have_value("1.5")
    await expect(fields.nth(0)).to_have_value("2")
    if javascript:
        await check_page(page)
    await fields.nth(1).fill(" 1 ")
    await page.locator("#check button[data-send]").click()
    await expect(page.get_by_text("You give 3 of 10 points. Left: 7.")).to_be_visible()
