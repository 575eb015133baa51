"""What the city wrote in other languages reaches its readers; a fallback is marked with its language."""

from dataclasses import dataclass, field

import pytest
from litestar.datastructures import FormMultiDict

from pb.city.models import Area
from pb.errors import FieldErrors
from pb.language import CHOICES, PLAIN, choose_language, in_language
from pb.settings import get_settings
from pb.translation import Texts, Translated, other_languages, read_translations, said, said_as, spread, text_of
from tests.visitor import Visitor

TEXTS = {"sv": {"title": "Vi delar"}, PLAIN: {"title": "Päätämme rahasta"}}


@dataclass
class Thing:
    title: str = "Jaetaan <yhdessä>"
    translations: Texts = field(default_factory=dict)


@pytest.mark.parametrize(
    ("choice", "texts", "page"),
    [
        ("fi", TEXTS, "Jaetaan &lt;yhdessä&gt;"),
        ("sv", TEXTS, "Vi delar"),
        (PLAIN, TEXTS, "Päätämme rahasta"),
        ("en", TEXTS, '<span lang="fi">Jaetaan &lt;yhdessä&gt;</span>'),
        (PLAIN, {}, "Jaetaan &lt;yhdessä&gt;"),  # the city's own language is the reader's, so nothing is marked
        ("sv", {"sv": {"summary": "Något annat"}}, '<span lang="fi">Jaetaan &lt;yhdessä&gt;</span>'),
        ("sv", {"sv": {"title": "<b>Vi & ni</b>"}}, "&lt;b&gt;Vi &amp; ni&lt;/b&gt;"),
        ("fi", {"fi": {"title": "Vanha"}}, "Jaetaan &lt;yhdessä&gt;"),
    ],
)
def test_a_text_is_said_in_the_readers_language_or_marked(choice, texts, page):
    with in_language(choice):
        assert said(Thing(translations=texts), "title") == page


def test_frozen_words_are_said_as_the_thing_that_bears_them():
    things = [Thing("Toinen"), Thing(translations=TEXTS)]
    with in_language("sv"):
        assert said_as(things, "title", "Jaetaan <yhdessä>") == "Vi delar"
        assert said_as(things, "title", "Ei <enää>") == '<span lang="fi">Ei &lt;enää&gt;</span>'


def test_a_title_or_an_attribute_gets_the_text_alone():
    with in_language("en"):
        assert text_of(Thing(), "title") == "Jaetaan <yhdessä>"
    with in_language("sv"):
        assert text_of(Thing(translations=TEXTS), "title") == "Vi delar"


def test_where_the_city_writes_swedish_plain_finnish_falls_back_to_finnish(monkeypatch):
    monkeypatch.setenv("PB_CONTENT_LANGUAGE", "sv")
    get_settings.cache_clear()
    try:
        with in_language(PLAIN):
            assert said(Thing("Vi delar"), "title") == '<span lang="sv">Vi delar</span>'
            assert said(Thing("Vi delar", {"fi": {"title": "Jaetaan"}}), "title") == "Jaetaan"
        assert [*other_languages()] == ["fi", PLAIN, "en"]
    finally:
        get_settings.cache_clear()


def test_a_form_spreads_and_reads_the_same_texts():
    thing = Thing(translations=TEXTS)
    sent = FormMultiDict(spread(thing.translations, "x."))
    assert read_translations(sent, ("title",), "x.") == TEXTS
    blank = FormMultiDict({"title.sv": "  ", "title.en": "Sharing\x00 ", "title.fi": "not another language"})
    assert read_translations(blank, ("title",)) == {"en": {"title": "Sharing"}}


def test_a_text_that_is_too_long_is_named():
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        read_translations(FormMultiDict({"name.sv": "x" * 201, "name.en": "x" * 200}), ("name",))
    assert wrong.value.errors == {"name.sv": "Shorten this to 200 characters at most."}


@pytest.mark.parametrize(
    ("asked", "cookie", "header", "choice"),
    [
        (PLAIN, "sv", "en", PLAIN),
        (None, PLAIN, "en", PLAIN),
        (None, None, f"{PLAIN},sv;q=0.5", "fi"),
        (None, "fi-x", "sv", "sv"),
    ],
)
def test_plain_finnish_is_asked_for_and_never_guessed(asked, cookie, header, choice):
    assert choose_language(asked, cookie, header) == choice


async def test_a_page_in_plain_finnish_is_finnish_to_a_screen_reader_and_is_kept(visitor: Visitor):
    page = await visitor.get(f"/?lang={PLAIN}")
    assert page.headers["content-language"] == "fi"
    assert '<html lang="fi">' in page.text
    assert f'<a href="?lang={PLAIN}" lang="fi" hreflang="fi" aria-current="true">' in page.text
    assert page.text.count('aria-current="true"') == 1
    assert "Sinä saat päättää, mihin kaupungin raha menee" in page.text
    assert "Sinä saat päättää" in (await visitor.get("/")).text  # the cookie keeps it


@pytest.mark.parametrize("choice", CHOICES)
async def test_the_front_page_speaks_every_language(visitor: Visitor, choice):
    page = await visitor.get(f"/?lang={choice}")
    assert page.status_code == 200
    assert all(f'<span class="long">{name}</span>' in page.text for name in CHOICES.values())


async def test_a_row_keeps_its_translations(session, lammi):
    assert lammi.translations == {}
    lammi.translations = {"sv": {"name": "Lampis"}}
    await session.flush()
    area = await session.get(Area, lammi.id, populate_existing=True)
    with in_language("sv"):
        assert said(area, "name") == "Lampis"


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table in Translated.__subclasses__() for name in table.WORDS]
)
def test_a_text_that_changes_loses_its_translations_and_no_others(table, name):
    others = {other: f"{other} på svenska" for other in table.WORDS if other != name}
    thing = table(**dict.fromkeys(table.WORDS, "Yksi\nkaksi"))
    thing.translations = {"sv": {name: "Ett", **others}, "en": {name: "One"}}
    setattr(thing, name, "Yksi\r\nkaksi")  # as a browser sends the same text
    assert thing.translations == {"sv": {name: "Ett", **others}, "en": {name: "One"}}
    setattr(thing, name, "Kolme")
    assert thing.translations == ({"sv": others} if others else {})


async def test_a_changed_text_says_the_citys_words_after_it_is_read_again(session, lammi):
    lammi.translations = {"sv": {"name": "Lampis"}}
    await session.flush()
    area = await session.get(Area, lammi.id, populate_existing=True)
    area.name = "Tuulos"
    await session.flush()
    await session.refresh(area)
    with in_language("sv"):
        assert said(area, "name") == '<span lang="fi">Tuulos</span>'


def test_a_text_of_a_new_thing_may_be_written_twice():
    area = Area(name="Lammi")
    area.name = "Tuulos"
    assert (area.name, area.translations) == ("Tuulos", {})
