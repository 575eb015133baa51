"""The front page, the desk and the audit trail."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest

from pb.audit import Deed, record
from pb.ideas.models import IdeaState
from pb.permissions import Phase, Role
from tests.cast import NOW, make_allocation, make_area, make_idea, make_person, make_round, make_service
from tests.visitor import words


async def test_the_front_page_lists_public_rounds_and_their_next_step(session, culture, visit):
    titles = {Phase.IDEAS: "Ideakierros", Phase.VOTING: "Vahvistamaton kierros"}
    for phase, title in titles.items():
        await make_round(session, culture, phase, title)
    draft = await make_round(session, culture, Phase.IDEAS, "Luonnos")
    for window in draft.windows:
        window.opens = max(window.opens, NOW.replace(year=NOW.year + 1))
        window.closes = window.opens.replace(year=NOW.year + 2)
        break
    draft.windows = draft.windows[:1]
    await session.commit()
    page = words(await (await visit(None)).get("/"))
    assert all(title in page for title in titles.values())
    assert "Luonnos" not in page
    assert "Propose an idea" in page
    assert "Vote now" not in page


async def test_the_desk_tells_each_what_waits_for_them(session, culture, resident, visit):
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    await make_idea(session, round_, resident, "Yksi", IdeaState.SUBMITTED)
    await make_idea(session, round_, resident, "Kaksi")
    await make_idea(session, round_, resident, "Kolme")
    await session.commit()
    sports = await make_service(session, "Liikunta")
    seen = {}
    staff = (
        (Role.OFFICER, culture),
        (Role.CLERK, culture),
        (Role.COUNCILLOR, None),
        (Role.OFFICER, sports),
    )
    for role, service in staff:
        person = await make_person(session, f"{role}{len(seen)}", role, service)
        seen[role, service and service.name] = words(await (await visit(person)).get("/desk"))
    assert "1 to decide · 2 to estimate" in seen[Role.OFFICER, culture.name]
    assert "Confirm the ballot" in seen[Role.OFFICER, culture.name]
    assert "Roll and voting codes" in seen[Role.CLERK, culture.name]
    assert "Confirm the ballot" not in seen[Role.CLERK, culture.name]
    for page in (seen[Role.COUNCILLOR, None], seen[Role.OFFICER, "Liikunta"]):
        assert "to decide" not in page
        assert "Confirm the ballot" not in page


async def test_a_rounds_desk_lists_what_to_decide_and_estimate(session, culture, resident, officer, visit):
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    for title, state in (("Yksi", IdeaState.SUBMITTED), ("Kaksi", IdeaState.PUBLISHED), ("Kolme", IdeaState.REFUSED)):
        await make_idea(session, round_, resident, title, state)
    await session.commit()
    page = words(await (await visit(officer)).get(f"/desk/rounds/{round_.id}"))
    assert "To publish or refuse (1)" in page
    assert "To estimate (1)" in page
    assert "Kolme" not in page


@pytest.mark.parametrize("path", ["/", "/desk", "/desk/rounds/{}"])
async def test_a_page_asks_the_database_equally_often_for_any_number_of_rounds(
    session, culture, officer, counted, visit, path
):
    browser, asked, first = await visit(officer), [], None
    for n in (1, 6):
        for _round in range(n):
            round_ = await make_round(session, culture, Phase.ESTIMATES)
            first = first or round_
            for number in range(1, n + 1):
                area = await make_area(session, f"{len(asked)} {_round} {number}")
                await make_allocation(session, round_, number, area)
                await make_idea(session, first, await make_person(session, f"a{area.name}"), area=area)
        await session.commit()
        with counted() as reads:
            assert (await browser.get(path.format(first.id))).status_code == 200
        asked.append(len(reads))
    assert asked[0] == asked[1]


async def test_the_desk_sends_a_stranger_to_sign_in_and_back(visitor):
    answer = await visitor.get("/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?then=/desk")


async def test_a_resident_has_no_desk(resident, visit):
    answer = await (await visit(resident)).get("/desk")
    assert answer.status_code == 403
    assert "The desk is for the city's staff and elected representatives." in words(answer)


async def test_the_language_is_chosen_once_and_kept(visitor):
    assert '<html lang="en">' in (await visitor.get("/")).text
    assert '<html lang="sv">' in (await visitor.get("/?lang=sv")).text
    assert '<html lang="sv">' in (await visitor.get("/city")).text
    assert '<html lang="sv">' in (await visitor.get("/city?lang=xx")).text


async def test_every_deed_has_its_words_on_the_audit_page(session, visit):
    auditor = await make_person(session, "Aulis", Role.AUDITOR)
    for deed in Deed:
        record(session, None, Role.OFFICER, deed, "Kierros", now=NOW)
    await session.commit()
    page = await (await visit(auditor)).get("/desk/audit")
    assert (page.status_code, words(page).count("Kierros")) == (200, len(Deed))


async def test_another_language_keeps_what_was_asked_of_the_page(session, culture, visit):
    round_ = await make_round(session, culture, Phase.IDEAS)
    await session.commit()
    page = await (await visit(None)).get(f"/rounds/{round_.id}/ideas", params={"words": "a & b", "lang": "en"})
    links = re.findall(r'href="([^"]*)" lang="sv"', page.text)
    assert [dict(parse_qsl(unescape(link)[1:])) for link in links] == [{"words": "a & b", "lang": "sv"}]
