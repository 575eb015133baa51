"""Codes survive what people do to them, and mistakes are noticed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.codes import (
    CHECK_DIGITS,
    DIGITS,
    check_character,
    new_ballot_code,
    new_code,
    read_ballot_code,
    read_code,
    show_code,
)

codes = st.text(DIGITS, min_size=12, max_size=12)
places = st.integers(0, 12)


def test_new_codes_differ_and_read_as_themselves():
    made = {new_code() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(read_code(code) == code for code in made)


def test_new_ballot_codes_read_as_themselves():
    assert all(read_ballot_code(code) == code for code in (new_ballot_code() for _ in range(1_000)))


@given(codes)
def test_a_code_is_read_as_it_is_shown_in_small_letters_or_with_spaces(code):
    shown = show_code(code)
    assert [len(group) for group in shown.split("-")] == [4, 4, 4]
    for text in (shown, shown.lower(), shown.replace("-", " "), f" {shown}\n", shown.replace("-", "\u2011")):
        assert read_code(text) == code


def test_letters_that_look_like_digits_are_read_as_digits():
    assert read_code("OoIi-LlAB-CDEF") == "001111ABCDEF"


@pytest.mark.parametrize("text", ["", "123", "1234-5678-9ABC-D", "UUUU-UUUU-UUUU", "12345678901é", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match="not a code") as caught:
        read_code(text)
    assert text == "" or text not in str(caught.value)


@given(st.text())
def test_reading_a_ballot_code_gives_a_code_or_a_value_error(text):
    with suppress(ValueError):
        assert len(read_ballot_code(text)) == 13


def test_the_check_character_is_the_value_modulo_37():
    assert check_character("000000000000") == "0"
    assert check_character("00000000001G") == CHECK_DIGITS[(32 + 16) % 37]


@given(codes, places, st.sampled_from(CHECK_DIGITS))
def test_every_single_wrong_character_is_noticed(code, place, wrong):
    whole = code + check_character(code)
    changed = whole[:place] + wrong + whole[place + 1 :]
    if changed != whole:
        with pytest.raises(ValueError, match="code"):
            read_ballot_code(changed)


@given(codes, st.integers(0, 10))
def test_every_swap_of_neighbours_is_noticed(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(ValueError, match="check character"):
            read_ballot_code(swapped + check_character(code))
