"""Writing an idea together: asked by mail, joined by one's own choice, named as one wishes."""

from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update

from pb.errors import FieldErrors, NotAllowed, NotFound, NotSignedIn, WrongPhase
from pb.estimates.models import Estimate
from pb.ideas.models import IdeaState
from pb.ideas.queries import get_idea
from pb.jobs import Context
from pb.language import in_language
from pb.notices.models import Follow
from pb.people.models import Person, ShownName, SignInLink
from pb.people.queries import find_person
from pb.people.service import MOST_LINKS
from pb.permissions import Phase
from pb.pictures.models import Picture
from pb.versions.forms import EditForm, InviteForm, JoinForm
from pb.versions.models import CoAuthor
from pb.versions.queries import list_names
from pb.versions.rules import MOST_CO_AUTHORS
from pb.versions.service import answer_invitation, edit_idea, invite, mail_invitation, remove_author
from tests.cast import DAY, NOW, make_idea, make_person, make_round
from tests.visitor import words


@pytest.fixture
async def idea(session, culture, resident):
    made = await make_idea(
        session, await make_round(session, culture, Phase.IDEAS), resident, state=IdeaState.SUBMITTED
    )
    await session.commit()
    session.expunge(resident)  # as in the app, where whoever acts comes from the sign-in
    return await get_idea(session, made.id)


async def ask(session, idea, resident, email="onni@example.fi") -> Person:
    await invite(session, resident, idea.id, InviteForm(email=email), NOW)
    await session.flush()
    person = await find_person(session, email)
    assert person is not None
    session.expunge(person)
    return person


async def shown(session, idea) -> list[str]:
    with in_language("en"):
        return list((await list_names(session, [idea]))[idea.id].values())


async def test_whoever_joins_is_named_as_they_wish_and_changes_the_words(session, idea, resident):
    onni = await ask(session, idea, resident)
    assert await shown(session, idea) == ["a resident of the city"]
    change = EditForm(title="Iltakonsertit", description="Kuusi.")
    with pytest.raises(NotAllowed):
        await edit_idea(session, onni, idea.id, change, NOW)
    await answer_invitation(
        session, onni, idea.id, JoinForm(answer="accept", shown_name="first name", name="Onni Oja"), NOW
    )
    await edit_idea(session, onni, idea.id, change, NOW)
    assert idea.title == "Iltakonsertit"
    assert await shown(session, idea) == ["a resident of the city", "Onni"]
    assert await session.get(Follow, (onni.id, idea.id)) is not None


async def test_a_name_that_must_not_be_shown_is_not(session, idea, resident):
    onni = await ask(session, idea, resident)
    form = JoinForm(answer="accept", shown_name="name", name="Onni Oja", unnamed=True)
    await answer_invitation(session, onni, idea.id, form, NOW)
    assert "Onni" not in " ".join(await shown(session, idea))
    assert (await session.get(CoAuthor, (idea.id, onni.id))).shown_name is ShownName.AREA


async def test_a_name_to_show_has_to_be_given(session, idea, resident):
    onni = await ask(session, idea, resident)
    with pytest.raises(FieldErrors):
        await answer_invitation(session, onni, idea.id, JoinForm(answer="accept", shown_name="name"), NOW)


async def test_the_invited_may_decline_and_a_co_author_may_leave(session, idea, resident):
    onni = await ask(session, idea, resident)
    for answers in (("leave",), ("accept", "leave")):
        for answer in answers:
            await answer_invitation(session, onni, idea.id, JoinForm(answer=answer), NOW)
        assert await session.scalar(select(CoAuthor)) is None
        await ask(session, idea, resident)


async def test_the_author_removes_a_co_author_and_nobody_else_does(session, idea, resident):
    onni = await ask(session, idea, resident)
    await answer_invitation(session, onni, idea.id, JoinForm(answer="accept"), NOW)
    with pytest.raises(NotAllowed):
        await remove_author(session, onni, idea.id, onni.id, NOW)
    with pytest.raises(NotAllowed):
        await invite(session, onni, idea.id, InviteForm(email="muu@example.fi"), NOW)
    await remove_author(session, resident, idea.id, onni.id, NOW)
    with pytest.raises(NotAllowed):
        await edit_idea(session, onni, idea.id, EditForm(title="Muu", description="Muu"), NOW)


async def test_there_are_five_at_most_and_the_author_is_none_of_them(session, idea, resident):
    for n in range(MOST_CO_AUTHORS):
        await ask(session, idea, resident, f"a{n}@example.fi")
    await ask(session, idea, resident, "a0@example.fi")  # asking again is no new one
    for email in ("yksi@example.fi", resident.email):
        with pytest.raises(FieldErrors):
            await invite(session, resident, idea.id, InviteForm(email=email), NOW)


async def test_an_address_that_is_known_looks_like_one_that_is_not(session, idea, resident, visit):
    await make_person(session, "Tuttu")
    await session.commit()
    browser, pages = await visit(resident), []
    for email in ("tuttu@example.fi", "outo@example.fi"):
        assert (await browser.post(f"/ideas/{idea.id}/authors", {"email": email})).status_code == 303
        pages.append(words(await browser.get(f"/ideas/{idea.id}/authors")).replace(email, "x"))
        await session.execute(CoAuthor.__table__.delete())
        await session.commit()
    assert "Asked, has not answered" in pages[0]
    assert "Tuttu" not in pages[0]
    assert pages[0] == pages[1]


