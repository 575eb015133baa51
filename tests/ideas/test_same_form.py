"""What a form that comes again makes: from an unknown hand nothing that is there is touched, and no words are lost."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from pb.database import make_engine, make_sessions
from pb.errors import FieldErrors, TooMany
from pb.ideas import service
from pb.ideas.forms import DraftForm, EnteredForm, IdeaForm
from pb.ideas.models import Idea, IdeaState
from pb.ideas.rules import DRAFT_AGE, MOST_DRAFTS, MOST_TO_ADDRESS, UNCLAIMED_AGE
from pb.ideas.service import edit_draft, enter_idea, save_draft, send_idea, submit_idea
from pb.language import in_language
from pb.people.models import Person
from pb.permissions import Phase
from pb.pictures import service as pictures
from pb.pictures.forms import Sent
from pb.pictures.models import Picture
from pb.pictures.rules import KEPT_FOR, encode
from tests.cast import DAY, NOW, make_idea, make_person, make_round, make_service
from tests.pictures.test_rules import picture, sent
from tests.visitor import words

IDEA = {"title": "Pihakonsertit", "description": "Kuusi konserttia kesällä."}
MAIL = "uusi@example.fi"


def photo(place: int = 1, colour: str = "red") -> dict:
    return {f"picture_{place}": ("kuva.jpg", sent(picture(colour=colour)), "image/jpeg")}


def list_ideas(session):
    return session.scalars(select(Idea).order_by(Idea.title).execution_options(populate_existing=True))


def count(session, *where):
    return session.scalar(select(func.count()).select_from(Idea).where(*where))


async def test_nobody_can_try_who_wrote_an_idea(session, round_, resident, visit):
    public = await make_idea(session, round_, resident)
    await session.commit()
    pages = []
    for email in (resident.email, MAIL):
        form = {"title": "Muu", "description": "Muu", "email": email, "submission": str(public.id)}
        answer = await (await visit(None)).post(f"/rounds/{round_.id}/ideas/new", form)
        pages.append((answer.status_code, words(answer).replace(email, "")))
    assert pages[0] == pages[1]
    assert pages[0][0] == 200
    await session.refresh(public)
    assert (public.title, public.state) == ("Pihakonsertit", IdeaState.PUBLISHED)


async def test_the_answer_is_the_same_for_known_and_unknown_addresses(session, round_, resident, visit):
    pages = []
    for email in (resident.email, "raiju@example.fi"):
        answer = await (await visit(None)).post(f"/rounds/{round_.id}/ideas/new", IDEA | {"email": email})
        pages.append((answer.status_code, words(answer).replace(email, "")))
    assert pages[0] == pages[1]


async def test_a_mistyped_address_is_mended_and_the_pictures_come_along(session, round_, visit):
    path, form = f"/rounds/{round_.id}/ideas/new", IDEA | {"submission": str(uuid4()), "alt_1": "Piha"}
    browser = await visit(None)
    wrong = await browser.post(path, form | {"email": "uusi@", "title": ""}, files=photo())
    assert (wrong.status_code, "This picture is kept" in words(wrong)) == (422, True)
    for email in ("usi@example.fi", MAIL, MAIL):
        answer = await browser.post(path, form | {"email": email})
        assert (answer.status_code, f"we sent to {email}" in words(answer)) == (200, True)
    drafts = (await list_ideas(session)).all()
    assert len({draft.author_id for draft in drafts}) == len(drafts) == 2, "the same address and words are one draft"
    for draft in drafts:
        assert (await session.scalars(select(Picture.alt).where(Picture.thing_id == draft.id))).all() == ["Piha"]


async def test_signing_in_and_sending_the_same_form_is_an_idea(session, round_, resident, visit):
    path, form = f"/rounds/{round_.id}/ideas/new", IDEA | {"submission": str(uuid4()), "email": MAIL}
    assert (await (await visit(None)).post(path, form)).status_code == 200
    answer = await (await visit(resident)).post(path, form)
    assert answer.status_code == 303
    assert await count(session, Idea.state == IdeaState.SUBMITTED, Idea.author_id == resident.id) == 1


async def test_an_unknown_hand_rewrites_no_draft(session, round_, resident, visit):
    path = f"/rounds/{round_.id}/ideas/new"
    form = IDEA | {"submission": str(uuid4()), "email": resident.email}
    await (await visit(None)).post(path, form)
    draft = (await list_ideas(session)).one()
    await edit_draft(session, resident, draft.id, DraftForm(**IDEA | {"title": "Oma otsikko"}), Sent(), NOW)
    await session.commit()
    for again in (form, form | {"title": "Ilkeä"}):
        assert (await (await visit(None)).post(path, again)).status_code == 200
    assert [idea.title for idea in await list_ideas(session)] == ["Ilkeä", "Oma otsikko"]
    await session.refresh(draft)
    assert draft.title == "Oma otsikko"


async def test_a_name_typed_by_an_unknown_hand_holds_once_the_owner_sends_the_draft(session, round_, visit):
    nameless = await make_person(session, "Uusi")
    nameless.name = ""
    form = DraftForm(**IDEA, email=MAIL, name="Uuno Uusi", shown_name="first name")
    draft = await save_draft(session, None, round_.id, form, Sent(), NOW)
    await session.commit()
    await session.refresh(nameless, ["name", "unnamed"])
    assert (nameless.name, nameless.unnamed) == ("", False)
    assert "Shown as written by: Uuno" in words(await (await visit(nameless)).get(f"/ideas/{draft.id}/draft"))
    await send_idea(session, nameless, draft.id, NOW)
    assert nameless.name == "Uuno Uusi"


async def test_never_to_be_named_holds_though_the_address_has_an_account(session, round_, resident, visitor):
    form = IDEA | {"email": resident.email, "name": "Pilkka", "unnamed": "yes", "shown_name": "name"}
    await visitor.post(f"/rounds/{round_.id}/ideas/new", form)
    draft = (await list_ideas(session)).one()
    await session.refresh(resident, ["name", "unnamed"])
    assert (resident.name, resident.unnamed, draft.shown_name) == ("Raija", False, "area")
    await send_idea(session, resident, draft.id, NOW)
    assert (resident.name, resident.unnamed) == ("Raija", True)


async def test_what_the_owner_says_of_the_name_stands_before_what_an_unknown_hand_typed(session, round_, resident):
    form = DraftForm(**IDEA, email=resident.email, unnamed=True)
    draft = await save_draft(session, None, round_.id, form, Sent(), NOW)
    await edit_draft(session, resident, draft.id, DraftForm(**IDEA, shown_name="name"), Sent(), NOW)
    await send_idea(session, resident, draft.id, NOW)
    assert (resident.unnamed, draft.shown_name) == (False, "name")


@pytest.mark.parametrize("act", ["send", "draft"])
async def test_other_words_in_the_same_form_are_another_idea(session, round_, resident, visit, act):
    path, form = f"/rounds/{round_.id}/ideas/new", IDEA | {"submission": str(uuid4()), "act": act, "alt_1": "Piha"}
    browser = await visit(resident)
    for title, colour in (("Aita", "red"), ("Aita", "red"), ("Laituri", "red"), ("Laituri", "red")):
        assert (await browser.post(path, form | {"title": title}, files=photo(1, colour))).status_code == 303
    assert [idea.title for idea in await list_ideas(session)] == ["Aita", "Laituri"]


async def test_the_same_form_sent_five_times_at_once_is_one_idea(database):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        round_ = await make_round(session, await make_service(session), Phase.IDEAS)
        resident = await make_person(session, "Raija")
    form = IdeaForm(**IDEA, email=MAIL)
    one = Sent(new={1: encode(sent(picture()))}, alts={1: "Piha"})

    async def press(me: Person | None) -> UUID:
        async with sessions() as session, session.begin():
            act = submit_idea if me else save_draft
            return (await act(session, me, round_.id, form, now=NOW, sent=one)).id

    for me in (resident, None):
        assert len(set(await asyncio.gather(*(press(me) for _press in range(5))))) == 1
    await engine.dispose()


async def test_another_picture_in_a_form_that_was_sent_is_another_idea(session, round_, resident, visit):
    path, form = f"/rounds/{round_.id}/ideas/new", IDEA | {"submission": str(uuid4()), "alt_1": "Piha"}
    browser = await visit(resident)
    places = [(await browser.post(path, form, files=photo(1, c))).headers["location"] for c in ("red", "red", "blue")]
    assert (places[0] == places[1], places[1] == places[2]) == (True, False)


async def test_a_clerk_s_form_with_other_words_is_another_idea(session, round_, officer, resident):
    key = uuid4()
    await make_idea(session, round_, resident, "Vanha")
    forms = [EnteredForm(**IDEA | {"title": t}, origin="phone", submission=key) for t in ("Aita", "Penkki", "Penkki")]
    made = [await enter_idea(session, officer, round_.id, form, Sent(), NOW) for form in forms]
    assert [idea.title for idea in made] == ["Aita", "Penkki", "Penkki"]
    assert (made[0].id, made[1] is made[2]) == (key, True)


async def test_nobody_is_locked_out_by_drafts_that_others_send_to_the_address(session, round_, resident):
    forms = [DraftForm(**IDEA, email=resident.email) for _n in range(MOST_TO_ADDRESS + 1)]
    for form in forms[:-1]:
        await save_draft(session, None, round_.id, form, Sent(), NOW)
    with in_language("en"), pytest.raises(TooMany, match="sign in"):
        await save_draft(session, None, round_.id, forms[-1], Sent(), NOW)
    await save_draft(session, None, round_.id, forms[0], Sent(), NOW)  # the same one again mails its link again
    for n in range(MOST_DRAFTS - 1):
        await make_idea(session, round_, resident, f"Oma {n}", IdeaState.DRAFT)
    await session.execute(update(Idea).values(submitted_at=NOW))
    await save_draft(session, resident, round_.id, DraftForm(**IDEA), Sent(), NOW)
    with in_language("en"), pytest.raises(TooMany, match="You have many drafts"):
        await save_draft(session, resident, round_.id, DraftForm(**IDEA | {"title": "Vielä"}), Sent(), NOW)


async def test_drafts_of_unknown_hands_have_a_ceiling_in_all_and_go_sooner(session, round_, resident, monkeypatch):
    monkeypatch.setattr(service, "MOST_UNCLAIMED", 1)
    first = await save_draft(session, None, round_.id, DraftForm(**IDEA, email=MAIL), Sent(), NOW)
    other = DraftForm(**IDEA, email="muu@example.fi")
    with in_language("en"), pytest.raises(TooMany, match="Sign in first"):
        await save_draft(session, None, round_.id, other, Sent(), NOW)
    await submit_idea(session, resident, round_.id, IdeaForm(**IDEA), NOW)
    first.submitted_at = NOW - UNCLAIMED_AGE - DAY
    await session.flush()
    second = await save_draft(session, None, round_.id, other, Sent(), NOW)
    assert set(await session.scalars(select(Idea.id).where(Idea.state == IdeaState.DRAFT))) == {second.id}
    assert UNCLAIMED_AGE < DRAFT_AGE


async def test_pictures_kept_for_a_form_have_a_ceiling_and_go_after_a_day(session, round_, visit, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_KEPT", 1)
    path, told = f"/rounds/{round_.id}/ideas/new", []
    for _form in range(2):
        answer = await (await visit(None)).post(path, IDEA | {"title": "", "alt_1": "Piha"}, files=photo())
        told.append(words(answer))
    assert "This picture is kept" in told[0]
    assert "Choose the pictures again" in told[1]
    one = Sent(new={1: encode(sent(picture()))}, alts={1: "Piha"})
    await pictures.keep_pictures(session, uuid4(), one, NOW + KEPT_FOR + DAY)
    assert (await session.scalars(select(Picture.kept_until))).all() == [NOW + 2 * KEPT_FOR + DAY]


async def test_a_kept_picture_is_nobody_else_s(session, round_, resident, visit):
    path, form = f"/rounds/{round_.id}/ideas/new", {"submission": str(uuid4()), "alt_1": "Piha"}
    answer = await (await visit(resident)).post(path, form, files=photo())
    assert "This picture is kept" in words(answer)
    kept = (await session.scalars(select(Picture))).one()
    assert (await (await visit(resident)).get(f"/ideas/{kept.thing_id}/pictures/1.jpg")).status_code == 404
    for who in (None, await make_person(session, "Muu")):
        other = await (await visit(who)).post(path, form | {"alt_1": ""})
        assert "This picture is kept" not in words(other)


async def test_a_draft_of_an_unknown_hand_is_asked_for_what_it_lacks(session, round_, resident, visit):
    form = DraftForm(title="Aita", email=resident.email)
    draft = await save_draft(session, None, round_.id, form, Sent(), NOW)
    await session.commit()
    with pytest.raises(FieldErrors):
        await send_idea(session, resident, draft.id, NOW)
    browser = await visit(resident)
    assert (await browser.post(f"/ideas/{draft.id}/send")).status_code == 422
    swedish = await browser.get(f"/ideas/{draft.id}/send?lang=sv")
    assert (swedish.status_code, '<html lang="sv">' in swedish.text, "Aita" in swedish.text) == (200, True, True)
