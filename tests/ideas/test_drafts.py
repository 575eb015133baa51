"""Drafts: kept for their author alone, from a mail address or an account, until they are sent, deleted or swept."""

from uuid import UUID, uuid4

import pytest
from litestar.datastructures import FormMultiDict
from sqlalchemy import func, select, text

from pb import clock
from pb.errors import FieldErrors, NotFound, WrongPhase
from pb.ideas.forms import DraftForm, IdeaForm, read_idea
from pb.ideas.models import Idea, IdeaState
from pb.ideas.rules import DRAFT_AGE, UNCLAIMED_AGE
from pb.ideas.service import save_draft, send_idea, submit_idea, sweep
from pb.notices.models import Follow
from pb.people.models import Person, ShownName
from pb.people.queries import find_person
from pb.people.service import make_sign_in_link
from pb.pictures.forms import Sent
from pb.pictures.models import Picture
from pb.pictures.rules import encode
from tests.cast import DAY, NOW, make_idea, make_person
from tests.pictures.test_rules import picture, sent
from tests.visitor import words

IDEA = {"title": "Pihakonsertit", "description": "Kuusi konserttia kesällä."}
MAIL = "uusi@example.fi"


def photo(place: int = 1) -> dict:
    return {f"picture_{place}": ("kuva.jpg", sent(picture()), "image/jpeg")}


async def the_idea(session) -> Idea:
    return (await session.scalars(select(Idea).execution_options(populate_existing=True))).one()


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


async def test_somebody_without_an_account_gets_from_the_form_to_a_sent_idea(session, round_, visitor):
    form = IDEA | {"email": "Uusi@Example.fi", "name": "Uuno Uusi", "shown_name": "first name", "alt_1": "Piha"}
    answer = await visitor.post(f"/rounds/{round_.id}/ideas/new", form, files=photo())
    assert answer.status_code == 200
    assert "Open the link in the mail we sent to uusi@example.fi, then press Send." in words(answer)
    idea = await the_idea(session)
    assert idea.state is IdeaState.DRAFT
    queued = (await session.execute(text("SELECT payload FROM pgqueuer"))).scalar_one()
    assert f'"then": "/ideas/{idea.id}"'.encode() in queued
    assert (await visitor.get(f"/ideas/{idea.id}")).status_code == 404, "the link alone opens it"
    link = await make_sign_in_link(session, MAIL, f"/ideas/{idea.id}", clock.now())
    await session.commit()
    await visitor.sign_in(link)
    page = await visitor.get(f"/ideas/{idea.id}", follow_redirects=True)
    assert page.url.path == f"/ideas/{idea.id}/draft"
    assert "Shown as written by: Uuno" in words(page)
    assert 'alt="Piha"' in page.text
    answer = await visitor.post(f"/ideas/{idea.id}/send")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{idea.id}")
    assert (await the_idea(session)).state is IdeaState.SUBMITTED
    assert await count(session, Follow) == 1


async def test_nobody_else_sees_a_draft(session, round_, resident, officer, visit):
    draft = await make_idea(session, round_, resident, state=IdeaState.DRAFT)
    await session.commit()
    for who in (officer, await make_person(session, "Toinen")):
        browser = await visit(who)
        for path in ("", "/draft", "/decide", "/pictures/1.jpg"):
            assert (await browser.get(f"/ideas/{draft.id}{path}")).status_code == 404
        for act in ("draft", "send", "delete"):
            assert (await browser.post(f"/ideas/{draft.id}/{act}", IDEA)).status_code == 404
        assert "Pihakonsertit" not in (await browser.get(f"/rounds/{round_.id}/ideas")).text
        assert "Pihakonsertit" not in (await browser.get(f"/desk/rounds/{round_.id}")).text
    assert await count(session, Idea) == 1


async def test_without_an_address_the_text_stays_on_the_page(session, round_, visitor):
    answer = await visitor.post(f"/rounds/{round_.id}/ideas/new", IDEA | {"alt_1": "Piha"}, files=photo())
    assert answer.status_code == 422
    assert "Write your mail address. We send a link to it." in words(answer)
    assert "This picture is kept. You need not choose it again." in words(answer)
    assert all(typed in answer.text for typed in (*IDEA.values(), "Piha"))
    assert [await count(session, table) for table in (Idea, Picture, Person)] == [0, 1, 0]


