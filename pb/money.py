"""Whole cents: reading amounts people type, showing them, and sharing a sum without losing a cent."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency, format_decimal

AMOUNT = re.compile(r"(?P<euros>\d+|\d{1,3}(?P<mark>[ .])\d{3}(?:(?P=mark)\d{3})*)(?:[.,](?P<cents>\d{1,2}))?")
SPACES = str.maketrans("\u00a0\u202f\u2009", "   ")
LARGEST_CENTS = 10**14  # a million million euros; keeps every sum within PostgreSQL's bigint


def read_cents(text: str) -> int:
    """Whole cents from an amount as people write it: "24 000", "24000,50", "€1.500".

    Raises ValueError for letters, signs, a third decimal, two kinds of marks between the thousands or an
    amount over LARGEST_CENTS. A comma is the decimal sign, so "1,234" is refused rather than guessed at.
    """
    bare = text.translate(SPACES).replace("€", "").strip()
    match = AMOUNT.fullmatch(bare)
    if match is None:
        raise ValueError(text)
    euros, cents = match["euros"].replace(" ", "").replace(".", ""), (match["cents"] or "").ljust(2, "0")
    amount = int(euros) * 100 + int(cents)
    if amount > LARGEST_CENTS:
        raise ValueError(text)
    return amount


@lru_cache(maxsize=10_000)  # a ballot of 700 projects asks 1,400 times, and formatting is slow
def show_cents(cents: int, currency: str, language: str) -> str:
    """`cents` in the language's way; decimals only where there are some: "24 000 €". Without a currency, a number."""
    decimals = 2 if cents % 100 else 0
    if not currency:
        return str(format_decimal(Decimal(cents) / 100, "#,##0.00" if decimals else "#,##0", language))
    return format_currency(
        Decimal(cents) / 100,
        currency,
        locale=language,
        decimal_quantization=True,
        currency_digits=False,
        format=None if decimals else whole_pattern(language),
    )


def whole_pattern(language: str) -> str:
    return "¤#,##0" if language == "en" else "#,##0\u00a0¤"


def shares(total_cents: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`total_cents` divided in proportion to named `weights` by largest remainder (Hamilton's method).

    The shares sum exactly, and each lies within a cent of the proportional share. Of equal remainders the
    larger weight gets the cent, then the earlier name, so the order in which areas are listed changes nothing.
    Raises ValueError unless a weight is positive and none is negative.
    """
    whole = sum(weights.values())
    if total_cents < 0 or whole <= 0 or min(weights.values()) < 0:
        raise ValueError("shares need a sum of zero or more and weights that are not all zero")
    parts = {name: divmod(total_cents * weight, whole) for name, weight in weights.items()}
    given = {name: quotient for name, (quotient, _) in parts.items()}
    order = sorted(weights, key=lambda name: (-parts[name][1], -weights[name], name))
    for name in order[: total_cents - sum(given.values())]:
        given[name] += 1
    return given
