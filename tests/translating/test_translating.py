"""An officer writes a round's texts in other languages; nothing anybody wrote is lost."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from pb.confirmation.service import confirm_ballot
from pb.estimates.models import Project
from pb.ideas.models import IdeaState
from pb.language import CHOICES, PLAIN
from pb.permissions import Phase
from pb.rounds.models import Amendment
from pb.translating.pages import AT_ONCE
from pb.translating.queries import list_things
from tests.cast import NOW, make_allocation, make_idea, make_projects, make_round
from tests.visitor import words


@pytest.fixture
async def round_(session, culture, lammi, resident):
    made = await make_round(session, culture, Phase.ESTIMATES)
    made.allocations = [await make_allocation(session, made, 1, lammi)]
    await make_projects(session, made.allocations[0], 100, 200)
    await make_idea(session, made, resident)
    await make_idea(session, made, resident, "Luonnos", IdeaState.SUBMITTED)
    await session.commit()
    return made


@pytest.fixture
async def browser(visit, officer):
    return await visit(officer)


def path(round_) -> str:
    return f"/rounds/{round_.id}/translations"


def sent(thing, **texts: str) -> dict[str, str]:
    """A form of one thing: `title_sv` is its title in Swedish."""
    named = {key.replace("_", "."): value for key, value in texts.items()}
    return {f"{thing.id}": "yes", **{f"{thing.id}.{key}": value for key, value in named.items()}}


def before(thing, **texts: str) -> dict[str, str]:
    """What the form had shown before it was filled in."""
    return {f"before.{thing.id}.{key.replace('_', '.')}": value for key, value in texts.items()}


async def test_every_public_text_is_there_and_what_is_done_is_counted(session, round_, browser):
    page = await browser.get(path(round_))
    read = words(page)
    for title in ("Kierros 2027", "Lammi", "Hanke 1-1", "Hanke 1-2", "Pihakonsertit", "Kuusi konserttia kesällä."):
        assert title in read
    assert "Luonnos" not in read
    assert read.count("0 of 5 texts are done.") == 3
    await browser.post(path(round_), sent(round_.allocations[0], name_sv="Lampis"))
    read = words(await browser.get(path(round_)))
    assert ("1 of 5 texts are done." in read, read.count("0 of 5 texts are done.")) == (True, 2)


async def test_texts_are_saved_in_each_language_and_read_in_it(round_, browser, visit):
    form = sent(round_, title_sv="Omgång 2027", summary_sv="Ett prov.", title_en="Round 2027")
    answer = await browser.post(path(round_), form)
    assert (answer.status_code, answer.headers["location"].endswith("#saved")) == (303, True)
    reader = await visit(None)
    swedish = (await reader.get(f"/rounds/{round_.id}?lang=sv")).text
    assert "Omgång 2027</h1>" in swedish
    assert "Ett prov." in swedish
    english = (await reader.get(f"/rounds/{round_.id}?lang=en")).text
    assert "Round 2027</h1>" in english
    assert '<span lang="fi">Testikierros.</span>' in english


async def test_what_one_wrote_stays_when_another_saves_an_older_form(session, round_, browser):
    await browser.post(path(round_), sent(round_, title_sv="Omgång"))
    await browser.post(path(round_), sent(round_, title_sv="", title_en="Round"))  # shown before the first was saved
    await session.refresh(round_)
    assert round_.translations == {"sv": {"title": "Omgång"}, "en": {"title": "Round"}}


async def test_two_who_write_the_same_text_are_told_and_neither_is_lost(session, round_, browser):
    await browser.post(path(round_), sent(round_, title_sv="Omgång"))
    answer = await browser.post(path(round_), sent(round_, title_sv="Runda", title_en="Round"))
    assert answer.status_code == 422
    assert "Somebody else has just written: Omgång." in words(answer)
    assert ('value="Runda"' in answer.text, 'value="Round"' in answer.text) == (True, True)
    assert f'name="before.{round_.id}.title.sv" value="Omgång"' in answer.text
    again = sent(round_, title_sv="Runda", title_en="Round") | before(round_, title_sv="Omgång")
    assert (await browser.post(path(round_), again)).status_code == 303
    await session.refresh(round_)
    assert round_.translations == {"sv": {"title": "Runda"}, "en": {"title": "Round"}}


async def test_a_translation_of_a_text_that_has_changed_meanwhile_is_not_taken(session, round_, browser):
    page = (await browser.get(path(round_))).text
    shown = dict(re.findall(r'name="(of\.[^"]+)" value="([^"]+)"', page))
    assert len(shown) == 9  # a title each of five things, and a text of all but the pocket
    round_.title = "Kierros 2028"
    await session.commit()
    form = shown | sent(round_, title_sv="Omgång 2027", summary_en="A test.")
    answer = await browser.post(path(round_), form)
    assert answer.status_code == 422
    assert words(answer).count("The original text has changed meanwhile. Read it, then save again.") == 2  # and atop
    assert ('value="Omgång 2027"' in answer.text, "Kierros 2028" in answer.text) == (True, True)
    again = shown | dict(re.findall(r'name="(of\.[^"]+)" value="([^"]+)"', answer.text))
    assert (await browser.post(path(round_), form | again)).status_code == 303
    await session.refresh(round_)
    assert round_.translations == {"sv": {"title": "Omgång 2027"}, "en": {"summary": "A test."}}


async def test_a_round_saved_unchanged_keeps_its_translations_and_a_new_title_is_missing_in_them(
    session, round_, browser
):
    texts = sent(round_, title_sv="Omgång", summary_sv="Ett prov.")
    await browser.post(path(round_), texts)
    form = {"service_id": str(round_.service_id), "title": round_.title, "summary": round_.summary}
    for window in round_.windows:
        form |= {f"{window.phase}_{end}": getattr(window, end).isoformat() for end in ("opens", "closes")}
    assert (await browser.post(f"/rounds/{round_.id}/edit", form)).status_code == 303
    await session.refresh(round_)
    assert round_.translations == {"sv": {"title": "Omgång", "summary": "Ett prov."}}
    assert (await browser.post(f"/rounds/{round_.id}/edit", form | {"title": "Uusi nimi"})).status_code == 303
    await session.refresh(round_)
    assert round_.translations == {"sv": {"summary": "Ett prov."}}
    assert "Uusi nimi" in words(await browser.get(f"{path(round_)}?missing=sv"))


async def test_a_form_that_changes_nothing_may_be_older_than_the_text(session, round_, browser):
    answer = await browser.post(path(round_), {**sent(round_), f"of.{round_.id}.title": "older"})
    assert answer.status_code == 303


async def test_a_reason_with_what_no_keyboard_writes_is_saved_without_it(session, confirmed, round_, browser):
    form = sent(confirmed, title_sv="Projekt 1") | before(confirmed, title_sv="Projekt ett")
    assert (await browser.post(path(round_), form | {"reason": "Skriv\0fel."})).status_code == 303
    assert await session.scalar(select(Amendment.reason)) == "Skrivfel."


async def test_a_text_is_taken_away_by_emptying_it(session, round_, browser):
    await browser.post(path(round_), sent(round_, title_sv="Omgång"))
    await browser.post(path(round_), sent(round_, title_sv="") | before(round_, title_sv="Omgång"))
    await session.refresh(round_)
    assert round_.translations == {}


async def test_a_text_too_long_is_said_and_nothing_is_lost_or_saved(session, round_, browser):
    project = await session.scalar(select(Project).where(Project.title == "Hanke 1-2"))
    form = sent(round_, title_sv="Omgång") | sent(project, title_sv="x" * 201, summary_en="A test.")
    answer = await browser.post(path(round_), form)
    assert (answer.status_code, words(answer).count("Shorten this to 200 characters")) == (422, 2)
    assert all(text in answer.text for text in ("Omgång", "x" * 201, "A test."))
    await session.refresh(round_)
    assert round_.translations == {}


async def test_markup_in_a_translation_is_text(round_, browser, visit):
    await browser.post(path(round_), sent(round_, title_sv="<script>alert(1)</script>"))
    for page in (await browser.get(path(round_)), await (await visit(None, "sv")).get(f"/rounds/{round_.id}")):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


async def test_only_what_is_missing_can_be_asked_for(round_, browser):
    await browser.post(path(round_), sent(round_.allocations[0], name_sv="Lampis"))
    page = words(await browser.get(f"{path(round_)}?missing=sv"))
    assert ("Pocket Lammi" in page, "Round Kierros 2027" in page) == (False, True)
    assert "Pocket Lammi" in words(await browser.get(f"{path(round_)}?missing=en"))


async def test_seven_hundred_projects_come_in_pages_with_as_few_reads(session, round_, browser, counted):
    with counted() as few:
        await browser.get(path(round_))
    await make_projects(session, round_.allocations[0], *[100] * 698)
    await session.commit()
    with counted() as many:
        page = await browser.get(path(round_))
    assert len(many) == len(few)
    assert page.text.count('<section class="panel') == AT_ONCE
    assert "Page 1 of 36" in words(page)
    assert len(page.content) < 150_000
    last = await browser.get(f"{path(round_)}?page=36")
    assert ("Pihakonsertit" in last.text, "?page=37" in last.text) == (True, False)
    everything = await list_things(session, round_)
    form = {key: value for thing in everything[2:22] for key, value in sent(thing, title_sv=f"P {thing.id}").items()}
    answer = await browser.post(f"{path(round_)}?{urlencode({'page': 2})}", form)
    assert answer.headers["location"] == f"{path(round_)}?page=2#saved"
    assert "20 of 703 texts are done." not in words(await browser.get(path(round_)))  # their summaries are missing
    assert await session.scalar(text("SELECT count(*) FROM project WHERE translations ? 'sv'")) == 20


@pytest.fixture
async def confirmed(session, round_, officer, browser):
    """A confirmed round whose first project had a Swedish title before."""
    project = await session.scalar(select(Project).where(Project.title == "Hanke 1-1"))
    await browser.post(path(round_), sent(project, title_sv="Projekt ett"))
    await confirm_ballot(session, officer, round_.id, NOW)
    await session.commit()
    return project


async def test_a_changed_translation_of_a_confirmed_ballot_is_shown_with_its_reason(
    session, round_, confirmed, browser, visit
):
    form = sent(confirmed, title_sv="Projekt 1") | before(confirmed, title_sv="Projekt ett")
    refused = await browser.post(path(round_), form)
    assert (refused.status_code, "Say why you change a text" in words(refused)) == (422, True)
    assert 'value="Projekt 1"' in refused.text
    assert (await browser.post(path(round_), form | {"reason": "Skrivfel."})).status_code == 303
    (amended,) = await session.scalars(select(Amendment))
    assert (amended.kind, amended.language, amended.before, amended.after) == (
        "corrected",
        "sv",
        "Projekt ett",
        "Projekt 1",
    )
    page = await (await visit(None)).get(f"/rounds/{round_.id}")
    assert "Text corrected: Hanke 1-1 (Svenska)." in words(page)
    assert '<span class="prewrap" lang="sv">Projekt ett</span>' in page.text


async def test_a_new_translation_of_a_confirmed_ballot_changes_nothing_that_was_said(
    session, round_, confirmed, browser
):
    assert (await browser.post(path(round_), sent(confirmed, title_en="Project one"))).status_code == 303
    assert (await session.scalars(select(Amendment))).all() == []


@pytest.mark.parametrize(
    ("table", "locked"), [("round", "title = 'X'"), ("allocation", "name = 'X'"), ("project", "cost_cents = 1")]
)
async def test_a_confirmed_ballot_lets_only_its_translations_change(session, confirmed, table, locked):
    free = """UPDATE {} SET translations = '{{"sv": {{}}}}'"""
    assert (await session.execute(text(free.format(table)))).rowcount >= 1
    with pytest.raises(IntegrityError, match="the ballot is confirmed"):
        await session.execute(text(f"{free.format(table)}, {locked}"))


async def test_a_translation_is_an_object(session, round_):
    with pytest.raises(IntegrityError, match="translations"):
        await session.execute(text("UPDATE round SET translations = '[]'"))


@pytest.mark.parametrize("choice", CHOICES)
async def test_the_page_speaks_every_language(round_, browser, choice):
    page = await browser.get(f"{path(round_)}?lang={choice}")
    assert page.status_code == 200
    assert (f'name="{round_.id}.title.{PLAIN}"' in page.text, f'name="{round_.id}.title.fi"' in page.text) == (
        True,
        False,
    )
