"""An author appeals once against each decision, in its time; an officer answers, and everybody can read both."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from pb.appeals.forms import AnswerForm, AppealForm
from pb.appeals.models import Appeal
from pb.appeals.queries import list_open_appeals, list_reopened
from pb.appeals.rules import TIME
from pb.appeals.service import answer_appeal, appeal
from pb.confirmation.service import confirm_ballot
from pb.errors import NotAllowed, NotFound, NotSignedIn, WrongPhase
from pb.estimates.forms import EstimateForm
from pb.estimates.service import estimate_idea
from pb.ideas.models import IdeaState
from pb.ideas.queries import get_idea
from pb.notices.models import Notice, NoticeKind
from pb.permissions import Phase, Role
from pb.versions.models import CoAuthor
from tests.cast import DAY, NOW, make_allocation, make_idea, make_person, make_projects, make_round
from tests.visitor import words

REASONS = AppealForm(text="Talo on jo kaupungin.")
STANDS = AnswerForm(outcome="stands", answer="Talo puretaan ensi vuonna.")
CHANGED = AnswerForm(outcome="changed", answer="Olit oikeassa.")
NO = EstimateForm(feasible="no", reason="Talo puretaan.")
TICK = DAY / 86_400


@pytest.fixture
async def round_(session, culture):
    return await make_round(session, culture, Phase.ESTIMATES)


@pytest.fixture
async def refused(session, round_, resident):
    """The resident's idea that was refused nine days ago."""
    made = await make_idea(session, round_, resident, state=IdeaState.REFUSED)
    await session.commit()
    session.expunge(resident)  # as in the app, where whoever acts comes from the sign-in
    return await get_idea(session, made.id)


def appeals(session):
    return session.scalar(select(func.count()).select_from(Appeal))


async def test_the_answer_publishes_a_refused_idea_and_tells_its_author(session, refused, resident, officer):
    await appeal(session, resident, refused.id, REASONS, NOW)
    await answer_appeal(session, officer, refused.id, CHANGED, NOW + DAY)
    assert (refused.state, refused.decided_at) == (IdeaState.PUBLISHED, NOW + DAY)
    told = (await session.scalars(select(Notice))).one()
    assert (told.person_id, told.kind, told.detail) == (resident.id, NoticeKind.APPEAL_ANSWERED, CHANGED.answer)
    with pytest.raises(NotFound):
        await answer_appeal(session, officer, refused.id, STANDS, NOW + DAY)


async def test_one_appeal_against_each_decision(session, refused, resident, officer):
    await appeal(session, resident, refused.id, REASONS, NOW)
    with pytest.raises(WrongPhase):
        await appeal(session, resident, refused.id, AppealForm(text="Ja muutenkin."), NOW)
    await answer_appeal(session, officer, refused.id, STANDS, NOW)
    assert refused.state is IdeaState.REFUSED
    with pytest.raises(WrongPhase):
        await appeal(session, resident, refused.id, REASONS, NOW)


async def test_each_estimate_is_a_decision_of_its_own(session, round_, resident, officer):
    idea = await make_idea(session, round_, resident)
    await session.commit()
    session.expunge(resident)
    with pytest.raises(WrongPhase):  # nothing has been decided that one could be against
        await appeal(session, resident, idea.id, REASONS, NOW)
    for turn in range(2):
        now = NOW + turn * DAY
        await estimate_idea(session, officer, idea.id, NO, now)
        await appeal(session, resident, idea.id, REASONS, now)
        assert await list_reopened(session, round_.id) == []
        await answer_appeal(session, officer, idea.id, CHANGED, now + TICK)
        assert [i.id for i in await list_reopened(session, round_.id)] == [idea.id]
    assert idea.state is IdeaState.PUBLISHED
    assert await appeals(session) == 2


