"""Reporting, folding, hiding and keeping."""

import pytest
from sqlalchemy import select

from pb.audit import Deed, Event
from pb.comments.forms import CommentForm, FlagForm, ModerateForm
from pb.comments.models import Flag
from pb.comments.queries import list_flagged, thread
from pb.comments.rules import FOLDED_AT, HOUR
from pb.comments.service import flag_comment, flag_idea, moderate_comment, moderate_idea, take_back, write_comment
from pb.errors import FieldErrors, NotAllowed, Refusal, WrongPhase
from pb.ideas.models import IdeaState
from pb.ideas.queries import sees_text
from pb.merging.forms import MergeForm
from pb.merging.service import merge_idea
from pb.notices.service import follow
from pb.permissions import Phase, Role
from pb.versions.forms import EditForm
from pb.versions.service import edit_idea
from tests.cast import NOW, make_idea, make_person, make_round, make_service
from tests.notices.test_mails import mail_now
from tests.visitor import words

HIDE = ModerateForm(decision="hide", reason="Mainos.")
KEEP = ModerateForm(decision="keep")
AD = FlagForm(reason="Tämä on mainos.")


@pytest.fixture
async def comment(session, idea, onni):
    made = await write_comment(session, onni, idea.id, CommentForm(text="Osta halvalla."), NOW)
    await session.commit()
    return made


async def flag(session, comment, people: range) -> None:
    """Reports of the comment by people of these numbers."""
    for n in people:
        await flag_comment(session, await make_person(session, f"R{n}"), comment.id, AD, NOW)


async def is_folded(session, idea) -> bool:
    (said,) = (await thread(session, idea, None)).said
    return said.folded


async def test_a_comment_reported_by_many_people_is_folded_until_staff_decide(session, idea, comment, officer, visit):
    await flag(session, comment, range(FOLDED_AT - 1))
    again = await make_person(session, "Sinnikäs")
    for _time in range(1):
        await flag_comment(session, again, comment.id, AD, NOW)
    assert await is_folded(session, idea)
    await session.commit()
    page = await (await visit(None)).get(f"/ideas/{idea.id}/comments")
    assert "<summary>Reported, staff look at it</summary>" in page.text
    await moderate_comment(session, officer, comment.id, KEEP, NOW)
    assert not await is_folded(session, idea)
    assert set(await session.scalars(select(Flag.settled_at))) == {NOW}


async def test_one_person_reports_a_thing_once(session, idea, comment, resident):
    for _time in range(FOLDED_AT):
        await flag_comment(session, resident, comment.id, AD, NOW)
    assert not await is_folded(session, idea)
    assert len(list(await session.scalars(select(Flag)))) == 1


@pytest.mark.parametrize("thing", ["comment", "idea"])
async def test_a_thing_that_was_kept_can_be_reported_again_by_the_same_person(
    session, idea, comment, officer, resident, thing
):
    session.expunge(resident)  # as in the app, where whoever acts comes from the sign-in
    report, decide, id_ = {
        "comment": (flag_comment, moderate_comment, comment.id),
        "idea": (flag_idea, moderate_idea, idea.id),
    }[thing]
    await report(session, resident, id_, AD, NOW)
    await report(session, resident, id_, FlagForm(reason="Toinen."), NOW)  # while it waits the first one stands
    assert [it.reasons for it in await list_flagged(session, idea.round_id)] == [["Tämä on mainos."]]
    await decide(session, officer, id_, KEEP, NOW)
    await report(session, resident, id_, FlagForm(reason="Nyt se on muutettu."), NOW + HOUR)
    assert [it.reasons for it in await list_flagged(session, idea.round_id)] == [["Nyt se on muutettu."]]
    assert (await session.execute(select(Flag.at, Flag.settled_at))).all() == [(NOW + HOUR, None)]


async def test_a_report_says_why_and_keeps_what_was_typed(session, comment, resident, visit):
    browser, path = await visit(resident), f"/comments/{comment.id}/report"
    assert "Osta halvalla." in (await browser.get(path)).text
    assert (await browser.post(path, {"reason": " "})).status_code == 422
    long = await browser.post(path, {"reason": "x" * 501})
    assert (long.status_code, "x" * 501 in long.text) == (422, True)
    answer = await browser.post(path, {"reason": "Tämä on mainos."})
    assert (answer.status_code, "Staff look at it" in words(answer)) == (200, True)


