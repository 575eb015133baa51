"""From a visitor's words on the service to an answer within fourteen days."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from pb import jobs
from pb.audit import Event
from pb.errors import Refusal, TooMany
from pb.feedback import service
from pb.feedback.forms import AnswerForm, FeedbackForm
from pb.feedback.models import Feedback
from pb.feedback.rules import MOST_FROM_ONE, days_left, due
from pb.language import in_language
from pb.permissions import Role
from tests.cast import DAY, NOW, make_person
from tests.visitor import words


@pytest.fixture
async def coordinator(session):
    person = await make_person(session, "Elina", Role.COORDINATOR)
    await session.commit()
    return person


def count_feedback(session):
    return session.scalar(select(func.count()).select_from(Feedback))


def test_the_law_gives_fourteen_days():
    assert due(NOW) - NOW == 14 * DAY
    assert days_left(date(2027, 3, 1), date(2027, 2, 27)) == 2
    assert days_left(date(2027, 3, 1), date(2027, 3, 2)) == -1


async def test_feedback_needs_no_account_and_gets_an_answer_by_mail(
    session, sessions, visitor, visit, coordinator, capsys
):
    form = {"text": "Karttaa ei voi lukea.", "page": "/city", "email": "Raija@example.fi", "accessibility": "yes"}
    answer = await visitor.post("/feedback", form)
    assert "We answer to raija@example.fi by" in words(answer)
    message = await session.scalar(select(Feedback))
    assert (message.text, message.page, message.accessibility) == ("Karttaa ei voi lukea.", "/city", True)
    browser = await visit(coordinator)
    assert "Karttaa ei voi lukea." in words(await browser.get("/desk/feedback"))
    answered = await browser.post(f"/desk/feedback/{message.id}", {"answer": "Kartan alla on luettelo."})
    assert answered.status_code == 303
    await session.refresh(message)
    assert (message.answer, message.answered_by_id) == ("Kartan alla on luettelo.", coordinator.id)
    assert await session.scalar(select(Event.deed).where(Event.person_id == coordinator.id)) == "feedback answered"
    assert await session.scalar(text("SELECT entrypoint FROM pgqueuer")) == "mail_answer"
    await service.mail_answer(jobs.Context(sessions), feedback_id=str(message.id))
    assert "mail to raija@example.fi" in (printed := capsys.readouterr().out)
    assert "Kartan alla on luettelo." in printed


async def test_a_form_sent_twice_is_one_message(session, visitor):
    form = {"text": "Hyvin toimii.", "submission": str(uuid4())}
    for _press in range(2):
        assert (await visitor.post("/feedback", form)).status_code == 200
    assert await count_feedback(session) == 1
    await visitor.post("/feedback", form | {"text": "Paitsi kartta."})
    assert await count_feedback(session) == 2, "other words in the same form are not dropped"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"text": " "}, "Fill in this field."),
        ({"text": "a" * 5001}, "Shorten this to 5000 characters at most."),
        ({"text": "Hei", "email": "raija"}, "Check the address."),
    ],
)
async def test_a_wrong_form_keeps_what_was_typed(session, visitor, form, sentence):
    answer = await visitor.post("/feedback", form | {"page": "/rounds"})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert "/rounds" in answer.text
    assert await count_feedback(session) == 0


async def test_an_answer_is_given_once_and_not_empty(session, visit, coordinator):
    message = Feedback(at=NOW, page="", text="Hei", language="fi")
    session.add(message)
    await session.commit()
    browser = await visit(coordinator)
    empty = await browser.post(f"/desk/feedback/{message.id}", {"answer": " "})
    assert (empty.status_code, "Fill in this field." in words(empty)) == (422, True)
    await service.answer_feedback(session, coordinator, message.id, AnswerForm(answer="Kiitos."), NOW)
    with pytest.raises(Refusal):
        await service.answer_feedback(session, coordinator, message.id, AnswerForm(answer="Toinen."), NOW)


async def test_late_answers_show_on_the_desk(session, visit, coordinator):
    session.add(Feedback(at=NOW - 15 * DAY, page="", text="Myöhässä", language="fi"))
    await session.commit()
    assert "Late" in words(await (await visit(coordinator)).get("/desk/feedback"))


async def test_a_flood_is_refused_with_a_sentence(session, monkeypatch):
    monkeypatch.setattr(service, "MOST_WAITING", 1)
    await service.give_feedback(session, FeedbackForm(text="Yksi"), "192.0.2.1", NOW)
    with in_language("en"), pytest.raises(TooMany, match="Call us"):
        await service.give_feedback(session, FeedbackForm(text="Kaksi"), "192.0.2.2", NOW)


async def test_one_address_does_not_close_feedback_for_the_others_and_is_forgotten(session):
    for n in range(MOST_FROM_ONE):
        await service.give_feedback(session, FeedbackForm(text=f"Viesti {n}"), "192.0.2.1", NOW)
    with in_language("en"), pytest.raises(TooMany, match="Call us"):
        await service.give_feedback(session, FeedbackForm(text="Vielä"), "192.0.2.1", NOW)
    await service.give_feedback(session, FeedbackForm(text="Muu"), "192.0.2.2", NOW)
    await service.give_feedback(session, FeedbackForm(text="Huomenna"), "192.0.2.1", NOW + 2 * DAY)
    assert await session.scalar(select(func.count(Feedback.source_hmac))) == 1
    assert await count_feedback(session) == MOST_FROM_ONE + 2


async def test_the_statement_names_the_law_s_authority_and_the_way_to_tell(visitor):
    page = words(await visitor.get("/accessibility"))
    assert "Traficom" in page
    assert "We answer within 14 days." in page
    assert 'href="/feedback?accessibility=1"' in (await visitor.get("/accessibility")).text


async def test_the_form_takes_only_own_paths_as_its_page(visitor):
    assert 'value="https' not in (await visitor.get("/feedback?about=https://evil.example")).text
    assert 'value="/rounds/1"' in (await visitor.get("/feedback?about=/rounds/1")).text
