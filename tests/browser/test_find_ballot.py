"""Who has a ballot code finds the ballot, on a phone and on a desk."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from ballots.codes import show_code
from pb.results.service import publish_results
from pb.rounds.models import CountRule
from tests.browser.conftest import Open, Site, check_page
from tests.results.voted import close_and_count, make_voting, vote

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [320, 1280])
async def test_a_voter_finds_their_ballot(site: Site, open_page: Open, width: int) -> None:
    async with site.sessions() as session:
        voted = await make_voting(session, 1.5, CountRule.EQUAL_SHARES_ADD1)
        codes = [await vote(session, voted, [1, 3], [4, 5]) for _voter in range(10)]
        await close_and_count(session, voted)
        await publish_results(session, voted.officer, voted.round.id, datetime.now(UTC))
        await session.commit()
    page = await open_page(width=width)
    await page.goto(f"/rounds/{voted.round.id}/results")
    await page.locator("main a[href$='/results/ballot']").click()
    await page.locator("#code").fill(show_code(codes[0])[:-1])
    await page.locator("main form button").click()
    await expect(page.locator("#code-error")).to_be_visible()
    await check_page(page)
    await page.locator("#code").fill(show_code(codes[0]))
    await page.locator("main form button").click()
    await expect(page.locator("main .panel")).to_have_count(2)
    await expect(page.locator("main .panel").first).to_contain_text("Hanke 1-3")
    assert codes[0] not in page.url
    await check_page(page)


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_log_fits_every_screen(site: Site, open_page: Open, width: int) -> None:
    async with site.sessions() as session:
        voted = await make_voting(session, 1.5, CountRule.GREEDY)
        await vote(session, voted, [1], [4])
        await close_and_count(session, voted)
        await session.commit()
    page = await open_page(width=width)
    await page.goto(f"/rounds/{voted.round.id}/log")
    await expect(page.locator("main code")).to_have_count(2)
    await check_page(page)
