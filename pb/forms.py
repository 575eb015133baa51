"""Reading a form into a pydantic model, with every error as a sentence beside its field."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from litestar.datastructures import FormMultiDict
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from pb.errors import FieldErrors
from pb.language import gettext as _
from pb.money import read_cents
from pb.settings import get_settings

Form = TypeVar("Form", bound=BaseModel)


def _cents(value: object) -> int:
    if isinstance(value, int):
        return value
    try:
        return read_cents(str(value))
    except ValueError:
        raise PydanticCustomError("sentence", _("Write the amount in numbers, for example 12 500.")) from None


def _moment(value: object) -> datetime:
    """A time as the browser's date and time field sends it, in the city's own zone."""
    if isinstance(value, datetime):
        return value
    try:
        local = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise PydanticCustomError("sentence", _("Write the day and time like this: 2026-12-13 20:00.")) from None
    if not 2000 <= local.year <= 2200:
        raise PydanticCustomError("sentence", _("Check the year."))
    zone = ZoneInfo(get_settings().time_zone)
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _nothing(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Cents = Annotated[int, BeforeValidator(_cents)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Blank = BeforeValidator(_nothing)  # an empty field means None
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=200, pattern=r"^[^@\s,;:<>\"()]+@[^@\s,;:<>\"()]+$"
    ),
]


class KeyForm(BaseModel):
    """What tells one try of a form from another: the key is made with the page, so that sent twice it is one thing."""

    submission: UUID = Field(default_factory=uuid4)


def sentence(error: Mapping[str, Any]) -> str:
    """What one pydantic error says to a person, and how to mend it."""
    context = error.get("ctx", {})
    match error["type"]:
        case "sentence":
            return str(error["msg"])
        case "missing" | "string_too_short":
            return _("Fill in this field.")
        case "string_too_long":
            return _("Shorten this to %(n)s characters at most.") % {"n": context["max_length"]}
        case "string_pattern_mismatch":
            return _("Check the address. It looks like name@example.fi.")
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return _("Write a whole number.")
        case "date_from_datetime_parsing" | "date_from_datetime_inexact" | "date_parsing" | "date_type":
            return _("Write the day like this: 2026-12-13.")
        case "greater_than":
            return _("The number must be above %(n)s.") % {"n": context["gt"]}
        case "greater_than_equal":
            return _("The number is too small: write at least %(n)s.") % {"n": context["ge"]}
        case "less_than" | "less_than_equal":
            return _("The number is too large: write %(n)s at most.") % {"n": context.get("le", context.get("lt"))}
        case _:
            return _("Choose one of the alternatives.")


def read_form(model: type[Form], sent: FormMultiDict) -> Form:
    """The form's fields as `model`. Raises FieldErrors naming each field that has to be mended.

    Text that PostgreSQL cannot hold (a NUL character) is dropped, as no keyboard writes it.
    """
    values: dict[str, Any] = {}
    for name in model.model_fields:
        sent_values = [v.replace("\x00", "") for v in sent.getall(name, []) if isinstance(v, str)]
        if sent_values:
            values[name] = sent_values[-1]
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        errors: dict[str, str] = {}
        for error in invalid.errors(include_url=False):
            errors.setdefault(str(error["loc"][0]) if error["loc"] else "form", sentence(error))
        raise FieldErrors(**errors) from None
