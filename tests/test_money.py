"""Amounts as people write them, and shares that lose no cent."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pb.money import LARGEST_CENTS, read_cents, shares, show_cents

HELSINKI = {
    "Etelä": 1868353,
    "Länsi": 1723412,
    "Keski": 1572408,
    "Pohjoinen": 665977,
    "Koillinen": 1531569,
    "Kaakko": 882799,
    "Itä": 1755482,
}
weights = st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), min_size=1).filter(lambda w: any(w.values()))
totals = st.integers(0, 10**12)


def obvious_shares(total: int, weights: dict[str, int]) -> dict[str, int]:
    """The twin: cents are handed out one at a time to whoever lacks most of their exact share."""
    exact = {name: Fraction(total * weight, sum(weights.values())) for name, weight in weights.items()}
    given = {name: int(share) for name, share in exact.items()}
    while sum(given.values()) < total:
        neediest = min(weights, key=lambda name: (given[name] - exact[name], -weights[name], name))
        given[neediest] += 1
    return given


@given(totals, weights)
def test_shares_sum_exactly(total, weights):
    assert sum(shares(total, weights).values()) == total


@given(totals, weights)
def test_each_share_is_within_a_cent_of_proportional(total, weights):
    whole = sum(weights.values())
    assert all(abs(given * whole - total * weights[name]) < whole for name, given in shares(total, weights).items())


@given(totals, weights, st.randoms(use_true_random=False))
def test_the_order_in_which_areas_are_listed_changes_nothing(total, weights, random):
    listed = list(weights.items())
    random.shuffle(listed)
    assert shares(total, dict(listed)) == shares(total, weights)


@given(totals, weights)
def test_shares_are_what_the_slow_twin_gives(total, weights):
    assert shares(total, weights) == obvious_shares(total, weights)


def test_helsinkis_seven_amounts_give_themselves_back():
    assert shares(10_000_000_00, HELSINKI) == {name: euros * 100 for name, euros in HELSINKI.items()}


@pytest.mark.parametrize(("total", "weights"), [(1, {}), (1, {"a": 0}), (1, {"a": 2, "b": -1}), (-1, {"a": 1})])
def test_shares_of_nothing_are_refused(total, weights):
    with pytest.raises(ValueError, match="shares need"):
        shares(total, weights)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("24 000", 24_000_00),
        ("24\u00a0000,50", 24_000_50),
        ("24\u202f000 €", 24_000_00),
        ("€1.500", 1_500_00),
        ("1.500,25", 1_500_25),
        ("12,5", 12_50),
        ("12.50", 12_50),
        ("0", 0),
        ("007", 7_00),
        (" 3 ", 3_00),
        ("1" + "0" * 12, LARGEST_CENTS),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, cents):
    assert read_cents(text) == cents


# "1,234.50" and "1,234" are not guessed at: a comma is the decimal sign here.
@pytest.mark.parametrize(
    "text",
    ["", "€", "abc", "12 k", "-5", "+5", "1e3", "1,234", "1,234.50", "1 00", "1 500.000", "1..5", "1" + "0" * 13],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_cents(text)


@given(st.integers(0, LARGEST_CENTS), st.sampled_from(["fi", "sv"]))
def test_an_amount_shown_is_read_back(cents, language):
    assert read_cents(show_cents(cents, "EUR", language)) == cents


@pytest.mark.parametrize(
    ("language", "cents", "shown"),
    [
        ("fi", 24_000_00, "24\u00a0000\u00a0€"),
        ("fi", 24_000_50, "24\u00a0000,50\u00a0€"),
        ("en", 24_000_00, "€24,000"),
        ("en", 24_000_50, "€24,000.50"),
    ],
)
def test_cents_are_shown_only_where_there_are_some(language, cents, shown):
    assert show_cents(cents, "EUR", language) == shown
    assert show_cents(cents, "", language) == shown.strip("€\u00a0")
