"""The city's areas and services for everybody; changing them, and appointing people, for the administrator."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.city import queries, service
from pb.city.forms import AppointmentForm, AreaForm, BodyForm, PartForm, ServiceForm
from pb.city.models import Area, BodyKind
from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.forms import read_form
from pb.language import ngettext, show_number, spoken
from pb.people.models import Person
from pb.people.queries import count_people
from pb.permissions import Act, Role, Scope, acting_role, require
from pb.translation import in_reach, other_languages, read_translations, spread


def may_edit(me: Person | None) -> bool:
    return acting_role(me, Act.MANAGE_CITY, Scope()) is not None


def edit_page(kind: str, values: Any, errors: dict[str, str]) -> Template:
    """The form of one area, service or body."""
    context = {
        "kind": kind,
        "values": values,
        "errors": errors,
        "body_kinds": list(BodyKind),
        "languages_to": other_languages(),
    }
    return Template("city/edit.html", context=context, status_code=422 if errors else 200)


def feature_of(area: Area) -> dict[str, Any]:
    """An area as a GeoJSON feature (RFC 7946): its shape, its name with its language, and its residents in words."""
    name, choice = in_reach(area, "name")
    residents = ngettext("One resident", "%(n)s residents", area.population) % {"n": show_number(area.population)}
    words = {"name": name, "lang": spoken(choice), "residents": residents}
    return {"type": "Feature", "id": area.id, "geometry": area.boundary, "properties": words}


FORMS = {
    "area": (AreaForm, service.save_area),
    "service": (ServiceForm, service.save_service),
    "body": (BodyForm, service.save_body),
}
READS = {"area": queries.get_area, "service": queries.get_service, "body": queries.get_body}


class CityPages(Controller):
    path = "/city"

    @get("/")
    async def show(self, session: Session, me: Me) -> Template:
        context = {
            "areas": await queries.list_areas(session),
            "services": await queries.list_services(session),
            "bodies": await queries.list_bodies(session),
            "may_edit": may_edit(me),
        }
        return Template("city/city.html", context=context)

    @get("/areas.json")
    async def shapes(self, session: Session) -> dict[str, Any]:
        areas = [area for area in await queries.list_areas(session) if area.boundary]
        return {"type": "FeatureCollection", "features": [feature_of(area) for area in areas]}

    @get("/{kind:str}/new")
    async def blank(self, me: Me, now: Now, kind: FromPath[str]) -> Template:
        require(me, Act.MANAGE_CITY, Scope(), now=now)
        known_kind(kind)
        return edit_page(kind, {}, {})

    @get("/{kind:str}/{key:uuid}")
    async def filled(self, session: Session, me: Me, now: Now, kind: FromPath[str], key: FromPath[UUID]) -> Template:
        require(me, Act.MANAGE_CITY, Scope(), now=now)
        known_kind(kind)
        part = await READS[kind](session, key)
        return edit_page(kind, vars(part) | spread(part.translations), {})

    @post("/{kind:str}/new")
    async def add(self, session: Session, me: Me, now: Now, form: Form, kind: FromPath[str]) -> Template | Redirect:
        return await self.save(session, me, now, form, kind, None)

    @post("/{kind:str}/{key:uuid}")
    async def change(
        self, session: Session, me: Me, now: Now, form: Form, kind: FromPath[str], key: FromPath[UUID]
    ) -> Template | Redirect:
        return await self.save(session, me, now, form, kind, key)

    async def save(
        self, session: AsyncSession, me: Person | None, now: Any, form: FormMultiDict, kind: str, key: UUID | None
    ) -> Template | Redirect:
        known_kind(kind)
        model, act = FORMS[kind]
        try:
            await act(session, me, key, read_part(model, form), now)
        except FieldErrors as wrong:
            require(me, Act.MANAGE_CITY, Scope(), now=now)
            return edit_page(kind, form, wrong.errors)
        return Redirect("/city", status_code=303)


def read_part(model: type[PartForm], form: FormMultiDict) -> Any:
    """The form with the name's translations. Raises FieldErrors for all that has to be mended in either."""
    errors, texts = {}, {}
    try:
        texts = read_translations(form, ("name",))
    except FieldErrors as wrong:
        errors = wrong.errors
    try:
        part = read_form(model, form)
    except FieldErrors as wrong:
        errors = wrong.errors | errors
    if errors:
        raise FieldErrors(**errors)
    return part.model_copy(update={"translations": texts})


def known_kind(kind: str) -> None:
    if kind not in FORMS:
        raise queries.nothing_here()


class PeoplePages(Controller):
    path = "/people"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now) -> Template:
        require(me, Act.MANAGE_PEOPLE, Scope(), now=now)
        return await people_page(session, {}, {})

    @post("/")
    async def appoint(self, session: Session, me: Me, now: Now, form: Form) -> Template | Redirect:
        require(me, Act.MANAGE_PEOPLE, Scope(), now=now)
        try:
            await service.appoint(session, me, read_form(AppointmentForm, form), now)
        except FieldErrors as wrong:
            return await people_page(session, form, wrong.errors)
        return Redirect("/people", status_code=303)

    @post("/appointments/{key:uuid}/end")
    async def end(self, session: Session, me: Me, now: Now, key: FromPath[UUID]) -> Redirect:
        await service.end_appointment(session, me, key, now)
        return Redirect("/people", status_code=303)


async def people_page(session: AsyncSession, values: Any, errors: dict[str, str]) -> Template:
    context = {
        "appointments": await queries.list_appointments(session),
        "people": await count_people(session),
        "services": await queries.list_services(session),
        "bodies": await queries.list_bodies(session),
        "roles": [role for role in Role if role is not Role.RESIDENT],
        "values": values,
        "errors": errors,
    }
    return Template("city/people.html", context=context, status_code=422 if errors else 200)
