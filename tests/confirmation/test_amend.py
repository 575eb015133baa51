"""What may still change after the confirmation, each with a public reason that stays visible."""

import pytest
from sqlalchemy import select

from ballots.box import get_box
from pb.confirmation.forms import CorrectForm, ExtendForm
from pb.confirmation.service import confirm_ballot, correct_summary, extend_voting, withdraw_project
from pb.errors import FieldErrors, Refusal
from pb.language import in_language
from pb.permissions import Phase
from pb.rounds.models import Amendment
from tests.cast import DAY, NOW, make_allocation, make_projects, make_round
from tests.visitor import words

CLOSES, RESULTS = NOW + 20 * DAY, NOW + 21 * DAY


def extend(session, case, closes):
    return extend_voting(session, case.officer, case.round.id, ExtendForm(closes=closes, reason="Sähkökatko"), NOW)


async def test_the_close_moves_later_in_the_round_and_in_the_box(session, confirmed):
    await extend(session, confirmed, RESULTS)
    assert confirmed.round.window(Phase.VOTING).closes == RESULTS
    assert (await get_box(session, confirmed.round.id)).closes_at == RESULTS


@pytest.mark.parametrize("closes", [CLOSES, CLOSES - DAY, RESULTS + DAY / 24])
async def test_the_close_moves_neither_earlier_nor_over_the_next_phase(session, confirmed, closes):
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        await extend(session, confirmed, closes)
    assert "later than the old one, and before the next phase" in wrong.value.errors["closes"]


async def test_a_close_that_has_come_is_not_moved(session, culture, officer):
    round_ = await make_round(session, culture, Phase.RESULTS)
    round_.allocations = [await make_allocation(session, round_, 1)]
    await make_projects(session, round_.allocations[0], 100)
    await confirm_ballot(session, officer, round_.id, NOW - 25 * DAY)
    with pytest.raises(Refusal):
        await extend_voting(session, officer, round_.id, ExtendForm(closes=NOW - 4.5 * DAY, reason="x"), NOW)


async def test_a_project_is_withdrawn_once_and_its_reason_is_public(session, confirmed, visit):
    project = confirmed.projects[0]
    await withdraw_project(session, confirmed.officer, confirmed.round.id, project.id, "Talo suljettiin.", NOW)
    await session.commit()
    page = words(await (await visit(None)).get(f"/rounds/{confirmed.round.id}"))
    assert f"Withdrawn: {project.title}. The count skips it." in page
    assert "Why: Talo suljettiin." in page
    with pytest.raises(Refusal):
        await withdraw_project(session, confirmed.officer, confirmed.round.id, project.id, "Muu", NOW)


async def test_a_corrected_text_keeps_the_old_one_in_sight(session, confirmed, visit):
    form = CorrectForm(summary="Kuusi konserttia.", reason="Määrä puuttui.")
    await correct_summary(session, confirmed.officer, confirmed.round.id, confirmed.projects[0].id, form, NOW)
    await session.commit()
    assert confirmed.projects[0].summary == "Kuusi konserttia."
    page = words(await (await visit(None)).get(f"/rounds/{confirmed.round.id}"))
    assert "Why: Määrä puuttui. Before: Testihanke." in page
    with pytest.raises(FieldErrors):
        await correct_summary(session, confirmed.officer, confirmed.round.id, confirmed.projects[0].id, form, NOW)


async def test_a_corrected_text_loses_its_translations_in_sight(session, confirmed, visit):
    project, rules = confirmed.projects[0], confirmed.round.rules
    project.translations = {"sv": {"title": "Projekt", "summary": "Prov."}, "en": {"title": "Project"}}
    await session.flush()
    form = CorrectForm(summary="Kuusi konserttia.", reason="Määrä puuttui.")
    await correct_summary(session, confirmed.officer, confirmed.round.id, project.id, form, NOW)
    await session.commit()
    await session.refresh(project)
    await session.refresh(confirmed.round, ["rules"])
    assert project.translations == {"sv": {"title": "Projekt"}, "en": {"title": "Project"}}
    assert confirmed.round.rules == rules
    amended = {(a.language, a.before, a.after) for a in await session.scalars(select(Amendment))}
    assert amended == {(None, "Testihanke.", "Kuusi konserttia."), ("sv", "Prov.", "")}
    page = await (await visit(None)).get(f"/rounds/{confirmed.round.id}")
    assert f"Text corrected: {project.title} (Svenska)." in words(page)
    assert '<span class="prewrap" lang="sv">Prov.</span>' in page.text


async def test_nothing_is_amended_before_the_confirmation(session, draft):
    with in_language("en"), pytest.raises(Refusal, match="has not been confirmed"):
        await extend(session, draft, RESULTS)


async def test_the_rules_stay_as_they_were(session, confirmed):
    rules = confirmed.round.rules
    await extend(session, confirmed, RESULTS)
    await withdraw_project(session, confirmed.officer, confirmed.round.id, confirmed.projects[0].id, "x", NOW)
    await session.commit()
    await session.refresh(confirmed.round, ["rules"])
    assert confirmed.round.rules == rules


PAGES = {
    "extend": ({"closes": "2020-01-01T10:00", "reason": "Sähkökatko"}, "must be later than the old one"),
    "withdraw/{}": ({"reason": " "}, "Fill in this field."),
    "correct/{}": ({"summary": "Uusi teksti", "reason": ""}, "Fill in this field."),
}


@pytest.mark.parametrize("page", PAGES)
async def test_a_wrong_form_keeps_what_was_typed(session, confirmed, visit, page):
    form, sentence = PAGES[page]
    browser = await visit(confirmed.officer)
    path = f"/rounds/{confirmed.round.id}/amend/{page.format(confirmed.projects[0].id)}"
    assert (await browser.get(path)).status_code == 200
    answer = await browser.post(path, form)
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert all(typed.strip() in answer.text for typed in form.values())
    assert (await session.scalars(select(Amendment))).all() == []


async def test_another_rounds_project_is_not_found(session, confirmed, visit):
    (stray,) = await make_projects(session, confirmed.other, 100)
    await session.commit()
    browser = await visit(confirmed.officer)
    for act in ("withdraw", "correct"):
        path = f"/rounds/{confirmed.round.id}/amend/{act}/{stray.id}"
        assert (await browser.get(path)).status_code == 404
        assert (await browser.post(path, {"summary": "x", "reason": "x"})).status_code == 404
