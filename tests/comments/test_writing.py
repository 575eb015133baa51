"""Writing a comment or an answer, and taking it back."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from pb.comments.forms import CommentForm
from pb.comments.models import Comment
from pb.comments.queries import thread
from pb.comments.rules import MOST_IN_AN_HOUR, THREADS_SHOWN, why_closed
from pb.comments.service import answer_comment, take_back, write_comment
from pb.errors import FieldErrors, NotAllowed, NotFound, NotSignedIn, Refusal, TooMany, WrongPhase
from pb.ideas.models import Idea, IdeaState
from pb.language import in_language
from pb.notices.models import Follow, Notice, NoticeKind
from pb.people.models import Person, ShownName
from pb.permissions import Role
from pb.rounds.models import Round
from tests.cast import DAY, NOW, make_idea, make_person
from tests.visitor import words

HOUR = DAY / 24


def form(words="Kannatan.", **fields) -> CommentForm:
    return CommentForm(text=words, **fields)


def told(session, person):
    return session.scalars(
        select(Notice.path).where(Notice.person_id == person.id, Notice.kind == NoticeKind.COMMENTED)
    )


async def test_a_comment_is_shown_at_once_and_one_may_answer_it(session, idea, onni, resident, visit):
    answer = await (await visit(onni)).post(f"/ideas/{idea.id}/comments", {"text": "Kannatan."})
    comment_id = await session.scalar(select(Comment.id))
    assert answer.headers["location"] == f"/ideas/{idea.id}#c-{comment_id}"
    author = await visit(resident)
    answer = await author.post(f"/comments/{comment_id}/answer", {"text": "Kiitos!"})
    assert answer.status_code == 303
    for path in (f"/ideas/{idea.id}", f"/ideas/{idea.id}/comments"):
        page = words(await (await visit(None)).get(path))
        assert "2 comments" in page
        assert page.index("Kannatan.") < page.index("Kiitos!")
        assert "a resident of the city" in page
        assert "Onni" not in page


async def test_a_form_sent_twice_is_one_comment_and_is_told_once(session, idea, onni, resident, visit):
    await (await visit(resident)).post(f"/ideas/{idea.id}/follow")
    browser = await visit(onni)
    sent = {"text": "Kannatan.", "submission": str(uuid4())}
    first, second = [await browser.post(f"/ideas/{idea.id}/comments", sent) for _press in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert (await thread(session, idea, None)).count == 1
    assert list(await told(session, resident)) == [first.headers["location"]]


async def test_another_text_in_a_form_sent_before_is_another_comment(session, idea, onni):
    once = uuid4()
    await write_comment(session, onni, idea.id, form(submission=once), NOW)
    second = await write_comment(session, onni, idea.id, form("Lisäksi valot.", submission=once), NOW)
    assert second.id != once
    assert (await thread(session, idea, None)).count == 2


async def test_nobody_gets_at_a_comment_by_sending_its_id(session, idea, onni, resident):
    comment = await write_comment(session, onni, idea.id, form(), NOW)
    with pytest.raises(NotFound):
        await write_comment(session, resident, idea.id, form(submission=comment.id), NOW)


async def test_an_answer_has_no_answers(session, idea, onni):
    comment = await write_comment(session, onni, idea.id, form(), NOW)
    answer = await answer_comment(session, onni, comment.id, form("Kiitos!"), NOW)
    with pytest.raises(Refusal):
        await answer_comment(session, onni, answer.id, form("Ei kestä."), NOW)


async def make_comment(session, idea, person, words="Kannatan.", parent=None, at=NOW, **fields) -> Comment:
    """A row as it is, past the service."""
    comment = Comment(
        idea_id=idea.id, person_id=person.id, shown_name=ShownName.AREA, text=words, at=at,
        parent_id=parent.id if parent else None, **fields,
    )  # fmt: skip
    session.add(comment)
    await session.flush()
    return comment


async def test_the_database_keeps_one_level_and_one_idea(session, idea, onni):
    comment, other = [await make_comment(session, idea, onni) for _n in range(2)]
    answer = await make_comment(session, idea, onni, parent=comment)
    elsewhere = await make_idea(session, idea.round, onni, "Toinen")
    for thing, parent, why in (
        (idea, answer, "an answer has no answers"),
        (elsewhere, comment, "fk_comment_parent_id_idea_id"),
    ):
        with pytest.raises(IntegrityError, match=why):
            async with session.begin_nested():
                await make_comment(session, thing, onni, parent=parent)
    moved = text("UPDATE comment SET parent_id = :other WHERE id = :id")  # what has answers becomes no answer
    with pytest.raises(IntegrityError, match="an answer has no answers"):
        async with session.begin_nested():
            await session.execute(moved, {"other": other.id, "id": comment.id})
    await session.execute(moved, {"other": other.id, "id": answer.id})


@pytest.mark.parametrize("words", ["", " ", "x" * 2001])
async def test_a_wrong_comment_keeps_what_was_typed(session, idea, onni, visit, words):
    browser = await visit(onni)
    answer = await browser.post(f"/ideas/{idea.id}/comments", {"text": words, "shown_name": "first name"})
    assert answer.status_code == 422
    assert words.strip() in answer.text
    assert 'value="first name" selected' in answer.text
    assert (await thread(session, idea, None)).count == 0


async def test_two_thousand_characters_are_taken(session, idea, onni):
    await write_comment(session, onni, idea.id, form("ä" * 2000), NOW)
    assert (await thread(session, idea, None)).count == 1


async def test_signed_out_while_writing_nothing_is_lost(session, idea, onni, visit):
    comment = await make_comment(session, idea, onni)
    await session.commit()
    browser = await visit(None)
    for path in (f"/ideas/{idea.id}/comments", f"/comments/{comment.id}/answer", f"/comments/{comment.id}/report"):
        answer = await browser.post(path, {"text": "Pitkä teksti.", "reason": "Pitkä teksti."})
        assert (answer.status_code, "Pitkä teksti." in answer.text) == (401, True)
        assert "your text stays on this page" in words(answer)


async def test_very_many_comments_in_an_hour_wait(session, idea, onni, visit):
    for n in range(MOST_IN_AN_HOUR):
        last = form(f"Kommentti {n}")
        await write_comment(session, onni, idea.id, last, NOW)
    await write_comment(session, onni, idea.id, last, NOW)  # the last one's second press
    with pytest.raises(TooMany):
        await write_comment(session, onni, idea.id, form(), NOW)
    await session.commit()
    answer = await (await visit(onni)).post(f"/ideas/{idea.id}/comments", {"text": "Vielä yksi."})
    assert (answer.status_code, "Vielä yksi." in answer.text) == (429, True)
    await write_comment(session, onni, idea.id, form(), NOW + HOUR)
    await write_comment(session, await make_person(session, "Toinen"), idea.id, form(), NOW)


async def test_comments_are_open_in_every_phase(session, idea, onni):
    for day in (0, 10, 20, 50):
        await write_comment(session, onni, idea.id, form(), NOW + day * DAY)
    assert (await thread(session, idea, None)).count == 4


def test_comments_close_when_the_result_is_published():
    round_ = Round()
    idea = Idea(state=IdeaState.PUBLISHED, hidden_reason="", round=round_)
    assert why_closed(idea) is None
    round_.published_at = NOW
    with in_language("en"):
        assert why_closed(idea) == "Comments are closed: the round's result has been published."


@pytest.mark.parametrize("state", [IdeaState.SUBMITTED, IdeaState.REFUSED])
async def test_only_a_published_idea_is_commented_on(session, idea, resident, state):
    other = await make_idea(session, idea.round, resident, "Toinen", state)
    with pytest.raises(WrongPhase):
        await write_comment(session, resident, other.id, form(), NOW)


async def test_followers_are_told_and_the_writer_of_an_answered_comment(session, idea, onni, resident):
    comment = await write_comment(session, onni, idea.id, form(), NOW)
    answer = await answer_comment(session, resident, comment.id, form("Kiitos!"), NOW)
    assert list(await told(session, onni)) == [f"/ideas/{idea.id}#c-{answer.id}"]
    assert list(await told(session, resident)) == []  # who did not follow before
    assert await session.scalar(select(func.count()).where(Follow.thing_id == idea.id)) == 2


@pytest.mark.parametrize(
    ("choice", "unnamed", "name"),
    [
        ("name", False, "Raija Virtanen"),
        ("first name", False, "Raija"),
        ("area", False, "a resident of the city"),
        ("name", True, "a resident of the city"),  # a child, or under non-disclosure
        ("first name", True, "a resident of the city"),
    ],
)
async def test_a_name_is_shown_as_its_owner_chose_and_never_where_it_must_not_be(
    session, idea, resident, visit, choice, unnamed, name
):
    resident.name, resident.unnamed = "Raija Virtanen", unnamed
    await session.commit()
    browser = await visit(resident)
    await browser.post(f"/ideas/{idea.id}/comments", {"text": "Kannatan.", "shown_name": choice})
    (said,) = (await thread(session, idea, None)).said
    assert said.name == name
    page = (await (await visit(None)).get(f"/ideas/{idea.id}/comments")).text
    assert name in page
    assert ("Virtanen" in page) == (name == "Raija Virtanen")
    assert ("Virtanen" in (await browser.get(f"/ideas/{idea.id}/comments")).text) != unnamed  # among the choices


async def test_an_account_without_a_name_is_asked_for_it_only_to_show_it(session, idea, visit):
    nameless = await make_person(session, "Nimetön")
    nameless.name = ""
    await session.commit()
    browser, path = await visit(nameless), f"/ideas/{idea.id}/comments"
    answer = await browser.post(path, {"text": "Kannatan.", "shown_name": "name"})
    assert (answer.status_code, "Write your name, or choose not to show it." in words(answer)) == (422, True)
    await browser.post(path, {"text": "Nimettä.", "shown_name": "area", "name": "Salme"})
    assert await session.scalar(select(Person.name).where(Person.id == nameless.id)) == ""
    await browser.post(path, {"text": "Kannatan.", "shown_name": "first name", "name": "Salme Niemi"})
    assert "Salme" in words(await browser.get(path))
    assert await session.scalar(select(Person.name).where(Person.id == nameless.id)) == "Salme Niemi"


async def test_staff_of_the_service_answer_for_the_city_by_name(session, idea, culture, onni, officer):
    estimator = await make_person(session, "Essi", Role.ESTIMATOR, culture)
    for person, name in ((officer, "Olli, Kulttuuripalvelut"), (estimator, "Essi, Kulttuuripalvelut")):
        await write_comment(session, person, idea.id, form("Selvitämme.", as_staff=True), NOW)
        assert name in {said.name for said in (await thread(session, idea, None)).said}
    comment = await write_comment(session, onni, idea.id, form("En ole kaupunki.", as_staff=True), NOW)
    assert comment.as_staff == ""


async def test_a_comment_is_taken_back_by_its_writer_only(session, idea, onni, resident):
    comment = await write_comment(session, onni, idea.id, form(), NOW)
    with pytest.raises(NotAllowed):
        await take_back(session, resident, comment.id, NOW)
    with pytest.raises(NotSignedIn):
        await take_back(session, None, comment.id, NOW)
    await take_back(session, onni, comment.id, NOW)
    assert await session.scalar(select(func.count()).select_from(Comment)) == 0


async def test_of_an_answered_comment_the_text_goes_and_with_the_last_answer_the_rest(session, idea, onni, resident):
    comment = await write_comment(session, onni, idea.id, form(), NOW)
    answer = await answer_comment(session, resident, comment.id, form("Kiitos!"), NOW)
    await take_back(session, onni, comment.id, NOW)
    await take_back(session, onni, comment.id, NOW + HOUR)
    assert (comment.text, comment.taken_back_at) == ("", NOW)
    assert (await thread(session, idea, None)).count == 1
    with pytest.raises(Refusal):
        await answer_comment(session, resident, comment.id, form(), NOW)
    await take_back(session, resident, answer.id, NOW)
    assert await session.scalar(select(func.count()).select_from(Comment)) == 0


async def test_markup_is_text_and_addresses_are_no_links(session, idea, onni, visit):
    attack = "<script>alert(1)</script> https://example.com/"
    browser = await visit(onni)
    await browser.post(f"/ideas/{idea.id}/comments", {"text": attack})
    page = (await browser.get(f"/ideas/{idea.id}/comments")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'href="https://example.com' not in page


async def test_any_number_of_comments_takes_the_same_few_reads(session, counted, idea, onni):
    asked = []
    for n in (1, 20):
        for i in range(n):
            person = await make_person(session, f"P{len(asked)}-{i}")
            parent = await make_comment(session, idea, person, at=NOW - i * HOUR)
            await make_comment(session, idea, onni, "Kiitos!", parent)
        session.expunge_all()
        with counted() as reads:
            found = await thread(session, idea, None, everything=True)
        assert found.count == len(found.said) * 2
        asked.append(len(reads))
    assert asked == [4, 4]


async def test_the_newest_threads_are_shown_and_all_have_an_address(session, idea, onni, visit):
    for n in range(THREADS_SHOWN + 3):
        await make_comment(session, idea, onni, f"Kommentti-{n:02}", at=NOW - n * HOUR)
    await session.commit()
    few = await thread(session, idea, None)
    assert (len(few.said), few.left_out, few.count) == (THREADS_SHOWN, 3, THREADS_SHOWN + 3)
    assert few.said[0].comment.text == "Kommentti-00"
    page = await (await visit(None)).get(f"/ideas/{idea.id}/comments")
    assert f"Kommentti-{THREADS_SHOWN + 2}" in page.text
    assert "Show all comments" not in page.text


async def test_a_wrong_form_for_the_name_is_said_in_words():
    with pytest.raises(FieldErrors):
        form(shown_name=ShownName.NAME).check("")
    form(shown_name=ShownName.NAME).check("Raija")
    form(shown_name=ShownName.AREA).check("")