async def test_what_was_reported_waits_on_the_desk(session, idea, comment, officer, resident, visit):
    await flag_comment(session, resident, comment.id, AD, NOW)
    await flag_idea(session, resident, idea.id, FlagForm(reason="Loukkaava."), NOW)
    elsewhere = await make_idea(session, await make_round(session, idea.round.service, Phase.IDEAS), resident)
    await flag_idea(session, resident, elsewhere.id, AD, NOW)
    await session.commit()
    browser, path = await visit(officer), f"/desk/rounds/{idea.round_id}"
    page = await browser.get(path)
    for text in ("Reported (2)", "Osta halvalla.", "Tämä on mainos.", "Loukkaava."):
        assert text in words(page)
    assert "Raija" not in words(page)
    await browser.post(f"/comments/{comment.id}/moderate", {"decision": "hide", "reason": "Mainos."})
    await browser.post(f"/ideas/{idea.id}/moderate", {"decision": "keep"})
    assert "Reported" not in words(await browser.get(path))
    deeds = set(await session.scalars(select(Event.deed)))
    assert {Deed.COMMENT_HIDDEN, Deed.IDEA_KEPT} <= deeds


async def test_the_desk_reads_any_number_of_reports_at_once(session, counted, idea, onni):
    asked = []
    for n in (1, 10):
        for i in range(n):
            comment = await write_comment(session, onni, idea.id, CommentForm(text=f"Mainos {i}"), NOW)
            await flag(session, comment, range(100 * n + 2 * i, 100 * n + 2 * i + 2))
        session.expunge_all()
        with counted() as reads:
            found = await list_flagged(session, idea.round_id)
        assert all(it.reasons == ["Tämä on mainos."] * 2 for it in found)
        asked.append((len(found), len(reads)))
    assert asked == [(1, 1), (11, 1)]


async def test_a_hidden_comment_shows_its_reason_and_its_writer_sees_what_it_said(
    session, idea, comment, officer, onni, visit
):
    await moderate_comment(session, officer, comment.id, HIDE, NOW)
    await session.commit()
    for who, sees in ((None, False), (onni, True), (officer, True), (await make_person(session, "Muu"), False)):
        page = await (await visit(who)).get(f"/ideas/{idea.id}/comments")
        assert "Hidden by staff: Mainos." in words(page)
        assert ("Osta halvalla." in page.text) == sees
    assert (await thread(session, idea, None)).count == 0
    other = await make_person(session, "Toinen")
    for path in ("answer", "report"):
        answer = await (await visit(other)).post(f"/comments/{comment.id}/{path}", {"text": "x", "reason": "x"})
        assert (answer.status_code, "Osta halvalla." in answer.text) == (409, False)
    await moderate_comment(session, officer, comment.id, KEEP, NOW)
    assert (await thread(session, idea, None)).count == 1


async def test_hiding_needs_its_reason_and_keeps_what_was_typed(session, idea, comment, officer, visit):
    for act, thing in ((moderate_comment, comment), (moderate_idea, idea)):
        with pytest.raises(FieldErrors):
            await act(session, officer, thing.id, ModerateForm(decision="hide"), NOW)
    browser = await visit(officer)
    for path in (f"/comments/{comment.id}/moderate", f"/ideas/{idea.id}/moderate"):
        answer = await browser.post(path, {"decision": "hide", "reason": " "})
        assert (answer.status_code, 'value="hide" checked' in answer.text) == (422, True)


