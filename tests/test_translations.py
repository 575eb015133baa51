"""Nobody meets an untranslated sentence, and no translation breaks the page it is on."""

import ast
import re
from collections import defaultdict

import pytest

from pb.language import catalogue
from tests.messages import CODE, KEYWORDS, TRANSLATED, is_translated, list_messages, read_catalogue, read_messages, ways

PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+\}")
BOTH = pytest.mark.parametrize("language", TRANSLATED)


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


@BOTH
def test_every_number_has_its_words(language):
    translated = read_catalogue(language)
    for message in list_messages(translated):
        assert len(ways(message.string)) == (translated.num_plurals if message.pluralizable else 1), message.id


@BOTH
def test_placeholders_are_those_of_the_message(language):
    for message in filter(is_translated, list_messages(read_catalogue(language))):
        said, meant = ways(message.string), ways(message.id)
        assert placeholders(said[-1]) == placeholders(meant[-1]), message.id
        assert placeholders(said[0]) <= placeholders("".join(meant)), message.id
        if all(map(can_be_filled_in, meant)):
            assert all(map(can_be_filled_in, said)), message.id


@BOTH
def test_the_app_loads_the_catalogue(language):
    assert catalogue(language).info()["language"] == language


def test_messages_in_code_are_written_out():
    """A message put together at run time is never found: `_` takes one plain text, then `%` fills it in."""
    for path in CODE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                texts = call.args[: 2 if call.func.id == "ngettext" else 1]
                plain = all(isinstance(text, ast.Constant) for text in texts)
                assert plain or path.name == "language.py", f"{path}:{call.lineno}"