async def test_only_the_invited_see_the_question(session, idea, resident, visit):
    onni = await ask(session, idea, resident)
    await session.commit()
    browser = await visit(onni)
    page = words(await browser.get(f"/ideas/{idea.id}/join"))
    assert "Write an idea together?" in page
    assert "Kuusi konserttia kesällä." in page
    assert (await browser.get(f"/ideas/{idea.id}")).status_code == 404  # not an author yet, and it is not public
    answer = await browser.post(f"/ideas/{idea.id}/join", {"answer": "accept"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{idea.id}")
    assert "Your idea" in words(await browser.get(f"/ideas/{idea.id}"))
    other = await visit(await make_person(session, "Outo"))
    assert (await other.get(f"/ideas/{idea.id}/join")).status_code == 404
    with pytest.raises(NotSignedIn):
        await answer_invitation(session, None, idea.id, JoinForm(answer="accept"), NOW)
    with pytest.raises(NotFound):
        await answer_invitation(session, resident, idea.id, JoinForm(answer="accept"), NOW)


@pytest.mark.parametrize("what", ["hidden", "refused", "estimated", "late"])
async def test_nobody_joins_or_reads_an_idea_that_is_past_changing(session, idea, resident, officer, visit, what):
    onni = await ask(session, idea, resident)
    await session.commit()
    browser = await visit(onni)
    assert "Kuusi konserttia" in words(await browser.get(f"/ideas/{idea.id}/join"))
    idea.state, idea.decided_at = IdeaState.PUBLISHED, NOW
    if what == "hidden":
        idea.hidden_reason = "Mainos."
    elif what == "refused":
        idea.state, idea.reason = IdeaState.REFUSED, "Ei kuulu kaupungille."
    elif what == "estimated":
        session.add(Estimate(idea_id=idea.id, feasible=False, reason="Ei.", person_id=officer.id, at=NOW))
    else:
        for window in idea.round.windows:
            window.opens, window.closes = window.opens - 60 * DAY, window.closes - 60 * DAY
    await session.commit()
    page = words(await browser.get(f"/ideas/{idea.id}/join"))
    assert "Pihakonsertit" not in page
    assert "Kuusi konserttia" not in page
    assert "Decline" in page
    with pytest.raises(WrongPhase):
        await answer_invitation(session, onni, idea.id, JoinForm(answer="accept"), NOW)
    with pytest.raises(WrongPhase):
        await invite(session, resident, idea.id, InviteForm(email="muu@example.fi"), NOW)
    assert (await browser.post(f"/ideas/{idea.id}/join", {"answer": "leave"})).status_code == 303
    assert await session.scalar(select(CoAuthor)) is None


async def test_the_mail_says_who_asks_and_for_what_in_the_readers_language(session, sessions, idea, resident, capsys):
    await ask(session, idea, resident)
    await session.execute(update(Person).where(Person.email == "onni@example.fi").values(language="en"))
    await session.commit()
    context = Context(sessions)
    await mail_invitation(context, str(idea.id), "onni@example.fi")
    mail = capsys.readouterr().out
    assert "mail to onni@example.fi: Write an idea together?" in mail
    assert "a resident of the city asks you to write the idea “Pihakonsertit” together." in mail
    assert f"/ideas/{idea.id}/join" in mail
    assert "/sign-in/" in mail
    for _time in range(MOST_LINKS):
        await mail_invitation(context, str(idea.id), "onni@example.fi")
    assert capsys.readouterr().out.count("mail to") == MOST_LINKS - 1  # nobody's mailbox is filled
    await session.execute(delete(SignInLink))
    idea.hidden_reason = "Mainos."
    await session.commit()
    await mail_invitation(context, str(idea.id), "onni@example.fi")
    assert capsys.readouterr().out == ""


async def test_ones_own_page_lists_what_one_is_asked_for(session, idea, resident, visit):
    onni = await ask(session, idea, resident)
    await session.commit()
    browser = await visit(onni)
    assert "You are asked to write an idea together Pihakonsertit" in words(await browser.get("/me"))
    idea.hidden_reason = "Mainos."
    await session.commit()
    assert "Pihakonsertit" not in words(await browser.get("/me"))
    idea.hidden_reason = ""
    await session.commit()
    await browser.post(f"/ideas/{idea.id}/join", {"answer": "accept"})
    assert "You are asked" not in words(await browser.get("/me"))


async def test_a_co_author_sees_pictures_map_and_comments_of_an_idea_that_waits(session, idea, resident, visit):
    onni = await ask(session, idea, resident)
    idea.latitude, idea.longitude = Decimal("60.996"), Decimal("24.464")
    session.add(Picture(thing_id=idea.id, place=1, alt="", large=b"x", small=b"x", width=1, height=1, at=NOW))
    await session.commit()
    browser = await visit(onni)
    paths = [f"/ideas/{idea.id}/{rest}" for rest in ("pictures/1.jpg", "place.json", "comments")]
    for path in paths:
        assert (await browser.get(path)).status_code == 404
    await browser.post(f"/ideas/{idea.id}/join", {"answer": "accept"})
    for path in paths:
        assert (await browser.get(path)).status_code == 200
    idea.state, idea.decided_at, idea.hidden_reason = IdeaState.PUBLISHED, NOW, "Mainos."
    await session.commit()
    assert len((await browser.get(paths[1])).json()["pins"]) == 1
    assert (await browser.get(paths[0])).status_code == 200
    assert (await (await visit(None)).get(paths[0])).status_code == 404
