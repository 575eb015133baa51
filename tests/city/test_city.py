"""The city's parts and its appointments, kept by the administrator."""

import json
from uuid import UUID, uuid4

import pytest
from litestar.datastructures import FormMultiDict
from sqlalchemy import select

from pb.audit import Deed, list_events
from pb.city.forms import AppointmentForm, AreaForm
from pb.city.models import Appointment, Area, Body, BodyKind, Service
from pb.city.queries import finnish_order, list_appointments
from pb.city.service import appoint, end_appointment
from pb.errors import FieldErrors, NotAllowed, Refusal
from pb.forms import read_form
from pb.language import in_language
from pb.people.queries import find_person
from pb.permissions import Role, Scope
from tests.cast import NOW, make_area, make_person
from tests.visitor import words

AREA = {"name": "Hauho", "population": "3700", "population_date": "2026-01-01", "population_source": "Tilastokeskus"}
SERVICE = {"name": "Liikunta", "contact_name": "Leo", "contact_email": "leo@example.fi", "contact_phone": "03 555"}
FORMS = {"area": AREA, "service": SERVICE, "body": {"name": "Nuorisovaltuusto", "kind": "participation"}}
MODELS = {"area": Area, "service": Service, "body": Body}


@pytest.mark.parametrize("kind", FORMS)
async def test_a_part_is_added_and_changed(session, administrator, visit, kind):
    browser = await visit(administrator)
    assert (await browser.post(f"/city/{kind}/new", FORMS[kind])).status_code == 303
    (part,) = await session.scalars(select(MODELS[kind]))
    page = await browser.get(f"/city/{kind}/{part.id}")
    assert all(value in page.text for value in FORMS[kind].values())
    await browser.post(f"/city/{kind}/{part.id}", FORMS[kind] | {"name": "Uusi"})
    await session.refresh(part)
    assert part.name == "Uusi"
    assert "Uusi" in words(await (await visit(None)).get("/city"))


@pytest.mark.parametrize("kind", FORMS)
async def test_a_name_is_given_in_other_languages_and_read_in_them(session, administrator, visit, kind):
    browser = await visit(administrator)
    wrong = await browser.post(f"/city/{kind}/new", FORMS[kind] | {"name": "", "name.sv": "x" * 201, "name.en": "East"})
    assert (wrong.status_code, "Shorten this to 200" in words(wrong), "Fill in this" in words(wrong)) == (
        422,
        True,
        True,
    )
    assert 'value="East"' in wrong.text
    await browser.post(f"/city/{kind}/new", FORMS[kind] | {"name.sv": "Öst", "name.en": " "})
    (part,) = await session.scalars(select(MODELS[kind]))
    assert part.translations == {"sv": {"name": "Öst"}}
    assert 'value="Öst"' in (await browser.get(f"/city/{kind}/{part.id}")).text
    reader = await visit(None, "sv")
    assert "Öst" in words(await reader.get("/city"))
    assert "Öst" not in words(await reader.get("/city?lang=en"))
    await browser.post(f"/city/{kind}/{part.id}", FORMS[kind] | {"name": "Itä", "name.sv": "Österut"})
    await session.refresh(part)
    assert (part.name, part.translations) == ("Itä", {"sv": {"name": "Österut"}})


@pytest.mark.parametrize("kind", FORMS)
async def test_a_name_in_use_is_said_and_nothing_is_lost(session, administrator, visit, kind):
    browser = await visit(administrator)
    for name in ("Ensimmäinen", "Toinen"):
        await browser.post(f"/city/{kind}/new", FORMS[kind] | {"name": name})
    second = await session.scalar(select(MODELS[kind]).where(MODELS[kind].name == "Toinen"))
    for path in (f"/city/{kind}/new", f"/city/{kind}/{second.id}"):
        answer = await browser.post(path, FORMS[kind] | {"name": "Ensimmäinen"})
        assert (answer.status_code, "This name is in use already. Write another." in words(answer)) == (422, True)
        assert all(value in answer.text for name, value in FORMS[kind].items() if name != "name")
    names = await session.scalars(select(MODELS[kind].name).order_by(MODELS[kind].name))
    assert list(names) == ["Ensimmäinen", "Toinen"]


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", "", "Fill in this field."),
        ("population", "many", "Write a whole number."),
        ("population", "-1", "The number is too small: write at least 0."),
        ("population_date", "1.1.2026", "Write the day like this: 2026-12-13."),
        ("boundary", "{", "Paste a GeoJSON Polygon or MultiPolygon, or leave this empty."),
        ("boundary", '{"type": "Point", "coordinates": [1, 2]}', "Paste a GeoJSON Polygon or MultiPolygon"),
        ("boundary", '{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "Paste a GeoJSON Polygon or MultiPolygon"),
        ("boundary", "[" * 5000, "Paste a GeoJSON Polygon or MultiPolygon"),
        ("boundary", "[1]", "Paste a GeoJSON Polygon or MultiPolygon"),
    ],
)
async def test_a_wrong_area_keeps_what_was_typed(administrator, visit, field, text, sentence):
    answer = await (await visit(administrator)).post("/city/area/new", AREA | {field: text})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert text in words(answer) or f'value="{text}"' in answer.text


