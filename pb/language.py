"""Finnish (also plain), Swedish and English: the visitor's choice, the catalogues, words for numbers and dates.

English is written in the code; `locale/*.po` holds the others and is read as it is, so nothing needs compiling.
Plain Finnish (selkosuomi, https://selkokeskus.fi) is Finnish in every rule of numbers, dates and plurals; its
catalogue has only the sentences that it says in another way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from pb.money import show_cents
from pb.settings import get_settings

LANGUAGES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
PLAIN = "fi-plain"
CHOICES = {"fi": "Suomi", PLAIN: "Selkosuomi", "sv": "Svenska", "en": "English"}  # what a person may ask for
LOCALE = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("language", default="fi")


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language or a choice; what plain Finnish does not say in its own way, Finnish says."""
    path = LOCALE / language / "messages.po"
    if language == "en" or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=spoken(language)))
    compiled.seek(0)
    found = Translations(compiled)
    if language == PLAIN:
        found.add_fallback(catalogue("fi"))
    return found


def spoken(choice: str) -> str:
    """The language in which a choice is spoken and counts, as BCP 47 and CLDR name it: plain Finnish is Finnish."""
    return "fi" if choice == PLAIN else choice


def set_language(language: str) -> None:
    _language.set(language if language in CHOICES else "fi")


def current_language() -> str:
    """The language of the page, for `lang` and for numbers and dates."""
    return spoken(_language.get())


def chosen_language() -> str:
    """What the visitor reads, plain Finnish apart from Finnish: for `in_language` later on."""
    return _language.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Speak `language`, one of the choices, inside the block: for mails and reports, which have no visitor."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str) -> str:
    return catalogue(_language.get()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    return catalogue(_language.get()).ngettext(one, many, n)


_ = gettext


def choose_language(asked: str | None, cookie: str | None, header: str) -> str:
    """The visitor's language: what they just asked for, chose before, or their browser prefers."""
    for choice in (asked, cookie):
        if choice in CHOICES:
            return choice
    for part in header.split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return "fi"


def show_money(cents: int, currency: str = "EUR") -> str:
    return show_cents(cents, currency, current_language())


def show_number(number: int) -> str:
    return str(format_decimal(number, locale=current_language()))


def show_percent(part: int, whole: int) -> str:
    """`part` of `whole` to a tenth of a percent, rounded half up in whole numbers; a dash of nothing."""
    if not whole:
        return "–"
    tenths = (2000 * part + whole) // (2 * whole)
    number = str(format_decimal(tenths // 10, locale=current_language()))
    comma = "." if current_language() == "en" else ","
    space = "" if current_language() == "en" else "\u00a0"
    return f"{number}{comma}{tenths % 10}{space}%"


def show_average(total: int, number: int) -> str:
    """`total` shared by `number`, to a hundredth, rounded half up in whole numbers; a dash of nothing."""
    if not number:
        return "–"
    hundredths = (200 * total + number) // (2 * number)
    return str(format_decimal(Decimal(hundredths) / 100, "#,##0.00", current_language()))


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(get_settings().time_zone))


def show_date(moment: datetime | date) -> str:
    if isinstance(moment, datetime):
        moment = local(moment)
    pattern = "d MMM y" if current_language() == "en" else "d.M.y"
    return format_date(moment, pattern, locale=current_language())


def show_moment(moment: datetime) -> str:
    """Weekday, date and hour, as deadlines are written: "su 13.12.2026 klo 20.00"."""
    pattern = {"fi": "ccc d.M.y 'klo' H.mm", "sv": "ccc d.M.y 'kl.' H.mm", "en": "ccc d MMM y, HH:mm"}
    return format_datetime(local(moment), pattern[current_language()], locale=current_language())
