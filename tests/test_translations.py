"""Nobody meets an untranslated sentence, and no translation breaks the page it is on."""

import ast
import re
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from pb.language import (
    PLAIN,
    catalogue,
    gettext,
    in_language,
    ngettext,
    show_date,
    show_moment,
    show_money,
    show_percent,
    spoken,
)
from tests.messages import (
    CODE,
    KEYWORDS,
    PARTIAL,
    TRANSLATED,
    is_translated,
    list_messages,
    read_catalogue,
    read_messages,
    ways,
)

PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+\}")
BOTH = pytest.mark.parametrize("language", TRANSLATED)
EACH = pytest.mark.parametrize("language", [*TRANSLATED, *PARTIAL])


def placeholders(words: str) -> set[str]:
    return set(PLACEHOLDER.findall(words))


def can_be_filled_in(words: str) -> bool:
    try:
        return isinstance(words % defaultdict(int), str)
    except (TypeError, ValueError):
        return False


@BOTH
def test_the_catalogue_has_just_the_messages_there_are(language):
    translated = read_catalogue(language)
    present, wanted = ({ways(m.id) for m in list_messages(c)} for c in (translated, read_messages()))
    assert (wanted - present, present - wanted, [*translated.obsolete]) == (set(), set(), []), "run: ./run messages"


@BOTH
def test_every_message_is_translated(language):
    assert [ways(m.id)[0] for m in list_messages(read_catalogue(language)) if not is_translated(m)] == []


@pytest.mark.parametrize("language", PARTIAL)
def test_a_partial_catalogue_has_only_messages_there_are(language):
    partial = read_catalogue(language)
    present, wanted = ({ways(m.id) for m in list_messages(c)} for c in (partial, read_messages()))
    assert (present - wanted, [*partial.obsolete]) == (set(), []), "run: ./run messages"
    assert [m.id for m in list_messages(partial) if not is_translated(m)] == []


@EACH
def test_every_number_has_its_words(language):
    translated = read_catalogue(language)
    for message in list_messages(translated):
        assert len(ways(message.string)) == (translated.num_plurals if message.pluralizable else 1), message.id


@EACH
def test_placeholders_are_those_of_the_message(language):
    for message in filter(is_translated, list_messages(read_catalogue(language))):
        said, meant = ways(message.string), ways(message.id)
        assert placeholders(said[-1]) == placeholders(meant[-1]), message.id
        assert placeholders(said[0]) <= placeholders("".join(meant)), message.id
        if all(map(can_be_filled_in, meant)):
            assert all(map(can_be_filled_in, said)), message.id


@EACH
def test_the_app_loads_the_catalogue(language):
    assert catalogue(language).info()["language"] == spoken(language)


def test_plain_finnish_speaks_in_its_own_words_then_in_finnish_then_in_english():
    said = {}
    for choice in ("fi", PLAIN, "en"):
        with in_language(choice):
            said[choice] = [gettext("Withdrawn"), gettext("Main menu"), gettext("Nobody says this"), count(1), count(2)]
    assert said["fi"][0] != said[PLAIN][0] != said["en"][0]
    assert said["fi"][1] == said[PLAIN][1] != said["en"][1]
    assert said["fi"][2] == said[PLAIN][2] == said["en"][2] == "Nobody says this"
    assert said[PLAIN][3:] == ["Sinulla on yksi päivä aikaa.", "Sinulla on 2 päivää aikaa."]


def count(n: int) -> str:
    return ngettext("One day left.", "%(n)s days left.", n) % {"n": n}


def test_plain_finnish_writes_dates_and_money_as_finnish_does():
    at, written = datetime(2026, 12, 13, 18, tzinfo=UTC), {}
    for choice in ("fi", PLAIN, "en"):
        with in_language(choice):
            written[choice] = (show_moment(at), show_date(at), show_money(24_000_00), show_percent(1, 3))
    assert written[PLAIN] == written["fi"] != written["en"]
    assert written[PLAIN][0] == "su 13.12.2026 klo 20.00"


def test_messages_in_code_are_written_out():
    """A message put together at run time is never found: `_` takes one plain text, then `%` fills it in."""
    for path in CODE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                texts = call.args[: 2 if call.func.id == "ngettext" else 1]
                plain = all(isinstance(text, ast.Constant) for text in texts)
                assert plain or path.name == "language.py", f"{path}:{call.lineno}"
