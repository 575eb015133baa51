"""What becomes of the chosen projects: told by the service that does them, and only of those."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from pb.delivery.forms import DeliveryForm
from pb.delivery.models import Delivery
from pb.delivery.queries import list_chosen
from pb.delivery.service import note_delivery
from pb.errors import FieldErrors, NotAllowed, NotFound
from pb.notices.models import Notice, NoticeKind
from pb.notices.service import follow
from pb.people.models import Person
from pb.permissions import Role
from pb.results.service import publish_results
from tests.cast import NOW, make_idea, make_person, make_service
from tests.results.voted import Voted, cast_six_ballots, close_and_count, confirm, make_counted, make_draft
from tests.visitor import words

UNDER_WAY = DeliveryForm(state="under way", text="Soittimet on tilattu.", due=date(2027, 8, 31), spent=1_200_50)


@pytest.fixture
async def counted(session) -> Voted:
    """Projects 1, 3 and 4 are chosen; the result is not published."""
    made = await make_counted(session)
    await session.commit()
    return made


@pytest.fixture
async def voted(session, counted) -> Voted:
    await publish_results(session, counted.officer, counted.round.id, datetime.now(UTC))
    await session.commit()
    return counted


def notes(session):
    return session.scalar(select(func.count()).select_from(Delivery))


async def test_the_chosen_projects_with_what_they_get(session, voted):
    chosen = await list_chosen(session, voted.round)
    assert [(c.project.number, c.paid_cents) for c in chosen] == [(1, 6_000_00), (3, 3_000_00), (4, 20_000_00)]


async def test_nothing_is_told_before_the_result_is_published(session, counted, visit):
    path = f"/rounds/{counted.round.id}/delivery"
    assert (await (await visit(None)).get(path)).status_code == 404
    with pytest.raises(NotFound):
        await note_delivery(session, counted.officer, counted.round.id, counted.projects[0].id, UNDER_WAY, NOW)


async def test_a_note_on_a_project_that_was_not_chosen_is_refused(session, voted, visit):
    browser = await visit(voted.officer)
    for project in voted.projects:
        chosen = project.number in (1, 3, 4)
        path = f"/rounds/{voted.round.id}/delivery/{project.id}"
        assert (await browser.get(path)).status_code == (200 if chosen else 404)
        answer = await browser.post(path, {"state": "done", "spent": "1"})
        assert answer.status_code == (303 if chosen else 404)
    assert await notes(session) == 3


async def test_the_newest_note_counts_and_the_older_ones_stay(session, voted, visit):
    project, browser = voted.projects[0], await visit(voted.officer)
    path = f"/rounds/{voted.round.id}/delivery"
    first = {"state": "under way", "text": "Soittimet on tilattu.", "due": "2027-08-31", "spent": "1 200,50"}
    await browser.post(f"{path}/{project.id}", first)
    form = await browser.get(f"{path}/{project.id}")
    assert 'value="1200,50"' in form.text
    assert 'value="2027-08-31"' in form.text
    await browser.post(f"{path}/{project.id}", {"state": "done", "text": "Valmista.", "spent": "5 900"})
    page = words(await (await visit(None)).get(path))
    assert "3 projects were chosen. They have €29,000 together, and €5,900 has been spent." in page
    assert "Done Lammi Hanke 1-1 Valmista. Money for it €6,000 Spent so far €5,900" in page
    assert "Soittimet on tilattu." not in page
    assert "Tell how it goes" not in page
    assert "Soittimet on tilattu." in words(await browser.get(f"{path}/{project.id}"))


async def test_the_idea_tells_how_the_work_goes_and_its_followers_are_told(session, visit):
    draft = await make_draft(session, 1.0)
    author, fan = await make_person(session, "Ansa"), await make_person(session, "Onni")
    idea = await make_idea(session, draft.round, author)
    idea.area_id, draft.projects[0].idea_id = draft.lammi, idea.id
    voted = await confirm(session, draft)
    await cast_six_ballots(session, voted)
    await close_and_count(session, voted)
    await follow(session, fan.id, idea.id, NOW)
    await publish_results(session, voted.officer, voted.round.id, datetime.now(UTC))
    await note_delivery(session, voted.officer, voted.round.id, voted.projects[0].id, UNDER_WAY, datetime.now(UTC))
    await session.commit()
    told = list(await session.scalars(select(Notice).order_by(Notice.at)))
    assert [n.kind for n in told] == [NoticeKind.RESULT_PUBLISHED, NoticeKind.DELIVERY_MOVED]
    assert {(n.person_id, n.path) for n in told} == {(fan.id, f"/ideas/{idea.id}")}
    page = words(await (await visit(None)).get(f"/ideas/{idea.id}"))
    for sentence in ("How the work goes", "Soittimet on tilattu.", "Spent so far: €1,200.50.", "Done by 31 Aug 2027."):
        assert sentence in page


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"state": "stopped", "spent": "0"}, "Write why the project was stopped."),
        ({"state": "stopped", "text": " ", "spent": "0"}, "Write why the project was stopped."),
        ({"state": "done", "spent": "-5"}, "Write the amount in numbers"),
        ({"state": "done", "spent": ""}, "Write the amount in numbers"),
        ({"state": "done", "spent": "5", "due": "pian"}, "Write the day like this: 2026-12-13."),
        ({"state": "myöhässä", "spent": "5"}, "Choose one of the alternatives."),
    ],
)
async def test_a_wrong_note_is_explained(session, voted, visit, form, field):
    path = f"/rounds/{voted.round.id}/delivery/{voted.projects[0].id}"
    answer = await (await visit(voted.officer)).post(path, form)
    assert (answer.status_code, field in words(answer)) == (422, True)
    assert await notes(session) == 0


async def test_only_the_service_that_pays_tells(session, voted, visit):
    service = voted.round.service
    sports = await make_service(session, "Liikuntapalvelut")
    people = {
        "estimator": await make_person(session, "Esa", Role.ESTIMATOR, service),
        "clerk": await make_person(session, "Kaisa", Role.CLERK, service),
        "another officer": await make_person(session, "Leo", Role.OFFICER, sports),
        "resident": await make_person(session, "Raija"),
    }
    for who, person in people.items():
        browser = await visit(person)
        path = f"/rounds/{voted.round.id}/delivery/{voted.projects[0].id}"
        expected = (200, 303) if who == "estimator" else (403, 403)
        answers = (await browser.get(path), await browser.post(path, {"state": "done", "spent": "1"}))
        assert tuple(answer.status_code for answer in answers) == expected, who
    stop = DeliveryForm(state="stopped", spent=0)
    with pytest.raises(FieldErrors):  # a stop without its reason: the right was there
        await note_delivery(session, voted.officer, voted.round.id, voted.projects[3].id, stop, NOW)
    with pytest.raises(NotAllowed):
        await note_delivery(session, people["resident"], voted.round.id, voted.projects[0].id, UNDER_WAY, NOW)


async def test_a_second_press_adds_no_second_note_and_other_words_do(session, voted, visit):
    browser, path = await visit(voted.officer), f"/rounds/{voted.round.id}/delivery/{voted.projects[0].id}"
    key = re.search('name="submission" value="(.+?)"', (await browser.get(path)).text)[1]
    form = {"state": "under way", "text": "Tilattu.", "spent": "5", "submission": key}
    for _press in range(2):
        assert (await browser.post(path, form)).status_code == 303
    assert await notes(session) == 1
    assert (await browser.post(path, form | {"text": "Saatu."})).status_code == 303
    assert await notes(session) == 2


async def test_staff_who_are_never_named_tell_as_the_service(session, voted, visit):
    browser, path = await visit(voted.officer), f"/rounds/{voted.round.id}/delivery/{voted.projects[0].id}"
    await browser.post(path, {"state": "under way", "spent": "5"})
    name, service = voted.officer.name, voted.round.service.name
    assert f"{name}, {service}" in words(await browser.get(path))
    await session.execute(update(Person).values(unnamed=True))
    await session.commit()
    page = words(await browser.get(path))
    assert f", {service}" in page
    assert name not in page
