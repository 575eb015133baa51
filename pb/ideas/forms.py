"""What a resident writes, and what staff enter and answer."""

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from litestar.datastructures import FormMultiDict
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError

from pb.errors import FieldErrors
from pb.forms import Blank, Email, KeyForm, Line, OptionalLine, OptionalText, Text, read_form
from pb.ideas.models import Origin, Theme
from pb.language import gettext as _
from pb.people.models import ShownName
from pb.pictures.forms import Sent

PLACES = Decimal("0.000001")  # of a degree, some 10 cm


def _degrees(most: int, value: object) -> Decimal | None:
    """Degrees of WGS 84 from -`most` to `most`; an empty field is None. A Finnish comma is a point."""
    if value is None or not str(value).strip():
        return None
    try:
        degrees = Decimal(str(value).strip().replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        degrees = Decimal("NaN")
    if not degrees.is_finite() or not -most <= degrees <= most:
        raise PydanticCustomError("sentence", _("Write degrees as a number, for example 61.0764."))
    return degrees.quantize(PLACES)


Latitude = Annotated[Decimal | None, BeforeValidator(partial(_degrees, 90))]
Longitude = Annotated[Decimal | None, BeforeValidator(partial(_degrees, 180))]
AnyIdea = TypeVar("AnyIdea", bound="DraftForm")


class DraftForm(KeyForm):
    """An idea that may still lack anything."""

    email: Annotated[Email | None, Blank] = None  # of a writer who is not signed in
    title: OptionalLine = ""
    description: OptionalText = ""
    area_id: Annotated[UUID | None, Blank] = None  # None: the whole city
    place: OptionalLine = ""
    latitude: Latitude = None
    longitude: Longitude = None
    theme: Annotated[Theme | None, Blank] = None
    service_id: Annotated[UUID | None, Blank] = None  # None: the city chooses
    shown_name: ShownName = ShownName.AREA
    name: OptionalLine = ""
    unnamed: bool = False  # "never show my name"

    def find_missing(self, *, signed_in: bool) -> dict[str, str]:
        """Half of a place, or where the link is to be mailed: {field: sentence}."""
        missing = {}
        if self.has_half_a_place():
            missing["latitude" if self.latitude is None else "longitude"] = _("Write both numbers, or neither.")
        if not signed_in and self.email is None:
            missing["email"] = _("Write your mail address. We send a link to it.")
        return missing

    def has_half_a_place(self) -> bool:
        return (self.latitude is None) != (self.longitude is None)


class IdeaForm(DraftForm):
    """An idea that is ready to be sent."""

    title: Line
    description: Text


class EnteredForm(IdeaForm):
    """An idea that staff enter on somebody's behalf."""

    origin: Literal[Origin.EVENT, Origin.PAPER, Origin.PHONE]
    origin_note: OptionalLine = ""


class DecideForm(BaseModel):
    decision: Literal["publish", "refuse"]
    reason: OptionalText = ""
    area_id: Annotated[UUID | None, Blank] = None  # where staff put the idea; only what is sent is changed
    theme: Annotated[Theme | None, Blank] = None
    service_id: Annotated[UUID | None, Blank] = None

    def check(self) -> None:
        """Raises FieldErrors for a refusal without its public reason."""
        if self.decision == "refuse" and not self.reason:
            raise FieldErrors(reason=_("Write the reason. It is shown to everybody on the idea's page."))


def read_idea(form: FormMultiDict, model: type[AnyIdea], sent: Sent, *, signed_in: bool) -> AnyIdea:
    """The idea that was written. Raises FieldErrors with all that is wrong with it and with its pictures."""
    errors: dict[str, str] = {}
    try:
        data: Any = read_form(model, form)
    except FieldErrors as wrong:
        errors = wrong.errors
        data = read_form(DraftForm, without(form, errors))
    for name, sentence in (data.find_missing(signed_in=signed_in) | sent.errors).items():
        errors.setdefault(name, sentence)
    if errors:
        raise FieldErrors(**errors)
    return data


def read_key(form: FormMultiDict) -> KeyForm:
    """The form's key; a fresh one in place of what is none."""
    try:
        return read_form(KeyForm, form)
    except FieldErrors as wrong:
        return read_form(KeyForm, without(form, wrong.errors))


def without(form: FormMultiDict, errors: dict[str, str]) -> FormMultiDict:
    return FormMultiDict([pair for pair in form.multi_items() if pair[0] not in errors])


def read_fine(form: FormMultiDict, errors: dict[str, str]) -> DraftForm:
    """What is fine of a form in which `errors` were found; of half a place nothing."""
    draft = read_form(DraftForm, without(form, errors))
    if draft.has_half_a_place():
        draft.latitude = draft.longitude = None
    return draft
