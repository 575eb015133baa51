"""From a resident's words to a published idea, or a refusal with its reason."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from pb.errors import FieldErrors, NotAllowed, NotFound, Refusal, WrongPhase
from pb.ideas.forms import DecideForm, IdeaForm
from pb.ideas.models import Idea, IdeaState
from pb.ideas.service import decide_idea, submit_idea
from pb.language import in_language
from pb.permissions import Phase, Role
from tests.cast import DAY, NOW, make_area, make_idea, make_person, make_round
from tests.visitor import words

IDEA = {"title": "Pihakonsertit", "description": "Kuusi konserttia kesällä."}
SECOND = DAY / 86400


def count_ideas(session):
    return session.scalar(select(func.count()).select_from(Idea))


@pytest.mark.parametrize(
    ("now", "error"),
    [
        (NOW - 5 * DAY - SECOND, NotFound),  # the round is still a draft
        (NOW - 5 * DAY, None),
        (NOW, None),
        (NOW + 5 * DAY - SECOND, None),
        (NOW + 5 * DAY, WrongPhase),
        (NOW + 20 * DAY, WrongPhase),
    ],
)
async def test_ideas_are_taken_in_their_phase_to_the_instant(session, round_, resident, now, error):
    if error is None:
        await submit_idea(session, resident, round_.id, IdeaForm(**IDEA), now)
    else:
        with pytest.raises(error):
            await submit_idea(session, resident, round_.id, IdeaForm(**IDEA), now)
    assert await count_ideas(session) == (error is None)


async def test_a_new_idea_is_seen_by_its_author_and_staff_only(session, round_, resident, officer, visit):
    author = await visit(resident)
    answer = await author.post(f"/rounds/{round_.id}/ideas/new", IDEA)
    path = answer.headers["location"]
    assert "Thank you. Your idea has come in." in words(await author.get(path))
    assert (await (await visit(officer)).get(path)).status_code == 200
    other = await visit(await make_person(session, "Onni"))
    assert (await other.get(path)).status_code == 404
    assert "Pihakonsertit" not in (await other.get(f"/rounds/{round_.id}/ideas")).text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"title": " ", "description": "Kuusi konserttia."}, "Fill in this field."),
        ({"title": "Konsertit", "description": ""}, "Fill in this field."),
        ({"title": "K" * 201, "description": "Kuusi"}, "Shorten this to 200 characters at most."),
        (IDEA | {"area_id": "00000000-0000-0000-0000-000000000000"}, "Choose one of the areas."),
        (IDEA | {"area_id": "Lammi"}, "Choose one of the alternatives."),
    ],
)
async def test_a_wrong_idea_keeps_what_was_typed(session, round_, resident, visit, form, sentence):
    answer = await (await visit(resident)).post(f"/rounds/{round_.id}/ideas/new", form)
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert all(form[name].strip() in answer.text for name in IDEA)
    assert await count_ideas(session) == 0


async def test_signed_out_while_writing_nothing_is_lost(round_, visitor):
    answer = await visitor.post(f"/rounds/{round_.id}/ideas/new", IDEA)
    assert answer.status_code == 422
    assert all(text in answer.text for text in IDEA.values())
    assert "Your mail address" in words(answer)


async def test_too_late_with_an_idea_nothing_is_lost(session, culture, resident, visit):
    late = await make_round(session, culture, Phase.ESTIMATES)
    await session.commit()
    answer = await (await visit(resident)).post(f"/rounds/{late.id}/ideas/new", IDEA)
    assert (answer.status_code, "This is not open now." in words(answer)) == (409, True)
    assert all(text in answer.text for text in IDEA.values())


async def test_a_decision_is_made_once(session, round_, resident, officer):
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    await decide_idea(session, officer, idea.id, DecideForm(decision="publish"), NOW)
    assert (idea.state, idea.decided_at) == (IdeaState.PUBLISHED, NOW)
    with pytest.raises(Refusal):
        await decide_idea(session, officer, idea.id, DecideForm(decision="refuse", reason="x"), NOW)


async def test_a_refusal_needs_its_reason(session, round_, resident, officer):
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    with pytest.raises(FieldErrors):
        await decide_idea(session, officer, idea.id, DecideForm(decision="refuse"), NOW)
    assert idea.state is IdeaState.SUBMITTED


@pytest.mark.parametrize("role", [Role.ESTIMATOR, Role.COUNCILLOR, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_others_do_not_decide(session, round_, culture, resident, role):
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    other = await make_person(session, "Joku", role)
    with pytest.raises(NotAllowed):
        await decide_idea(session, other, idea.id, DecideForm(decision="publish"), NOW)


async def test_a_wrong_decision_keeps_what_was_typed(session, round_, resident, officer, visit):
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    await session.commit()
    browser = await visit(officer)
    answer = await browser.post(f"/ideas/{idea.id}/decide", {"decision": "refuse", "reason": " "})
    assert (answer.status_code, 'value="refuse" checked' in answer.text) == (422, True)
    answer = await browser.post(f"/ideas/{idea.id}/decide", {"reason": "Ei kuulu kaupungille."})
    assert (answer.status_code, "Ei kuulu kaupungille." in answer.text) == (422, True)


async def test_the_reason_is_public_and_the_refused_text_is_not(session, round_, resident, officer, visit):
    idea = await make_idea(session, round_, resident, state=IdeaState.REFUSED)
    auditor = await make_person(session, "Aulis", Role.AUDITOR)
    await session.commit()
    for who, sees in ((None, False), (resident, True), (officer, True), (auditor, True)):
        page = await (await visit(who)).get(f"/ideas/{idea.id}")
        assert "Ei kuulu kaupungille." in page.text
        assert ("Kuusi konserttia kesällä." in page.text) == sees


async def test_the_order_is_drawn_for_each_visitor_and_stays(session, round_, resident, visit):
    for n in range(12):
        await make_idea(session, round_, resident, f"Idea-{n:02}")
    await make_idea(session, round_, resident, "Zoo", IdeaState.REFUSED)
    await session.commit()

    async def titles(browser) -> list[str]:
        page = (await browser.get(f"/rounds/{round_.id}/ideas")).text
        return sorted([f"Idea-{n:02}" for n in range(12)] + ["Zoo"], key=page.index)

    browsers = [await visit(None) for _browser in range(3)]
    orders = [[await titles(b) for _again in range(3)] for b in browsers]
    assert all(first == again for first, *rest in orders for again in rest)
    assert len({tuple(first) for first, *_rest in orders}) > 1
    assert all(first[-1] == "Zoo" for first, *_rest in orders)


async def test_the_list_asks_the_database_equally_often_for_any_number_of_ideas(session, counted, round_, visit):
    browser, asked = await visit(None), []
    for n in (1, 10):
        for _idea in range(n):
            person = await make_person(session, f"Ansa{len(asked)}{_idea}")
            await make_idea(session, round_, person, area=await make_area(session, f"Alue {len(asked)}{_idea}"))
        await session.commit()
        with counted() as reads:
            await browser.get(f"/rounds/{round_.id}/ideas")
        asked.append(len(reads))
    assert asked[0] == asked[1]


async def test_markup_in_an_idea_is_shown_as_text(session, round_, resident, officer, visit):
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    area = await make_area(session, attack)
    round_.title = round_.summary = attack
    states = (IdeaState.SUBMITTED, IdeaState.PUBLISHED, IdeaState.REFUSED)
    ideas = [await make_idea(session, round_, resident, attack, state, area) for state in states]
    for idea in ideas:
        idea.description, idea.reason = attack, attack
    await session.commit()
    browser = await visit(officer)
    staff = [f"/desk/rounds/{round_.id}", f"/rounds/{round_.id}/edit", f"/ideas/{ideas[1].id}/estimate", "/desk"]
    open_pages = ["/", "/city", f"/rounds/{round_.id}", f"/rounds/{round_.id}/ideas", f"/rounds/{round_.id}/ideas/new"]
    for path in [*staff, *open_pages, *(f"/ideas/{idea.id}" for idea in ideas)]:
        page = await browser.get(path)
        assert page.status_code == 200
        assert "alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


async def test_markup_typed_in_a_wrong_form_is_shown_as_text(round_, resident, visit):
    attack = "<script>alert(1)</script>"
    form = {"title": f'">{attack}', "description": f"</textarea>{attack}", "area_id": attack}
    answer = await (await visit(resident)).post(f"/rounds/{round_.id}/ideas/new", form)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_the_reason_is_asked_in_the_visitors_words():
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        DecideForm(decision="refuse").check()
    assert wrong.value.errors == {"reason": "Write the reason. It is shown to everybody on the idea's page."}


async def test_a_form_sent_twice_is_one_idea(session, culture, resident, visit):
    round_ = await make_round(session, culture, Phase.IDEAS)
    await session.commit()
    browser = await visit(resident)
    sent = {"title": "Pihakonsertit", "description": "Kesällä.", "submission": str(uuid4())}
    first, second = [await browser.post(f"/rounds/{round_.id}/ideas/new", sent) for _time in range(2)]
    assert first.headers["location"] == second.headers["location"]


async def test_nobody_gets_at_an_idea_by_sending_its_id(session, culture, resident, visit):
    round_ = await make_round(session, culture, Phase.IDEAS)
    hidden = await make_idea(session, round_, await make_person(session, "Toinen"), state=IdeaState.SUBMITTED)
    await session.commit()
    sent = {"title": "T", "description": "D", "submission": str(hidden.id)}
    answer = await (await visit(resident)).post(f"/rounds/{round_.id}/ideas/new", sent)
    assert (answer.status_code, str(hidden.id) in answer.headers["location"]) == (303, False), (
        "it is an idea of its own"
    )
    await session.refresh(hidden)
    assert hidden.title == "Pihakonsertit"