@pytest.mark.parametrize("role", [Role.ESTIMATOR, Role.COUNCILLOR, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_others_do_not_hide(session, idea, comment, onni, role):
    stranger = await make_person(session, "Leo", Role.OFFICER, await make_service(session, "Liikuntapalvelut"))
    for person in (await make_person(session, "Joku", role), stranger, onni):
        with pytest.raises(NotAllowed):
            await moderate_comment(session, person, comment.id, HIDE, NOW)
        with pytest.raises(NotAllowed):
            await moderate_idea(session, person, idea.id, HIDE, NOW)


async def test_what_its_writer_took_back_is_not_hidden(session, idea, comment, officer, onni, resident):
    await write_comment(session, resident, idea.id, CommentForm(text="Toinen"), NOW)
    comment.text, comment.taken_back_at = "", NOW
    with pytest.raises(Refusal):
        await moderate_comment(session, officer, comment.id, HIDE, NOW)
    with pytest.raises(Refusal):
        await flag_comment(session, resident, comment.id, AD, NOW)


async def test_a_reported_comment_that_is_taken_back_waits_no_more(session, idea, comment, onni, resident):
    await flag_comment(session, resident, comment.id, AD, NOW)
    await take_back(session, onni, comment.id, NOW)
    assert await list_flagged(session, idea.round_id) == []


async def test_a_hidden_idea_shows_its_reason_only(session, idea, officer, resident, onni, visit):
    await flag_idea(session, onni, idea.id, AD, NOW)
    await moderate_idea(session, officer, idea.id, HIDE, NOW)
    await session.commit()
    assert await list_flagged(session, idea.round_id) == []
    assert [sees_text(who, idea) for who in (None, onni, resident, officer)] == [False, False, True, True]
    with pytest.raises(WrongPhase):
        await write_comment(session, onni, idea.id, CommentForm(text="x"), NOW)
    with pytest.raises(Refusal):
        await flag_idea(session, onni, idea.id, AD, NOW)
    browser = await visit(onni)
    for path in (f"/rounds/{idea.round_id}/ideas", f"/ideas/{idea.id}", f"/ideas/{idea.id}/comments"):
        page = words(await browser.get(path))
        assert "idden by staff" in page
        assert "Pihakonsertit" not in page
        assert "Kuusi konserttia" not in page
    assert "Hidden by staff: Mainos." in words(await browser.get(f"/ideas/{idea.id}"))
    assert "Pihakonsertit" in words(await (await visit(resident)).get(f"/ideas/{idea.id}"))
    await moderate_idea(session, officer, idea.id, KEEP, NOW)
    assert not idea.is_hidden


async def test_neither_a_mail_nor_a_page_of_notices_bears_the_title_of_a_hidden_idea(
    session, sessions, idea, officer, resident, onni, visit, capsys
):
    session.expunge(resident)  # as in the app, where whoever acts comes from the sign-in
    merged, other = [await make_idea(session, idea.round, resident, title) for title in ("Pihasoitto", "Piha")]
    for followed in (idea, merged, other):
        await follow(session, onni.id, followed.id, NOW)
    await merge_idea(session, officer, merged.id, MergeForm(into=other.id, reason="Sama asia."), NOW)
    await write_comment(session, resident, idea.id, CommentForm(text="Hyvä!"), NOW)
    await write_comment(session, resident, other.id, CommentForm(text="Hyvä!"), NOW + HOUR)  # never the mail's subject
    for bad in (idea, merged):
        await moderate_idea(session, officer, bad.id, HIDE, NOW)
    await edit_idea(session, resident, idea.id, EditForm(title="Pihaa", description="Konsertteja.", changes=0), NOW)
    await session.commit()
    mail = await news_of(session, sessions, onni, capsys)
    page = words(await (await visit(onni)).get("/notices"))
    # The mail's subject and three pages; on our page three notices, and each of two followed twice.
    for text, times in ((mail, 4), (page, 7)):
        assert not any(title in text for title in ("Pihakonsertit", "Pihasoitto", "Pihaa"))
        assert (text.count("An idea that the city has hidden"), "Piha" in text) == (times, True)
    await moderate_idea(session, officer, idea.id, KEEP, NOW)
    assert "Pihaa" in await news_of(session, sessions, onni, capsys)


async def news_of(session, sessions, person, capsys) -> str:
    """The mail with everything that this person was told."""
    await mail_now(sessions, session, person)
    return capsys.readouterr().out


async def test_an_idea_that_is_not_public_is_not_hidden(session, idea, officer, resident):
    other = await make_idea(session, idea.round, resident, "Toinen", IdeaState.SUBMITTED)
    with pytest.raises(Refusal):
        await moderate_idea(session, officer, other.id, HIDE, NOW)
    with pytest.raises(Refusal):
        await flag_idea(session, await make_person(session, "Joku"), other.id, AD, NOW)
