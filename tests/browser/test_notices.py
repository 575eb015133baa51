"""Two ideas become one: who wrote the first gets a mail in her language, presses its link, and has no more mails."""

import re
from datetime import timedelta

from pb import clock
from pb.merging.forms import MergeForm
from pb.merging.service import merge_idea
from pb.notices.models import NoticeKind, Pace
from pb.notices.queries import find_pace
from pb.notices.service import choose_pace, follow, send_due, tell
from pb.people.models import Person
from pb.permissions import Phase, Role
from tests.browser.conftest import check_page, sign_in
from tests.cast import make_idea, make_person, make_round, make_service, sign_in_link
from tests.test_jobs import postbox
from tests.waiting import until

__all__ = ["postbox"]
SOON = timedelta(minutes=3)


async def town(site) -> tuple[Person, Person, list]:
    """A clerk, Raija who follows her idea and is mailed at once, and two ideas that are one."""
    async with site.sessions() as session, session.begin():
        service = await make_service(session)
        clerk, raija = await make_person(session, "Kaisa", Role.CLERK, service), await make_person(session, "Raija")
        raija.language = "en"
        round_ = await make_round(session, service, Phase.IDEAS)
        ideas = [await make_idea(session, round_, raija, title) for title in ("Pihakonsertit", "Konsertit pihoilla")]
        await follow(session, raija.id, ideas[0].id, clock.now())
        await choose_pace(session, raija.id, Pace.AT_ONCE)
    return clerk, raija, ideas


async def mailed(site, postbox, number: int) -> str:
    """Queue what is due, as the task beside the app would in three minutes; the mail that then comes."""
    async with site.sessions() as session, session.begin():
        await send_due(session, clock.now() + SOON)

    async def arrived() -> bool:
        return len(postbox.mails) == number

    await until(arrived, 30)
    return postbox.mails[-1].get_content().replace("\r\n", "\n")


async def test_a_merge_is_told_by_mail_and_the_mails_are_stopped_by_its_link(site, open_page, postbox):
    clerk, raija, (idea, into) = await town(site)
    async with site.sessions() as session, session.begin():
        await merge_idea(session, clerk, idea.id, MergeForm(into=into.id, reason="Sama asia."), clock.now())
    mail = await mailed(site, postbox, 1)
    assert "The idea was joined with another one like it. Sama asia." in mail
    page = await open_page(language="en")
    await page.goto(re.search(r"http://127\.0\.0\.1(/ideas/\S+)", mail)[1])
    assert await page.inner_text("h1") == "Pihakonsertit"
    await page.get_by_role("link", name="Konsertit pihoilla").first.click()
    await page.get_by_role("heading", name="Konsertit pihoilla", level=1).wait_for()
    await page.goto(re.search(r"http://127\.0\.0\.1(/notices/stop/\S+)", mail)[1])
    await check_page(page)
    await page.get_by_role("button", name="Stop all mails").click()
    await page.get_by_role("heading", name="You get no mail").wait_for()
    await check_page(page)
    async with site.sessions() as session, session.begin():
        assert await find_pace(session, raija.id) is Pace.NEVER
        await tell(session, NoticeKind.COMMENTED, [into.id], into.title, f"/ideas/{into.id}", clock.now())
        assert await send_due(session, clock.now() + SOON) == 0


async def test_what_is_followed_is_seen_and_left_without_javascript(site, open_page):
    _clerk, raija, (idea, _into) = await town(site)
    async with site.sessions() as session, session.begin():
        await tell(session, NoticeKind.COMMENTED, [idea.id], idea.title, f"/ideas/{idea.id}", clock.now())
        link = await sign_in_link(session, raija)
    page = await open_page(width=320, language="en", javascript=False)
    await sign_in(page, link)
    await page.get_by_role("link", name="Your notices").click()
    await page.get_by_label("Once a week, on Monday at 8").check()
    await page.get_by_role("button", name="Save").click()
    assert await page.get_by_label("Once a week, on Monday at 8").is_checked()
    assert "There are new comments." in await page.inner_text("main")
    await page.get_by_role("button", name=re.compile("Stop following.*Pihakonsertit")).click()
    assert "You follow nothing yet." in await page.inner_text("main")


async def test_the_page_of_notices_is_accessible(site, open_page):
    _clerk, raija, (idea, _into) = await town(site)
    async with site.sessions() as session:
        link = await sign_in_link(session, raija)
    page = await open_page(width=320, language="en")
    await sign_in(page, link)
    await page.goto("/notices")
    await page.get_by_role("link", name=idea.title).wait_for()
    await check_page(page)
