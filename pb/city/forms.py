"""What an administrator writes of the city and its people."""

import json
import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from annotated_types import Len
from pydantic import BaseModel, BeforeValidator, Field, FiniteFloat, TypeAdapter, field_validator
from pydantic_core import PydanticCustomError

from pb.city.models import BodyKind
from pb.forms import Email, Line
from pb.language import gettext as _
from pb.permissions import Role, Scope
from pb.translation import Texts

CITY = Scope()
MOST_POSTCODES = 150  # of one area; the database finds one that two areas have among fewer than 200
Ring = list[Annotated[list[FiniteFloat], Len(2, 3)]]
SHAPES = {"Polygon": TypeAdapter(list[Ring]), "MultiPolygon": TypeAdapter(list[list[Ring]])}


def _boundary(value: object) -> dict[str, Any] | None:
    """A GeoJSON geometry: a polygon or several, in WGS 84 degrees."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        shape = json.loads(value)
        shape = shape.get("geometry", shape)
        kind = shape["type"]
        return {"type": kind, "coordinates": SHAPES[kind].validate_python(shape["coordinates"])}
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        sentence = _("Paste a GeoJSON Polygon or MultiPolygon, or leave this empty.")
        raise PydanticCustomError("sentence", sentence) from None


def _postcodes(value: object) -> list[str]:
    """Finnish postcodes, each five digits, with anything but letters and digits between."""
    codes = sorted(set(re.findall(r"\w+", str(value))))
    if not all(re.fullmatch("[0-9]{5}", code) for code in codes):
        raise PydanticCustomError("sentence", _("Write postcodes of five digits, with spaces between."))
    if len(codes) > MOST_POSTCODES:
        raise PydanticCustomError(
            "sentence", _("Write fewer postcodes: an area can have %(n)s.") % {"n": MOST_POSTCODES}
        )
    return codes


def _scope(value: object) -> Scope:
    """What an appointment is for: "city", "service:" or "body:" and its id."""
    kind, _colon, key = str(value).partition(":")
    try:
        return CITY if value == "city" else Scope(**{f"{kind}_id": UUID(key)})
    except (ValueError, TypeError):
        raise PydanticCustomError("sentence", _("Choose one of the alternatives.")) from None


class PartForm(BaseModel):
    """What an area, a service and a body share: a name, in other languages too."""

    name: Line
    translations: Texts = {}


class AreaForm(PartForm):
    population: Annotated[int, Field(ge=0, le=10**9)]
    population_date: date
    population_source: Line
    boundary: Annotated[dict[str, Any] | None, BeforeValidator(_boundary)] = None
    postcodes: Annotated[list[str], BeforeValidator(_postcodes)] = []


class ServiceForm(PartForm):
    contact_name: Line
    contact_email: Email
    contact_phone: Line


class BodyForm(PartForm):
    kind: BodyKind


class AppointmentForm(BaseModel):
    email: Email
    name: Line
    role: Role
    scope: Annotated[Scope, BeforeValidator(_scope)] = CITY

    @field_validator("role")
    @classmethod
    def everybody_is_a_resident(cls, role: Role) -> Role:
        if role is Role.RESIDENT:
            raise PydanticCustomError("sentence", _("Everybody who signs in is a resident. Choose another role."))
        return role
