"""Supporting, commenting, answering, reporting and hiding: with and without scripts, and by keyboard."""

import pytest

from pb.comments.models import Comment
from pb.ideas.models import Idea
from pb.people.models import ShownName
from pb.permissions import Phase, Role
from tests.browser.conftest import check_page, sign_in
from tests.cast import NOW, make_idea, make_person, make_round, make_service, sign_in_link

CAST = ("Onni", "Raija", "Salme")


@pytest.fixture
async def stage(site) -> tuple[Idea, dict[str, str]]:
    """A published idea, and a sign-in link for each of the cast."""
    async with site.sessions() as session:
        culture = await make_service(session)
        people = {name: await make_person(session, name) for name in CAST}
        people["Olli"] = await make_person(session, "Olli", Role.OFFICER, culture)
        idea = await make_idea(session, await make_round(session, culture, Phase.IDEAS), people["Raija"])
        await session.commit()
        return idea, {name: await sign_in_link(session, person) for name, person in people.items()}


async def press(page, name: str) -> None:
    """Press the button or follow the link of this name in main, and wait for the page it leads to."""
    found = (
        page.locator("main").get_by_role("button", name=name).or_(page.locator("main").get_by_role("link", name=name))
    )
    async with page.expect_navigation():
        await found.first.click()


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_comment_is_written_answered_reported_and_hidden(stage, open_page, javascript):
    idea, links = stage
    onni, raija, salme, olli = [await open_page(390, "en", javascript) for _person in range(4)]
    for page, name in ((onni, "Onni"), (raija, "Raija"), (salme, "Salme"), (olli, "Olli")):
        await sign_in(page, links[name])
        await page.goto(f"/ideas/{idea.id}")

    async def check(page) -> None:
        if javascript:
            await check_page(page)

    await check(onni)
    await press(onni, "Support this idea")
    assert await onni.get_by_text("You support this idea.").is_visible()
    await press(onni, "Send the comment")  # empty
    await check(onni)
    assert await onni.get_by_role("alert").is_visible()
    await onni.get_by_label("Your comment").fill("Kannatan.")
    await onni.get_by_label("Shown beside it").select_option("name")
    await press(onni, "Send the comment")
    assert "#c-" in onni.url
    assert await onni.get_by_role("article", name="Onni").is_visible()
    await check(onni)

    await raija.reload()
    await press(raija, "Write an answer")
    await check(raija)
    await raija.get_by_label("Your answer").fill("Kiitos!")
    await press(raija, "Send the answer")
    assert await raija.locator(".talk .talk").get_by_text("Kiitos!").is_visible()

    await salme.reload()
    await salme.get_by_role("article", name="Onni").get_by_role("link", name="Report").click()
    await salme.wait_for_url("**/report")
    await check(salme)
    await salme.get_by_label("What is wrong with it?").fill("Tämä on mainos.")
    await press(salme, "Send the report")
    await check(salme)

    await olli.goto(f"/desk/rounds/{idea.round_id}")
    await check(olli)
    await press(olli, "Hide or keep")
    await check(olli)
    await olli.get_by_label("Hide: the reason is shown in its place").check()
    await olli.get_by_label("Public reason").fill("Mainos.")
    await press(olli, "Save the decision")
    await check(olli)

    await salme.goto(f"/ideas/{idea.id}")
    assert await salme.get_by_text("Hidden by staff: Mainos.").is_visible()
    assert not await salme.get_by_text("Kannatan.").count()
    await check(salme)

    await raija.goto(f"/ideas/{idea.id}")
    await press(raija, "Take back")
    await check(raija)
    await press(raija, "Take it back")
    assert not await raija.get_by_text("Kiitos!").count()


async def test_a_comment_is_written_by_keyboard_alone(stage, open_page):
    idea, links = stage
    page = await open_page(1280, "en")
    await sign_in(page, links["Onni"])
    await page.goto(f"/ideas/{idea.id}")

    async def tab_to(label: str) -> None:
        for _key in range(60):
            await page.keyboard.press("Tab")
            if (
                await page.evaluate("document.activeElement.labels?.[0]?.innerText || document.activeElement.innerText")
                == label
            ):
                return
        pytest.fail(f"no way by keyboard to {label}")

    await tab_to("Your comment")
    await page.keyboard.type("Kannatan.")
    await tab_to("Send the comment")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await page.get_by_role("article", name="a resident of the city").is_visible()


async def test_a_long_word_folded_and_taken_back_comments_fit_a_narrow_screen(site, stage, open_page):
    idea, links = stage
    async with site.sessions() as session:
        writer = await make_person(session, "Kaisa")
        for text, gone in (("x" * 2000, None), ("", NOW)):
            comment = Comment(
                idea_id=idea.id, person_id=writer.id, shown_name=ShownName.NAME, text=text, at=NOW, taken_back_at=gone
            )
            session.add(comment)
        await session.commit()
    for width, language in ((320, "fi"), (320, "sv"), (1280, "en")):
        page = await open_page(width, language)
        for path in (f"/ideas/{idea.id}", f"/ideas/{idea.id}/comments"):
            await page.goto(path)
            await check_page(page)
    await sign_in(page, links["Salme"])
    await page.goto(f"/ideas/{idea.id}")
    await page.get_by_role("article", name="Kaisa").get_by_role("link", name="Report").click()
    await check_page(page)
