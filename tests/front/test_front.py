"""The front page, the desk and the audit trail."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest

from pb.appeals.models import Appeal
from pb.audit import Deed, record
from pb.city.models import Appointment
from pb.comments.models import Comment, Flag
from pb.estimates.models import Estimate
from pb.ideas.models import IdeaState
from pb.permissions import Phase, Role
from tests.cast import DAY, NOW, make_allocation, make_area, make_idea, make_person, make_round, make_service
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


async def test_the_desk_counts_reports_and_appeals_as_the_rounds_desk_lists_them(
    session, culture, resident, officer, visit
):
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    other = await make_round(session, culture, Phase.ESTIMATES, "Toinen")
    ideas = [await make_idea(session, round_, resident, title) for title in ("Yksi", "Kaksi", "Kolme")]
    elsewhere = await make_idea(session, other, resident, "Muualla")
    comment, settled = (
        Comment(idea_id=ideas[0].id, person_id=resident.id, shown_name="area", text="Roskaa", at=NOW) for _n in range(2)
    )
    session.add_all([comment, settled])
    await session.flush()
    for who in ("Timo", "Tiina"):  # two reports of one comment, and one of an idea
        person = await make_person(session, who)
        session.add(Flag(comment_id=comment.id, person_id=person.id, reason="Mainos", at=NOW))
    session.add(Flag(idea_id=ideas[1].id, person_id=resident.id, reason="Sama", at=NOW))
    session.add(Flag(comment_id=settled.id, person_id=resident.id, reason="Ei", at=NOW, settled_at=NOW))
    for idea in ideas:
        session.add(Estimate(idea_id=idea.id, feasible=False, reason="Ei", person_id=officer.id, at=NOW - DAY))
    asked = {"person_id": resident.id, "against": "estimate", "decided_at": NOW - DAY, "text": "Miksi?", "at": NOW}
    again = {"outcome": "changed", "answer": "Joo", "answered_at": NOW, "answered_by_id": officer.id}
    session.add_all(Appeal(idea_id=idea.id, **asked) for idea in (*ideas[:2], elsewhere))
    session.add(Appeal(idea_id=ideas[2].id, **asked, **again))
    await session.commit()
    browser = await visit(officer)
    desk = words(await browser.get("/desk"))
    assert "0 to decide · 1 to estimate · 2 reported · 2 appeals to answer" in desk
    assert "0 to decide · 1 to estimate · 1 appeal to answer" in desk  # the other round, of which nothing was reported
    page = words(await browser.get(f"/desk/rounds/{round_.id}"))
    assert all(heading in page for heading in ("To estimate (1)", "Reported (2)", "Appeals to answer (2)"))


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


async def test_staff_read_names_and_titles_in_their_own_language(session, culture, resident, visit):
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    area = await make_area(session, "Tuulos")
    await make_idea(session, round_, resident, area=area)
    allocation = await make_allocation(session, round_, 1, area)
    round_.translations = {"sv": {"title": "Omgång"}}
    culture.translations, area.translations = {"sv": {"name": "Kulturtjänster"}}, {"sv": {"name": "Tulois"}}
    allocation.translations = {"sv": {"name": "Tulois skola"}}
    staff = await make_person(session, "Anna", Role.ADMINISTRATOR)
    session.add(Appointment(person_id=staff.id, role=Role.OFFICER, service_id=culture.id, started_at=NOW))
    await session.commit()
    browser, own = await visit(staff, "sv"), f"/rounds/{round_.id}"
    for path, name, base in (
        (f"/desk{own}", "Tulois", "Tuulos"),
        ("/people", "Kulturtjänster", "Kulttuuripalvelut"),
        (f"{own}/money", "Tulois skola", "Tuulos"),
        (f"{own}/money", "Kulturtjänster", "Kulttuuripalvelut"),
        (f"{own}/confirm", "Tulois skola:", "Tuulos"),  # what has to be mended
        (f"{own}/confirm", "Tulois skola :", "Tuulos"),  # where few vote
    ):
        page = words(await browser.get(path))
        assert (name in page, base in page) == (True, False), path


async def test_another_language_keeps_what_was_asked_of_the_page(session, culture, visit):
    round_ = await make_round(session, culture, Phase.IDEAS)
    await session.commit()
    page = await (await visit(None)).get(f"/rounds/{round_.id}/ideas", params={"words": "a & b", "lang": "en"})
    links = re.findall(r'href="([^"]*)" lang="sv"', page.text)
    assert [dict(parse_qsl(unescape(link)[1:])) for link in links] == [{"words": "a & b", "lang": "sv"}]
