"""Forms: what is read, and the sentence beside each field that has to be mended."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict
from pydantic import BaseModel, Field

from pb.errors import FieldErrors
from pb.forms import Blank, Cents, Email, Line, Moment, OptionalText, Text, read_form
from pb.language import in_language


class Everything(BaseModel):
    line: Line = "x"
    text: Text = "x"
    note: OptionalText = ""
    email: Email = "a@b.fi"
    cents: Annotated[Cents, Field(gt=0)] = 1
    moment: Moment = datetime(2027, 1, 1, tzinfo=UTC)
    number: Annotated[int, Field(ge=1, le=9)] = 1
    day: date = date(2027, 1, 1)
    choice: Literal["yes", "no"] = "yes"
    key: Annotated[UUID | None, Blank] = None


def read(**fields: str) -> Everything:
    return read_form(Everything, FormMultiDict(fields))


def error(**fields: str) -> dict[str, str]:
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        read(**fields)
    return wrong.value.errors


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("line", "  Pihakonsertit ", "Pihakonsertit"),
        ("line", "a\x00b", "ab"),
        ("note", " ", ""),
        ("email", " Sanna@Example.FI ", "sanna@example.fi"),
        ("cents", "1 250,50", 1_250_50),
        ("moment", "2027-01-31T20:00", datetime(2027, 1, 31, 18, tzinfo=UTC)),
        ("moment", "2027-07-31 20:00", datetime(2027, 7, 31, 17, tzinfo=UTC)),
        ("moment", "2027-07-31T20:00Z", datetime(2027, 7, 31, 20, tzinfo=UTC)),
        ("number", "9", 9),
        ("day", "2026-12-13", date(2026, 12, 13)),
        ("key", " ", None),
    ],
)
def test_a_field_is_read(field, text, value):
    assert getattr(read(**{field: text}), field) == value


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("line", "  ", "Fill in this field."),
        ("line", "x" * 201, "Shorten this to 200 characters at most."),
        ("text", "x" * 5001, "Shorten this to 5000 characters at most."),
        ("email", "sanna", "Check the address. It looks like name@example.fi."),
        ("email", "a@b@c", "Check the address. It looks like name@example.fi."),
        ("email", "a@b.fi\nbcc: c@d.fi", "Check the address. It looks like name@example.fi."),
        ("cents", "twelve", "Write the amount in numbers, for example 12 500."),
        ("cents", "-5", "Write the amount in numbers, for example 12 500."),
        ("cents", "9" * 50, "Write the amount in numbers, for example 12 500."),
        ("cents", "0", "The number must be above 0."),
        ("moment", "tomorrow", "Write the day and time like this: 2026-12-13 20:00."),
        ("moment", "", "Write the day and time like this: 2026-12-13 20:00."),
        ("moment", "0001-01-01T00:00", "Check the year."),
        ("moment", "9999-12-31T23:59", "Check the year."),
        ("number", "many", "Write a whole number."),
        ("number", "1.5", "Write a whole number."),
        ("number", "", "Write a whole number."),
        ("number", "9" * 5000, "Write a whole number."),
        ("number", "0", "The number is too small: write at least 1."),
        ("number", "10", "The number is too large: write 9 at most."),
        ("day", "", "Write the day like this: 2026-12-13."),
        ("day", "13.12.2026", "Write the day like this: 2026-12-13."),
        ("day", "2026-12-13T20:00", "Write the day like this: 2026-12-13."),
        ("choice", "maybe", "Choose one of the alternatives."),
        ("key", "x", "Choose one of the alternatives."),
    ],
)
def test_a_field_that_is_wrong_says_how_to_mend_it(field, text, sentence):
    assert error(**{field: text}) == {field: sentence}


def test_every_wrong_field_is_named_at_once():
    assert list(error(line="", cents="x", choice="")) == ["line", "cents", "choice"]


def test_a_missing_field_is_to_be_filled_in():
    class Needed(BaseModel):
        line: Line

    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        read_form(Needed, FormMultiDict({}))
    assert wrong.value.errors == {"line": "Fill in this field."}


def test_of_a_field_sent_twice_the_last_counts_and_unknown_ones_do_not():
    sent = FormMultiDict([("line", "first"), ("line", "last"), ("other", "x")])
    assert read_form(Everything, sent).line == "last"


@given(st.sampled_from(list(Everything.model_fields)), st.text())
def test_no_text_at_all_breaks_a_form(field, text):
    with suppress(FieldErrors):
        read(**{field: text})
