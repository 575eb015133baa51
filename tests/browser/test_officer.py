"""An officer's whole way in the browser: from an empty city to the published PDF."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from pb import clock
from pb.language import local
from pb.people.service import make_sign_in_link
from pb.permissions import Role
from tests import cast
from tests.browser.conftest import Open, Site, check_page, sign_in

pytestmark = pytest.mark.browser


def field_time(moment: datetime) -> str:
    """A time as the browser's date and time field takes it, to the second, in the city's zone."""
    return local(moment).strftime("%Y-%m-%dT%H:%M:%S")


async def fill_times(page: Page, **times: datetime) -> None:
    for name, moment in times.items():
        await page.locator(f"#{name}").fill(field_time(moment))


async def send(page: Page, scope: str = "main form.form") -> None:
    async with page.expect_navigation():
        await page.locator(f"{scope} button").first.click()


async def test_an_officer_takes_an_idea_to_the_published_report(site: Site, open_page: Open) -> None:
    async with site.sessions() as session, session.begin():
        service = await cast.make_service(session)
        await cast.make_area(session)
        officer = await cast.make_person(session, "Olli", Role.OFFICER, service)
        second = await cast.make_person(session, "Oona", Role.OFFICER, service)
        resident = await cast.make_person(session, "Raija")
        people = (officer, second, resident)
        links = {p.name: await make_sign_in_link(session, p.email, "/desk", clock.now()) for p in people}
    desk, home, other = await open_page(width=1280), await open_page(), await open_page(width=390)
    await sign_in(other, links["Oona"])
    await sign_in(desk, links["Olli"])
    await check_page(desk)
    await sign_in(home, links["Raija"])

    # The officer makes a round whose ideas are open now, and its money.
    now = datetime.now(UTC).replace(microsecond=0)
    await desk.goto("/rounds/new")
    await check_page(desk)
    await desk.locator("#title").fill("Koekierros")
    dates = {"ideas_opens": now - timedelta(hours=1), "ideas_closes": now + timedelta(hours=1)}
    dates |= {"voting_opens": now + timedelta(hours=2), "voting_closes": now + timedelta(hours=3)}
    await fill_times(desk, **dates)
    await send(desk)
    await check_page(desk)
    round_path = re.sub(r"^.*(/rounds/[^/]+)/money$", r"\1", desk.url)
    await desk.locator("#name").fill("Lammi")
    await desk.locator("#area_id").select_option(label="Lammi")
    await desk.locator("#amount").fill("abc")
    await send(desk)
    await expect(desk.locator("#amount-error")).to_be_visible()
    await check_page(desk)
    await desk.locator("#amount").fill("24 000")
    await send(desk)

    # A resident proposes; the officer publishes, estimates and so puts it on the ballot.
    await home.goto(f"{round_path}/ideas/new")
    await check_page(home)
    await home.locator("#description").fill("Kuusi konserttia kesällä.")
    await home.get_by_role("button", name="Lähetä idea").click()
    await expect(home.locator("#title-error")).to_be_visible()
    await check_page(home)
    await home.locator("#title").fill("Pihakonsertit")
    await home.locator("#area_id").select_option(label="Lammi")
    await home.get_by_role("button", name="Lähetä idea").click()
    await check_page(home)
    idea_path = re.sub(r"^http://[^/]+", "", home.url)
    await desk.goto(f"{idea_path}/decide")
    await check_page(desk)
    await desk.locator("input[value=publish]").check()
    await send(desk)
    await desk.goto(f"{idea_path}/estimate")
    await check_page(desk)
    await desk.locator("input[value=yes]").check()
    await desk.locator("#reason").fill("Esiintyjät.")
    await desk.locator("#cost").fill("4 200")
    await desk.locator("#allocation_id").select_option(index=1)
    await send(desk)
    await check_page(desk)

    # Codes; then the dates are moved so that voting opens in a moment, and the ballot is confirmed.
    await desk.goto(f"{round_path}/roll")
    await check_page(desk)
    await desk.locator("#number").fill("2")
    await send(desk)
    await check_page(desk)
    code = await desk.locator(".codes code").first.text_content()
    now = datetime.now(UTC).replace(microsecond=0)
    opens, closes = now + timedelta(seconds=8), now + timedelta(seconds=20)
    await desk.goto(f"{round_path}/edit")
    await fill_times(desk, ideas_closes=now, voting_opens=opens, voting_closes=closes)
    await send(desk)
    await desk.goto(f"{round_path}/confirm")
    await check_page(desk)
    await desk.locator("main form button").click()
    await expect(desk.locator(".notice--ok")).to_be_visible()
    await check_page(desk)

    # The resident votes.
    await asyncio.sleep(max(0.0, (opens - datetime.now(UTC)).total_seconds()) + 0.2)
    await home.goto(f"{round_path}/vote")
    await home.locator("#code").fill(code or "")
    await home.locator("main form button").click()
    await home.locator(".pick").first.click()
    await home.locator("#check button").click()
    await home.locator(".cast").click()
    await home.wait_for_url("**/vote/receipt")

    # Close, open with a second officer, count, publish; the report is made by the queue.
    await desk.goto(f"{round_path}/count")
    await check_page(desk)
    await asyncio.sleep(max(0.0, (closes - datetime.now(UTC)).total_seconds()) + 0.5)
    for page, where in (
        (desk, "count"),  # close
        (desk, "opening"),  # ask for the opening
        (other, "opening"),  # open
        (desk, "count"),  # count
        (desk, "count"),  # publish
    ):
        await desk.goto(f"{round_path}/count")
        await check_page(desk)
        await page.goto(f"{round_path}/{where}")
        await check_page(page)
        await send(page, "main form")
    await home.goto(f"{round_path}/results")
    await check_page(home)
    await expect(home.locator("main")).to_contain_text("Pihakonsertit")
    await home.goto(f"{round_path}/results/1")
    await check_page(home)
    pdf = await wait_for_report(home, f"{round_path}/results/report-fi.pdf")
    assert pdf.startswith(b"%PDF-")
    await home.goto(round_path)
    await expect(home.locator("a[href$='report-sv.pdf']")).to_be_visible()
    await check_page(home)


async def wait_for_report(page: Page, path: str) -> bytes:
    for _try in range(100):
        answer = await page.request.get(path)
        if answer.ok:
            return await answer.body()
        await asyncio.sleep(0.3)
    pytest.fail("the report was not made")