@pytest.mark.parametrize(("after", "error"), [(TIME - TICK, None), (TIME, WrongPhase)])
async def test_the_time_for_an_appeal_is_kept_to_the_instant(session, culture, resident, after, error):
    idea = await make_idea(session, await make_round(session, culture, Phase.IDEAS), resident, state=IdeaState.REFUSED)
    idea.decided_at = NOW - after
    await session.commit()
    session.expunge(resident)
    if error is None:
        await appeal(session, resident, idea.id, REASONS, NOW)
    else:
        with pytest.raises(error):
            await appeal(session, resident, idea.id, REASONS, NOW)
    assert await appeals(session) == (error is None)


@pytest.mark.parametrize("phase", [Phase.IDEAS, Phase.ESTIMATES, Phase.VOTING, Phase.RESULTS])
@pytest.mark.parametrize("who", ["author", "co-author", "asked", "another", "officer", "nobody"])
async def test_who_appeals_in_which_phase(session, culture, resident, officer, phase, who):
    idea = await make_idea(session, await make_round(session, culture, phase), resident, state=IdeaState.REFUSED)
    people = {"author": resident, "officer": officer, "nobody": None}
    for name in ("co-author", "asked", "another"):
        people[name] = await make_person(session, name)
    joined = {"co-author": NOW, "asked": None}
    session.add_all(
        CoAuthor(idea_id=idea.id, person_id=people[name].id, invited_at=NOW, accepted_at=at)
        for name, at in joined.items()
    )
    await session.commit()
    session.expunge(resident)
    may, open_ = who in ("author", "co-author"), phase in (Phase.IDEAS, Phase.ESTIMATES)
    if may and open_:
        await appeal(session, people[who], idea.id, REASONS, NOW)
    else:
        error = NotSignedIn if who == "nobody" else WrongPhase if not open_ else NotAllowed
        with pytest.raises(error):
            await appeal(session, people[who], idea.id, REASONS, NOW)
    assert await appeals(session) == (may and open_)


