"""An idea's page in a real browser: every turn of its way, narrow and wide, light and dark."""

import pytest

from pb.appeals.models import Appeal
from pb.estimates.models import Estimate, Project
from pb.ideas.models import IdeaState
from pb.merging.models import Merge
from pb.permissions import Phase
from pb.versions.models import IdeaVersion
from tests.browser.conftest import check_page, sign_in
from tests.cast import (
    DAY,
    NOW,
    make_allocation,
    make_area,
    make_idea,
    make_person,
    make_round,
    make_service,
    sign_in_link,
)


@pytest.fixture
async def ideas(site) -> dict[str, str]:
    """Ideas by what became of them, and the link with which their author signs in."""
    async with site.sessions() as session:
        service, area = await make_service(session), await make_area(session)
        round_ = await make_round(session, service, Phase.ESTIMATES)
        allocation = await make_allocation(session, round_, 1, area)
        author = await make_person(session, "Raija")
        made = {
            name: await make_idea(session, round_, author, f"Pihakonsertit {name}", state, area)
            for name, state in {
                "published": IdeaState.PUBLISHED,
                "feasible": IdeaState.PUBLISHED,
                "infeasible": IdeaState.PUBLISHED,
                "refused": IdeaState.REFUSED,
                "submitted": IdeaState.SUBMITTED,
            }.items()
        }
        target = made["published"]
        made["merged"] = await make_idea(session, round_, author, "Soitto", IdeaState.MERGED, area, target)
        session.add(Merge(idea_id=made["merged"].id, into_id=target.id, reason="Sama asia.", at=NOW))
        for name, cost in (("feasible", 100_00), ("infeasible", None)):
            judged = {"feasible": cost is not None, "cost_cents": cost, "reason": "Lava.", "person_id": author.id}
            session.add(Estimate(idea_id=made[name].id, at=NOW - DAY, **judged))
        project = {"title": "Pihakonsertit", "summary": "", "cost_cents": 100_00, "idea_id": made["feasible"].id}
        session.add(Project(round_id=round_.id, allocation_id=allocation.id, **project))
        decided = {"against": "refusal", "decided_at": made["refused"].decided_at}
        refused = made["refused"].id
        session.add(Appeal(idea_id=refused, person_id=author.id, text="Kuuluu kaupungille.", at=NOW, **decided))
        old = {"title": "Konsertit", "description": "Viisi konserttia kesällä."}
        session.add(IdeaVersion(idea_id=target.id, person_id=author.id, at=NOW, **old))
        await session.commit()
        return {"link": await sign_in_link(session, author), **{name: str(idea.id) for name, idea in made.items()}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_every_turn_of_the_way_is_readable(ideas, open_page, width, scheme):
    page = await open_page(width=width, language="en")
    await page.emulate_media(color_scheme=scheme)
    await sign_in(page, ideas["link"])
    for name in ("published", "feasible", "infeasible", "refused", "submitted", "merged"):
        await page.goto(f"/ideas/{ideas[name]}")
        assert await page.locator(".route > li").count() >= 3
        await check_page(page)
    for path in ("published/history", "published/text", "published/authors", "infeasible/appeal"):
        name, page_name = path.split("/")
        await page.goto(f"/ideas/{ideas[name]}/{page_name}")
        await check_page(page)


async def test_the_step_that_is_now_is_marked_once_and_says_by_when(ideas, open_page):
    page = await open_page(language="en")
    await page.goto(f"/ideas/{ideas['published']}")
    now = page.locator('.route [aria-current="step"]')
    assert await now.count() == 1
    assert " ".join((await now.inner_text()).split()).startswith("Estimate Now by ")
    await page.goto(f"/ideas/{ideas['infeasible']}")
    assert await page.locator('.route [aria-current="step"]').count() == 0


async def test_an_author_changes_the_words_without_scripts(ideas, open_page):
    page = await open_page(language="en", javascript=False)
    await sign_in(page, ideas["link"])
    await page.goto(f"/ideas/{ideas['published']}")
    await page.get_by_role("link", name="Change the idea").click()
    await page.get_by_label("What and why").fill("Seitsemän konserttia kesällä.")
    await page.get_by_role("button", name="Save the change").click()
    await page.get_by_role("link", name="Changed 2 times").click()
    newest = page.get_by_role("region").first
    assert "Seitsemän" in await newest.locator("ins").inner_text()
    assert "Kuusi" in await newest.locator("del").inner_text()