async def test_a_refused_form_keeps_its_good_pictures_and_is_then_sent(session, round_, resident, visit):
    browser, path, key = await visit(resident), f"/rounds/{round_.id}/ideas/new", str(uuid4())
    form = IDEA | {"title": "", "submission": key, "alt_1": "Piha", "alt_2": "", "latitude": "61"}
    files = photo(1) | photo(2) | {"picture_3": ("kuva.jpg", b"GIF89a", "image/jpeg")}
    answer = await browser.post(path, form, files=files)
    assert answer.status_code == 422
    told = words(answer)
    assert "Fill in this field." in told
    assert "Say in a few words what is in the picture." in told
    assert "JPEG, PNG or WebP" in told
    assert told.count("This picture is kept. You need not choose it again.") == 2
    assert await count(session, Idea) == 0
    form |= {"title": "Konsertit", "alt_2": "Soittajat", "latitude": ""}
    answer = await browser.post(path, form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{key}")
    of_idea = select(Picture.alt).where(Picture.thing_id == UUID(key)).order_by(Picture.place)
    assert list(await session.scalars(of_idea)) == ["Piha", "Soittajat"]
    assert (await the_idea(session)).state is IdeaState.SUBMITTED


async def test_a_draft_is_kept_edited_and_deleted(session, round_, resident, visit):
    browser = await visit(resident)
    answer = await browser.post(
        f"/rounds/{round_.id}/ideas/new", {"title": "Jotain", "act": "draft", "alt_1": "P"}, files=photo()
    )
    path = answer.headers["location"]
    assert (answer.status_code, path) == (303, f"/ideas/{(await the_idea(session)).id}/draft")
    answer = await browser.post(path.replace("draft", "send"))
    assert (answer.status_code, "Fill in this field." in words(answer)) == (422, True)
    changed = IDEA | {"latitude": "61,05", "longitude": "24.99", "remove_1": "yes", "alt_2": "Ranta"}
    answer = await browser.post(path, changed, files=photo(2))
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    draft = await the_idea(session)
    assert (draft.title, str(draft.latitude)) == ("Pihakonsertit", "61.050000")
    assert list(await session.scalars(select(Picture.place))) == [2]
    answer = await browser.post(path, changed | {"latitude": "191", "alt_2": "Ranta"})
    assert (answer.status_code, "Write degrees as a number" in words(answer)) == (422, True)
    answer = await browser.post(path.replace("draft", "delete"))
    assert answer.headers["location"] == f"/rounds/{round_.id}/ideas"
    assert [await count(session, table) for table in (Idea, Picture)] == [0, 0]


@pytest.mark.parametrize(
    ("latitude", "longitude", "wrong"),
    [
        ("61,05", " 24.99 ", set()),
        ("−90", "180", set()),
        ("", "", set()),
        ("90.1", "24", {"latitude"}),
        ("61", "-180.5", {"longitude"}),
        ("61", "", {"longitude"}),
        ("", "24", {"latitude"}),
        ("pohjoinen", "NaN", {"latitude", "longitude"}),
        ("1e999999999", "Infinity", {"latitude", "longitude"}),
    ],
)
def test_a_place_on_the_map_is_whole_and_on_the_earth(latitude, longitude, wrong):
    form = FormMultiDict({**IDEA, "latitude": latitude, "longitude": longitude})
    try:
        read_idea(form, IdeaForm, Sent(), signed_in=True)
        found = set()
    except FieldErrors as errors:
        found = set(errors.errors)
    assert found == wrong


async def test_a_draft_is_sent_in_its_phase_only(session, round_, resident):
    draft = await save_draft(session, resident, round_.id, DraftForm(**IDEA), Sent(), NOW)
    for now in (NOW + 5 * DAY, NOW + 90 * DAY):
        with pytest.raises(WrongPhase):
            await send_idea(session, resident, draft.id, now)
    await send_idea(session, resident, draft.id, NOW)
    with pytest.raises(NotFound):
        await send_idea(session, resident, draft.id, NOW)


async def test_a_name_that_is_to_be_shown_is_asked_for(session, round_):
    nameless = await make_person(session, "Nimetön")
    nameless.name = ""
    draft = await save_draft(session, nameless, round_.id, DraftForm(**IDEA, shown_name="name"), Sent(), NOW)
    with pytest.raises(FieldErrors) as wrong:
        await send_idea(session, nameless, draft.id, NOW)
    assert list(wrong.value.errors) == ["name"]
    await submit_idea(session, nameless, round_.id, IdeaForm(**IDEA, shown_name="name", name="Niina"), NOW)
    assert nameless.name == "Niina"


@pytest.mark.parametrize(("age", "swept"), [(DRAFT_AGE, False), (DRAFT_AGE + DAY, True)])
async def test_drafts_that_nobody_sends_are_swept_with_their_pictures(session, round_, resident, age, swept):
    old = await make_idea(session, round_, resident, state=IdeaState.DRAFT)
    sent_long_ago = await make_idea(session, round_, resident, state=IdeaState.SUBMITTED)
    for idea in (old, sent_long_ago):
        idea.submitted_at = NOW - age
        session.add(Picture(thing_id=idea.id, place=1, alt="x", at=NOW, **vars(encode(sent(picture())))))
    await session.flush()
    new = await save_draft(session, await make_person(session, "Uusi"), round_.id, DraftForm(**IDEA), Sent(), NOW)
    left = set(await session.scalars(select(Idea.id)))
    assert left == {sent_long_ago.id, new.id} | (set() if swept else {old.id})
    assert set(await session.scalars(select(Picture.thing_id))) == left - {new.id}


@pytest.mark.parametrize(("age", "swept"), [(UNCLAIMED_AGE, False), (UNCLAIMED_AGE + DAY, True)])
async def test_an_account_that_nobody_claims_goes_with_its_draft(session, round_, age, swept):
    draft = await save_draft(session, None, round_.id, DraftForm(**IDEA, email=MAIL), Sent(), NOW - 4 * DAY)
    later = NOW - 4 * DAY + age
    await sweep(session, later)
    assert (await find_person(session, MAIL) is None) == swept
    assert (await count(session, Idea) == 0) == swept
    if swept:  # whoever writes again is not hindered
        again = await save_draft(session, None, round_.id, DraftForm(**IDEA, email=MAIL), Sent(), later)
        assert again.author_id != draft.author_id


async def test_a_new_draft_keeps_an_old_account_that_nobody_claimed(session, round_):
    old = await save_draft(session, None, round_.id, DraftForm(**IDEA, email=MAIL), Sent(), NOW - 4 * DAY)
    later = NOW - 4 * DAY + UNCLAIMED_AGE + DAY
    new = await save_draft(session, None, round_.id, DraftForm(**IDEA | {"title": "Uusi"}, email=MAIL), Sent(), later)
    await sweep(session, later)
    assert set(await session.scalars(select(Idea.id))) == {new.id}
    assert new.author_id == old.author_id


async def test_never_named_is_said_on_the_form_and_stays(session, round_, resident, visit):
    browser = await visit(resident)
    await browser.post(f"/rounds/{round_.id}/ideas/new", IDEA | {"unnamed": "yes", "shown_name": "name"})
    person = await find_person(session, resident.email)
    await session.refresh(person, ["unnamed"])
    assert person.unnamed
    assert (await the_idea(session)).shown_name is ShownName.AREA
    assert "Your name is never shown." in words(await browser.get(f"/rounds/{round_.id}/ideas/new"))


async def test_too_large_a_form_is_refused_with_a_sentence(round_, resident, visit):
    huge = {"picture_1": ("kuva.jpg", bytes(36 * 1024 * 1024), "image/jpeg")}
    answer = await (await visit(resident)).post(f"/rounds/{round_.id}/ideas/new", IDEA, files=huge)
    assert (answer.status_code, "Go back: your text is there." in words(answer)) == (413, True)