def test_a_boundary_is_read_from_a_feature_too():
    shape = {"type": "Polygon", "coordinates": [[[25.0, 61.0], [25.1, 61.0], [25.0, 61.1], [25.0, 61.0]]]}
    for sent in (shape, {"type": "Feature", "geometry": shape | {"bbox": [1]}}):
        assert read_form(AreaForm, FormMultiDict(AREA | {"boundary": json.dumps(sent)})).boundary == shape
    assert read_form(AreaForm, FormMultiDict(AREA | {"boundary": " "})).boundary is None


async def test_a_kind_that_is_not_there_is_not_found(administrator, visit):
    browser = await visit(administrator)
    assert (await browser.get("/city/street/new")).status_code == 404
    assert (await browser.post("/city/street/new", AREA)).status_code == 404


def test_names_are_sorted_as_finns_and_swedes_do():
    names = ["Öster", "Åbo", "Zeta", "Äijälä", "Aura", "aarne", "Lammi 2"]
    assert sorted(names, key=finnish_order) == ["aarne", "Aura", "Lammi 2", "Zeta", "Åbo", "Äijälä", "Öster"]


def form(role: str = "clerk", scope: str = "city", email: str = "Ulla@Example.fi") -> AppointmentForm:
    return read_form(AppointmentForm, FormMultiDict({"name": "Ulla", "email": email, "role": role, "scope": scope}))


async def test_an_appointment_is_for_a_service_a_body_or_the_city(session, administrator, culture):
    body = Body(name="Valtuusto", kind=BodyKind.COUNCIL)
    session.add(body)
    await session.flush()
    for scope in ("city", f"service:{culture.id}", f"body:{body.id}"):
        await appoint(session, administrator, form(scope=scope), NOW)
    made = await session.execute(select(Appointment.service_id, Appointment.body_id).where(Appointment.role == "clerk"))
    assert set(made.all()) == {(None, None), (culture.id, None), (None, body.id)}
    assert (await find_person(session, "ulla@example.fi")).name == "Ulla"


BAD_SCOPES = ["service", "service:x", f"service:{'-' * 36}", f"area:{UUID(int=7)}", "service:", ":", ""]


@pytest.mark.parametrize("scope", BAD_SCOPES)
def test_a_scope_that_is_none_is_refused(scope):
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        form(scope=scope)
    assert wrong.value.errors == {"scope": "Choose one of the alternatives."}


def test_a_scope_that_is_not_sent_is_the_city():
    sent = FormMultiDict({"name": "Ulla", "email": "u@example.fi", "role": "clerk"})
    assert read_form(AppointmentForm, sent).scope == Scope()


@pytest.mark.parametrize("kind", ["service", "body"])
async def test_an_appointment_to_what_is_not_there_keeps_what_was_typed(administrator, visit, kind):
    sent = {"name": "Ulla", "email": "ulla@example.fi", "role": "clerk", "scope": f"{kind}:{uuid4()}"}
    answer = await (await visit(administrator)).post("/people", sent)
    assert answer.status_code == 422
    assert "There is no such area, service or body." in words(answer)
    assert 'value="ulla@example.fi"' in answer.text


def test_nobody_is_appointed_resident():
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        form(role="resident")
    assert wrong.value.errors == {"role": "Everybody who signs in is a resident. Choose another role."}


async def test_an_appointment_ends_at_once_and_once(session, administrator, culture, visit):
    officer = await make_person(session, "Olli", Role.OFFICER, culture)
    browser = await visit(officer)
    assert (await browser.get("/rounds/new")).status_code == 200
    key = officer.appointments[0].id
    await (await visit(administrator)).post(f"/people/appointments/{key}/end")
    assert (await browser.get("/rounds/new")).status_code == 403
    await session.refresh(officer.appointments[0])
    ended = officer.appointments[0].ended_at
    await end_appointment(session, administrator, key, NOW)
    assert officer.appointments[0].ended_at == ended
    assert officer.id not in [a.person_id for a in await list_appointments(session)]


async def test_the_administrator_does_not_end_their_own_right(session, administrator):
    with in_language("en"), pytest.raises(Refusal, match="Ask another administrator"):
        await end_appointment(session, administrator, administrator.appointments[0].id, NOW)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.COORDINATOR])
async def test_others_do_not_appoint(session, role):
    with pytest.raises(NotAllowed):
        await appoint(session, await make_person(session, "Joku", role), form("administrator"), NOW)


async def test_the_audit_trail_names_the_role_and_not_the_person(session, administrator, visit):
    await appoint(session, administrator, form("officer"), NOW)
    auditor = await make_person(session, "Aulis", Role.AUDITOR)
    await session.commit()
    (noted,) = await list_events(session)
    assert (noted.role, noted.deed, noted.person_id) == ("administrator", Deed.APPOINTED, administrator.id)
    page = await (await visit(auditor)).get("/desk/audit")
    assert "Appointed somebody" in words(page)
    assert administrator.name not in words(page)
    assert "ulla@example.fi" not in page.text


async def test_markup_in_the_citys_names_is_shown_as_text(session, administrator, culture, visit):
    attack = "<script>alert(1)</script>"
    await make_area(session, attack)
    culture.name = culture.contact_name = culture.contact_phone = attack
    culture.contact_email = f"{attack}@x"
    administrator.name = attack
    session.add(Body(name=attack, kind=BodyKind.COUNCIL))
    await session.commit()
    browser = await visit(administrator)
    for path in ("/city", "/people", f"/city/service/{culture.id}", "/sign-in?then=%22><script>alert(1)</script>"):
        page = await browser.get(path)
        assert (page.status_code, "<script>alert" in page.text) == (200, False)
