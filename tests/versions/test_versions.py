"""An idea's authors change its words while nobody has estimated it, and the old words stay."""

import sys

import pytest
from sqlalchemy import func, select

from pb.errors import FieldErrors, NotAllowed, NotSignedIn, WrongPhase
from pb.estimates.forms import EstimateForm
from pb.estimates.service import estimate_idea
from pb.ideas.models import IdeaState
from pb.ideas.queries import get_idea
from pb.notices.models import Notice, NoticeKind
from pb.notices.service import follow
from pb.permissions import Phase, Role
from pb.versions.forms import EditForm
from pb.versions.models import IdeaVersion
from pb.versions.rules import compare
from pb.versions.service import edit_idea
from tests.cast import NOW, make_idea, make_person, make_round
from tests.visitor import words

NEW = {"title": "Pihakonsertit", "description": "Kuusi iltaa musiikkia kesällä."}


@pytest.fixture
async def round_(session, culture):
    return await make_round(session, culture, Phase.IDEAS)


@pytest.fixture
async def idea(session, round_, resident):
    made = await make_idea(session, round_, resident)
    await session.commit()
    return await get_idea(session, made.id)


def versions(session):
    return session.scalar(select(func.count()).select_from(IdeaVersion))


async def test_the_old_words_are_kept_and_followers_are_told(session, idea, resident):
    fan = await make_person(session, "Onni")
    for person in (fan, resident):
        await follow(session, person.id, idea.id, NOW)
    idea.translations = {"sv": {"title": "Gårdskonserter", "description": "Sex konserter."}}
    await edit_idea(session, resident, idea.id, EditForm(**NEW), NOW)
    await session.commit()
    old = (await session.scalars(select(IdeaVersion))).one()
    assert (old.title, old.description, old.person_id) == ("Pihakonsertit", "Kuusi konserttia kesällä.", resident.id)
    assert idea.description == NEW["description"]
    assert idea.translations == {"sv": {"title": "Gårdskonserter"}}  # of the text it would say what it no longer says
    told = (await session.scalars(select(Notice))).one()
    assert (told.person_id, told.kind) == (fan.id, NoticeKind.IDEA_EDITED)


async def test_an_idea_that_is_not_published_yet_tells_nobody(session, round_, resident):
    idea = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    await follow(session, resident.id, idea.id, NOW)
    await edit_idea(session, resident, idea.id, EditForm(**NEW), NOW)
    assert (await versions(session), await session.scalar(select(func.count()).select_from(Notice))) == (1, 0)


@pytest.mark.parametrize(
    ("phase", "state", "error"),
    [
        (Phase.IDEAS, IdeaState.PUBLISHED, None),
        (Phase.IDEAS, IdeaState.SUBMITTED, None),
        (Phase.ESTIMATES, IdeaState.PUBLISHED, None),
        (Phase.IDEAS, IdeaState.REFUSED, WrongPhase),
        (Phase.VOTING, IdeaState.PUBLISHED, WrongPhase),
        (Phase.RESULTS, IdeaState.PUBLISHED, WrongPhase),
    ],
)
async def test_words_change_while_the_round_takes_ideas_or_estimates(session, culture, resident, phase, state, error):
    idea = await make_idea(session, await make_round(session, culture, phase), resident, state=state)
    if error is None:
        await edit_idea(session, resident, idea.id, EditForm(**NEW), NOW)
    else:
        with pytest.raises(error):
            await edit_idea(session, resident, idea.id, EditForm(**NEW), NOW)
    assert await versions(session) == (error is None)


async def test_an_estimate_closes_the_words_and_the_page_says_so(session, idea, resident, officer, visit):
    browser = await visit(resident)
    assert "Change the idea" in words(await browser.get(f"/ideas/{idea.id}"))
    await estimate_idea(session, officer, idea.id, EstimateForm(feasible="no", reason="Talo puretaan."), NOW)
    await session.commit()
    with pytest.raises(WrongPhase):
        await edit_idea(session, resident, idea.id, EditForm(**NEW), NOW)
    page = words(await browser.get(f"/ideas/{idea.id}"))
    assert "Its words stay as they are, so that the estimate fits them." in page
    assert "Change the idea" not in page
    assert (await browser.get(f"/ideas/{idea.id}/text")).status_code == 409


async def test_staff_and_others_never_change_the_words(session, idea, culture):
    for role in (None, Role.OFFICER, Role.CLERK, Role.ESTIMATOR):
        other = await make_person(session, f"Muu{role}", role, culture if role else None)
        with pytest.raises(NotAllowed):
            await edit_idea(session, other, idea.id, EditForm(**NEW), NOW)
    with pytest.raises(NotSignedIn):
        await edit_idea(session, None, idea.id, EditForm(**NEW), NOW)
    assert await versions(session) == 0