@pytest.mark.parametrize("role", [None, Role.CLERK, Role.ESTIMATOR, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_an_officer_answers(session, culture, refused, resident, role):
    await appeal(session, resident, refused.id, REASONS, NOW)
    other = await make_person(session, "Muu", role, culture if role in (Role.CLERK, Role.ESTIMATOR) else None)
    with pytest.raises(NotAllowed):
        await answer_appeal(session, other, refused.id, CHANGED, NOW)


async def test_a_confirmed_ballot_ends_appeals_and_an_open_one_is_still_answered(
    session, round_, refused, resident, officer
):
    onni = await make_person(session, "Onni")
    late = await make_idea(session, round_, onni, state=IdeaState.REFUSED)
    await appeal(session, resident, refused.id, REASONS, NOW)
    round_.allocations.append(await make_allocation(session, round_, 1))
    await make_projects(session, round_.allocations[0], 100)
    await session.commit()
    await confirm_ballot(session, officer, round_.id, NOW)
    session.expunge(onni)
    with pytest.raises(WrongPhase):
        await appeal(session, onni, late.id, REASONS, NOW)
    await answer_appeal(session, officer, refused.id, STANDS, NOW + 10 * DAY)
    assert await list_open_appeals(session, round_.id) == []


async def test_pages_show_the_appeal_its_answer_and_what_waits(session, round_, refused, resident, officer, visit):
    author, staff, anybody = await visit(resident), await visit(officer), await visit(None)
    assert "Write an appeal" in words(await author.get(f"/ideas/{refused.id}"))
    assert "Write an appeal" not in words(await anybody.get(f"/ideas/{refused.id}"))
    page = words(await author.get(f"/ideas/{refused.id}/appeal"))
    assert "Ei kuulu kaupungille." in page
    assert (await author.post(f"/ideas/{refused.id}/appeal", {"text": " "})).status_code == 422
    assert (await author.post(f"/ideas/{refused.id}/appeal", {"text": REASONS.text})).status_code == 303
    assert (await author.get(f"/ideas/{refused.id}/appeal")).status_code == 409
    assert "Talo on jo kaupungin." in words(await anybody.get(f"/ideas/{refused.id}"))
    desk = await staff.get(f"/desk/rounds/{round_.id}")
    assert "Appeals to answer (1)" in words(desk)
    assert f"/ideas/{refused.id}/appeal/answer" in desk.text
    answer = {"outcome": "stands", "answer": STANDS.answer}
    assert (await staff.post(f"/ideas/{refused.id}/appeal/answer", {"answer": "x"})).status_code == 422
    assert (await staff.post(f"/ideas/{refused.id}/appeal/answer", answer)).status_code == 303
    page = words(await anybody.get(f"/ideas/{refused.id}"))
    assert "The decision stands Talo puretaan ensi vuonna." in page
    assert "Olli" in page
    assert "Appeals to answer" not in words(await staff.get(f"/desk/rounds/{round_.id}"))


async def test_appeals_wait_oldest_first_with_their_days(session, round_, resident, officer, visit):
    for days in (1, 3):
        idea = await make_idea(session, round_, resident, f"Idea {days}", state=IdeaState.REFUSED)
        idea.decided_at = NOW - 5 * DAY
        session.add(
            Appeal(
                idea_id=idea.id,
                person_id=resident.id,
                against="refusal",
                decided_at=idea.decided_at,
                text="Miksi?",
                at=NOW - days * DAY,
            )
        )
    await session.commit()
    page = words(await (await visit(officer)).get(f"/desk/rounds/{round_.id}"))
    assert page.index("Idea 3 the refusal 3 days") < page.index("Idea 1 the refusal One day")


@pytest.mark.parametrize(
    "wrong", [{"outcome": "stands"}, {"answer": "Koska."}, {"outcome": "stands", "answer": "K", "answered_at": NOW}]
)
async def test_the_database_keeps_no_half_an_answer(session, refused, resident, wrong):
    row = {"idea_id": refused.id, "person_id": resident.id, "against": "refusal", "decided_at": refused.decided_at}
    session.add(Appeal(**row, text="Miksi?", at=NOW, **wrong))
    with pytest.raises(IntegrityError):
        await session.flush()


async def test_a_second_press_leads_to_the_appeal_that_was_sent(session, refused, resident, visit):
    browser = await visit(resident)
    for _press in range(2):
        answer = await browser.post(f"/ideas/{refused.id}/appeal", {"text": REASONS.text})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{refused.id}#appeals")
    assert await appeals(session) == 1
    assert (await browser.post(f"/ideas/{refused.id}/appeal", {"text": "Muuta."})).status_code == 409


async def test_the_answer_page_shows_the_estimate_that_was_appealed_against(session, round_, resident, officer, visit):
    idea = await make_idea(session, round_, resident)
    await session.commit()
    session.expunge(resident)
    await estimate_idea(session, officer, idea.id, NO, NOW)
    await appeal(session, resident, idea.id, REASONS, NOW)
    newer = EstimateForm(feasible="no", reason="Uusi syy.")
    await estimate_idea(session, officer, idea.id, newer, NOW + TICK)
    await session.commit()
    page = words(await (await visit(officer)).get(f"/ideas/{idea.id}/appeal/answer"))
    assert "What was decided Talo puretaan." in page
    assert "Uusi syy." not in page


async def test_staff_who_are_never_named_answer_and_estimate_as_the_service(session, round_, resident, officer, visit):
    idea = await make_idea(session, round_, resident)
    await session.commit()
    session.expunge(resident)
    await estimate_idea(session, officer, idea.id, NO, NOW)
    await appeal(session, resident, idea.id, REASONS, NOW)
    await answer_appeal(session, officer, idea.id, STANDS, NOW + TICK)
    await session.commit()
    anybody = await visit(None)
    assert words(await anybody.get(f"/ideas/{idea.id}")).count(", Olli, Kulttuuripalvelut") == 2
    officer.unnamed = True
    await session.commit()
    page = words(await anybody.get(f"/ideas/{idea.id}"))
    assert "Olli" not in page
    assert page.count(", Kulttuuripalvelut") == 2
