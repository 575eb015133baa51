"""The city's own texts in other languages, field by field; where one is missing, the city's language speaks.

A fallback is marked with its language, so that a screen reader pronounces it right (WCAG 2.2, 3.1.2).
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol
from uuid import UUID

from litestar.datastructures import FormMultiDict
from markupsafe import Markup, escape
from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, validates

from pb.errors import FieldErrors
from pb.language import CHOICES, chosen_language, current_language, spoken
from pb.language import gettext as _
from pb.settings import get_settings

Texts = dict[str, dict[str, str]]  # {"sv": {"title": "Tillsammans"}}; what is not translated is left out
LONGEST = {"name": 200, "title": 200, "summary": 5000, "description": 5000}  # characters, as in the city's language


class HasTranslations(Protocol):
    @property
    def translations(self) -> Texts: ...


class Translated:
    """Mixed into a table whose columns `WORDS` the city writes in its own language.

    A text that changes loses its translations: they would say what it no longer says. What the same act writes in
    other languages is set after the text.
    """

    WORDS: ClassVar[tuple[str, ...]]
    translations: Mapped[Texts] = mapped_column(
        JSONB,
        CheckConstraint("jsonb_typeof(translations) = 'object'", name="translations"),
        default=dict,
        server_default=text("'{}'"),
    )

    @validates(*LONGEST)
    def drop_translations(self, name: str, words: str) -> str:
        if plain(self.__dict__.get(name, words)) != plain(words):
            before = self.translations or {}  # None before the first flush
            kept = {code: {n: w for n, w in texts.items() if n != name} for code, texts in before.items()}
            self.translations = {code: texts for code, texts in kept.items() if texts}
        return words


def plain(words: str) -> str:
    """The words with plain line ends, whatever those of a form were."""
    return words.replace("\r\n", "\n")


def other_languages() -> dict[str, str]:
    """The languages into which the city's own texts can be translated, by their names; plain Finnish is one."""
    ours = get_settings().content_language
    return {choice: name for choice, name in CHOICES.items() if choice != ours}


def in_reach(thing: HasTranslations, name: str) -> tuple[str, str]:
    """The text `name` of a thing for this reader, and the choice whose text it is."""
    ours = get_settings().content_language
    for choice in (chosen_language(), current_language()):
        if choice == ours:
            break
        if words := thing.translations.get(choice, {}).get(name):
            return words, choice
    return getattr(thing, name), ours


def text_of(thing: HasTranslations, name: str) -> str:
    """The text alone, for titles of pages and for attributes, which carry no language."""
    return in_reach(thing, name)[0]


def said(thing: HasTranslations, name: str) -> Markup:
    """The text for a page: escaped, and marked where it is in another language than the page."""
    return marked(*in_reach(thing, name))


def said_as(things: Iterable[HasTranslations], name: str, words: str) -> Markup:
    """Words that confirmed rules have frozen, as the one of `things` that bears them says them to this reader."""
    thing = next((thing for thing in things if getattr(thing, name) == words), None)
    return said(thing, name) if thing is not None else marked(words, get_settings().content_language)


def named(things: Iterable[Any]) -> list[tuple[UUID, str]]:
    """(id, name) of each, to choose from in a select box."""
    return [(thing.id, text_of(thing, "name")) for thing in things]


def marked(words: str, choice: str) -> Markup:
    language = spoken(choice)
    if language == current_language():
        return escape(words)
    return Markup('<span lang="{}">{}</span>').format(language, words)


def spread(texts: Texts, prefix: str = "") -> dict[str, str]:
    """The translations as a form's fields: {"title.sv": "Tillsammans"}, each name after `prefix`."""
    return {f"{prefix}{name}.{choice}": words for choice, own in texts.items() for name, words in own.items()}


def read_translations(sent: FormMultiDict, names: Iterable[str], prefix: str = "") -> Texts:
    """The fields named by `spread`, empty ones left out. Raises FieldErrors for those that are too long."""
    texts: Texts = {}
    errors = {}
    for choice in other_languages():
        for name in names:
            words = plain(str(sent.get(f"{prefix}{name}.{choice}", ""))).replace("\x00", "").strip()
            if len(words) > LONGEST[name]:
                errors[f"{prefix}{name}.{choice}"] = _("Shorten this to %(n)s characters at most.") % {
                    "n": LONGEST[name]
                }
            elif words:
                texts.setdefault(choice, {})[name] = words
    if errors:
        raise FieldErrors(**errors)
    return texts