async def test_the_same_words_are_no_change(session, idea, resident):
    same = {"title": idea.title, "description": idea.description}
    with pytest.raises(FieldErrors):
        await edit_idea(session, resident, idea.id, EditForm(**same), NOW)
    idea.description = "Yksi.\r\nKaksi."
    with pytest.raises(FieldErrors):
        await edit_idea(session, resident, idea.id, EditForm(title=idea.title, description="Yksi.\nKaksi."), NOW)


async def test_of_two_who_write_at_once_the_second_sees_the_first_ones_words(session, idea, resident, visit):
    browser, path = await visit(resident), f"/ideas/{idea.id}/text"
    form = NEW | {"changes": "0"}
    assert (await browser.post(path, form)).status_code == 303
    answer = await browser.post(path, form | {"description": "Seitsemän konserttia."})
    assert answer.status_code == 422
    assert "Another author changed the idea while you wrote." in words(answer)
    assert "Seitsemän konserttia." in answer.text
    assert 'name="changes" value="1"' in answer.text
    assert (await browser.post(path, form | {"description": "Seitsemän.", "changes": "1"})).status_code == 303
    assert await versions(session) == 2


async def test_the_history_shows_what_changed_to_everybody(session, idea, resident, visit):
    await edit_idea(session, resident, idea.id, EditForm(**NEW), NOW)
    await session.commit()
    page = await (await visit(None)).get(f"/ideas/{idea.id}/history")
    assert page.status_code == 200
    assert "Kuusi [taken out: konserttia ] [added: iltaa musiikkia ] kesällä." in words(page)
    assert "<del>" in page.text
    assert "<ins>" in page.text
    assert "Changed by a resident of the city." in words(page)
    assert "Changed once" in words(await (await visit(None)).get(f"/ideas/{idea.id}"))


async def test_whoever_does_not_see_an_idea_does_not_see_its_history(session, round_, resident, officer, visit):
    refused = await make_idea(session, round_, resident, state=IdeaState.REFUSED)
    hidden = await make_idea(session, round_, resident)
    hidden.hidden_reason = "Mainos."
    waiting = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    await session.commit()
    stranger = await visit(await make_person(session, "Onni"))
    for idea in (refused, hidden, waiting):
        assert (await stranger.get(f"/ideas/{idea.id}/history")).status_code == 404
        assert (await (await visit(resident)).get(f"/ideas/{idea.id}/history")).status_code == 200
        assert (await (await visit(officer)).get(f"/ideas/{idea.id}/history")).status_code == 200


async def test_what_people_wrote_is_escaped_in_the_history(session, idea, resident, visit):
    await edit_idea(session, resident, idea.id, EditForm(title="<b>x</b>", description="<script>y</script>"), NOW)
    await session.commit()
    page = (await (await visit(None)).get(f"/ideas/{idea.id}/history")).text
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x" not in page
    assert "<script>y" not in page


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b c", "a b c", [("same", "a b c")]),
        ("a b c", "a x c", [("same", "a "), ("gone", "b "), ("new", "x "), ("same", "c")]),
        ("a", "a b", [("gone", "a"), ("new", "a b")]),
        ("", "a", [("new", "a")]),
        ("a b c d", "c a b d", [("new", "c "), ("same", "a b "), ("gone", "c "), ("same", "d")]),
        ("x a x b", "x b x b", [("same", "x "), ("gone", "a "), ("new", "b "), ("same", "x b")]),
        ("a\r\nb", "a\nb", [("same", "a\nb")]),
    ],
)
def test_words_are_compared(before, after, pieces):
    assert compare(before, after) == pieces


def test_nothing_is_lost_in_a_comparison():
    before, after = "Kuusi konserttia\n\nkesällä 2027, pihoilla.", "Kuusi iltaa kesällä 2027\npihoilla ja torilla."
    pieces = compare(before, after)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [(" ".join(words * 6), " ".join(words[::-1] * 6)) for words in (list(map(str, range(100))), ["a", "b"] * 50)],
)
def test_whatever_the_texts_they_are_compared_in_steps_as_many_as_words(before, after):
    lines = 0

    def count(_frame, event, _value):
        nonlocal lines
        lines += event == "line"
        return count

    former = sys.gettrace()
    sys.settrace(count)
    try:
        pieces = compare(before, after)
    finally:
        sys.settrace(former)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after
    assert 0 < lines < 8 * 1200


async def test_a_second_press_of_save_leads_on(session, idea, resident, visit):
    browser, form = await visit(resident), NEW | {"changes": "0"}
    for _press in range(2):
        answer = await browser.post(f"/ideas/{idea.id}/text", form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{idea.id}")
    assert await versions(session) == 1
