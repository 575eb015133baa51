"""Staff enter ideas on somebody's behalf, and sort them when they decide."""

import pytest
from sqlalchemy import select

from pb.audit import Event
from pb.errors import NotAllowed, WrongPhase
from pb.ideas.forms import DecideForm, EnteredForm
from pb.ideas.models import Idea, IdeaState, Origin, Theme
from pb.ideas.service import decide_idea, enter_idea
from pb.notices.models import Notice, NoticeKind
from pb.people.queries import find_person
from pb.permissions import Phase, Role
from pb.pictures.forms import Sent
from pb.pictures.models import Picture
from tests.cast import NOW, make_idea, make_person, make_round, make_service
from tests.pictures.test_rules import picture, sent
from tests.visitor import words

IDEA = {"title": "Pihakonsertit", "description": "Kuusi konserttia kesällä.", "origin": "event"}


@pytest.fixture
async def clerk(session, culture):
    return await make_person(session, "Kaisa", Role.CLERK, culture)


async def test_a_clerk_enters_an_idea_and_its_person_is_told_and_finds_it(session, round_, clerk, officer, visit):
    form = IDEA | {"origin_note": "Syysmarkkinat", "email": "Veera@Example.fi", "alt_1": "Piha"}
    files = {"picture_1": ("kuva.png", sent(picture(), "PNG"), "image/png")}
    desk = await visit(clerk)
    assert (await desk.get(f"/rounds/{round_.id}/ideas/enter")).status_code == 200
    answer = await desk.post(f"/rounds/{round_.id}/ideas/enter", form, files=files)
    assert answer.status_code == 303
    idea = (await session.scalars(select(Idea))).one()
    veera = await find_person(session, "veera@example.fi")
    assert (idea.state, idea.origin, idea.origin_note) == (IdeaState.SUBMITTED, Origin.EVENT, "Syysmarkkinat")
    assert (idea.author_id, idea.entered_by_id) == (veera.id, clerk.id)
    assert (await session.scalars(select(Picture.thing_id))).one() == idea.id
    assert (await session.scalars(select(Event.deed))).all() == ["idea entered"]
    assert (await (await visit(veera)).get(f"/ideas/{idea.id}")).status_code == 200
    await decide_idea(session, officer, idea.id, DecideForm(decision="publish"), NOW)
    assert (await session.scalars(select(Notice.person_id))).all() == [veera.id]


async def test_an_idea_may_be_nobody_s(session, round_, clerk):
    form = EnteredForm(**IDEA, name="Ville Virtanen", shown_name="name")
    idea = await enter_idea(session, clerk, round_.id, form, Sent(), NOW)
    assert (idea.author_id, idea.shown_name) == (None, "area")
    assert await enter_idea(session, clerk, round_.id, form, Sent(), NOW) is idea, "the same form is the same idea"


@pytest.mark.parametrize("role", [None, Role.ESTIMATOR, Role.COUNCILLOR, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_others_enter_nothing(session, round_, role):
    other = await make_person(session, "Joku", role)
    with pytest.raises(NotAllowed):
        await enter_idea(session, other, round_.id, EnteredForm(**IDEA), Sent(), NOW)


async def test_another_services_clerk_enters_nothing_and_nobody_does_in_the_vote(session, culture, round_, clerk):
    stranger = await make_person(session, "Leo", Role.CLERK, await make_service(session, "Liikunta"))
    with pytest.raises(NotAllowed):
        await enter_idea(session, stranger, round_.id, EnteredForm(**IDEA), Sent(), NOW)
    voting = await make_round(session, culture, Phase.VOTING)
    with pytest.raises(WrongPhase):
        await enter_idea(session, clerk, voting.id, EnteredForm(**IDEA), Sent(), NOW)


async def test_a_wrong_entry_keeps_what_was_typed(round_, clerk, visit):
    files = {"picture_1": ("kuva.png", sent(picture(), "PNG"), "image/png")}
    form = {"title": "Konsertit", "description": "", "email": "veera", "alt_1": "Piha", "origin": "web"}
    answer = await (await visit(clerk)).post(f"/rounds/{round_.id}/ideas/enter", form, files=files)
    assert answer.status_code == 422
    told = words(answer)
    for sentence in (
        "Fill in this field.",
        "Check the address.",
        "Choose one of the alternatives.",
        "Choose the pictures again",
    ):
        assert sentence in told
    assert 'value="Konsertit"' in answer.text


async def test_the_author_is_told_of_the_decision_and_its_reason(session, round_, resident, officer, visit):
    browser = await visit(resident)
    path = (await browser.post(f"/rounds/{round_.id}/ideas/new", IDEA)).headers["location"]
    idea = (await session.scalars(select(Idea))).one()
    await decide_idea(session, officer, idea.id, DecideForm(decision="refuse", reason="Ei kuulu meille."), NOW)
    notice = (await session.scalars(select(Notice))).one()
    assert (notice.person_id, notice.kind) == (resident.id, NoticeKind.IDEA_REFUSED)
    assert (notice.subject, notice.detail, notice.path) == ("Pihakonsertit", "Ei kuulu meille.", path)


async def test_staff_sort_an_idea_when_they_decide(session, round_, resident, officer, lammi, visit):
    sports = await make_service(session, "Liikunta")
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    await session.commit()
    browser = await visit(officer)
    page = await browser.get(f"/ideas/{idea.id}/decide")
    assert "Guessed from earlier ideas." in words(page)
    assert '<option value="" selected>The city chooses' in page.text, "an idea without a service stays without one"
    wrong = {"decision": "publish", "service_id": str(lammi.id)}
    answer = await browser.post(f"/ideas/{idea.id}/decide", wrong)
    assert (answer.status_code, "Choose one of the services." in words(answer)) == (422, True)
    form = {"decision": "publish", "area_id": str(lammi.id), "theme": "arts", "service_id": str(sports.id)}
    assert (await browser.post(f"/ideas/{idea.id}/decide", form)).status_code == 303
    await session.refresh(idea, ["area_id", "theme", "service_id"])
    assert (idea.area_id, idea.theme, idea.service_id) == (lammi.id, Theme.ARTS, sports.id)
    assert set(await session.scalars(select(Event.deed))) == {"idea sorted", "idea published"}


async def test_a_decision_alone_moves_nothing(session, round_, resident, officer, lammi):
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED, area=lammi)
    await decide_idea(session, officer, idea.id, DecideForm(decision="publish"), NOW)
    assert idea.area_id == lammi.id
    assert (await session.scalars(select(Event.deed))).all() == ["idea published"]
