"""Judging an idea: a feasible one is on its payer's ballot in the same act, and the history stays."""

import asyncio

import pytest
from sqlalchemy import select

from pb.confirmation.service import confirm_ballot
from pb.database import make_engine, make_sessions
from pb.errors import FieldErrors, NotAllowed, Refusal, WrongPhase
from pb.estimates.forms import EstimateForm
from pb.estimates.models import Estimate, Project
from pb.estimates.queries import list_estimated_ideas, list_unestimated_ideas
from pb.estimates.service import estimate_idea
from pb.ideas.models import IdeaState
from pb.language import in_language
from pb.permissions import Phase, Role
from tests.cast import (
    DAY,
    NOW,
    make_allocation,
    make_area,
    make_idea,
    make_person,
    make_projects,
    make_round,
    make_service,
)  # fmt: skip
from tests.visitor import words


@pytest.fixture
async def round_(session, culture, lammi):
    made = await make_round(session, culture, Phase.ESTIMATES)
    made.allocations = [await make_allocation(session, made, 1, lammi), await make_allocation(session, made, 2)]
    await session.commit()
    return made


@pytest.fixture
async def idea(session, round_, resident, lammi):
    made = await make_idea(session, round_, resident, area=lammi)
    await session.commit()
    return made


def feasible(allocation, cost=5_000_00) -> EstimateForm:
    return EstimateForm(feasible="yes", reason="Esiintyjät ja lava.", cost=cost, allocation_id=allocation.id)


NO = EstimateForm(feasible="no", reason="Talo puretaan.")


async def projects(session) -> list[tuple[str, int]]:
    return [(p.title, p.cost_cents) for p in await session.scalars(select(Project))]


async def test_a_feasible_idea_becomes_a_project(session, round_, idea, officer):
    await estimate_idea(session, officer, idea.id, feasible(round_.allocations[0]), NOW)
    (project,) = await session.scalars(select(Project))
    assert (project.title, project.summary, project.cost_cents) == (idea.title, idea.description, 5_000_00)
    assert project.allocation_id == round_.allocations[0].id


async def test_estimated_again_it_moves_and_the_history_stays(session, round_, idea, officer, visit):
    await estimate_idea(session, officer, idea.id, feasible(round_.allocations[0]), NOW)
    await estimate_idea(session, officer, idea.id, feasible(round_.allocations[1], 7_000_00), NOW + DAY / 24)
    assert await projects(session) == [(idea.title, 7_000_00)]
    await estimate_idea(session, officer, idea.id, NO, NOW + DAY / 12)
    assert await projects(session) == []
    costs = await session.scalars(select(Estimate.cost_cents).order_by(Estimate.at))
    assert list(costs) == [5_000_00, 7_000_00, None]
    await session.commit()
    page = words(await (await visit(None)).get(f"/ideas/{idea.id}"))
    assert page.count("Earlier estimate") == 2
    assert "Talo puretaan." in page


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"feasible": "yes", "reason": "x"}, {"cost", "allocation_id"}),
        ({"feasible": "yes", "reason": "x", "cost": "100", "allocation_id": "{lammi}"}, set()),
        ({"feasible": "yes", "reason": "x", "cost": "100", "allocation_id": "{all}"}, set()),
        ({"feasible": "yes", "reason": "x", "cost": "100", "allocation_id": "{hauho}"}, {"allocation_id"}),
        ({"feasible": "yes", "reason": "x", "cost": "100", "allocation_id": "{stray}"}, {"allocation_id"}),
        ({"feasible": "yes", "reason": "x", "cost": "10 000", "allocation_id": "{lammi}"}, set()),
        ({"feasible": "yes", "reason": "x", "cost": "10 000,01", "allocation_id": "{lammi}"}, {"cost"}),
        ({"feasible": "yes", "reason": "x", "cost": "-5", "allocation_id": "{lammi}"}, {"cost"}),
        ({"feasible": "yes", "reason": "x", "cost": "0", "allocation_id": "{lammi}"}, {"cost"}),
        ({"feasible": "yes", "reason": "x", "cost": "twelve", "allocation_id": "{lammi}"}, {"cost"}),
        ({"feasible": "no", "reason": " "}, {"reason"}),
        ({"feasible": "no", "reason": "Ei"}, set()),
        ({"reason": "Ei"}, {"feasible"}),
    ],
)
async def test_what_an_estimate_needs(session, round_, idea, officer, visit, form, errors):
    hauho = await make_allocation(session, round_, 3, await make_area(session, "Hauho"))
    stray = await make_allocation(session, await make_round(session, round_.service, Phase.ESTIMATES), 1)
    await session.commit()
    ids = {"lammi": round_.allocations[0].id, "all": round_.allocations[1].id, "hauho": hauho.id, "stray": stray.id}
    form = {name: value.format_map(ids) for name, value in form.items()}
    answer = await (await visit(officer)).post(f"/ideas/{idea.id}/estimate", form)
    assert answer.status_code == (422 if errors else 303)
    assert all((f'id="{name}-error"' in answer.text) == (name in errors) for name in EstimateForm.model_fields)
    assert not errors or all(form.get(name, "").strip() in answer.text for name in ("reason", "cost"))


async def test_the_sentence_names_the_money_there_is(session, round_, idea, officer):
    with in_language("en"), pytest.raises(FieldErrors) as wrong:
        await estimate_idea(session, officer, idea.id, feasible(round_.allocations[0], 10_000_01), NOW)
    assert wrong.value.errors == {"cost": "The allocation has €10,000. A project cannot cost more."}


@pytest.mark.parametrize("state", [IdeaState.SUBMITTED, IdeaState.REFUSED])
async def test_only_a_published_idea_is_estimated(session, round_, resident, officer, state):
    idea = await make_idea(session, round_, resident, state=state)
    with pytest.raises(Refusal):
        await estimate_idea(session, officer, idea.id, NO, NOW)


async def test_during_the_voting_nothing_is_estimated(session, culture, resident, officer):
    idea = await make_idea(session, await make_round(session, culture, Phase.VOTING), resident)
    with pytest.raises(WrongPhase):
        await estimate_idea(session, officer, idea.id, NO, NOW)


async def test_after_the_confirmation_nothing_is_estimated(session, round_, idea, officer):
    for allocation in round_.allocations:
        await make_projects(session, allocation, 100)
    await confirm_ballot(session, officer, round_.id, NOW)
    with in_language("en"), pytest.raises(Refusal, match="The ballot is confirmed"):
        await estimate_idea(session, officer, idea.id, NO, NOW)


@pytest.mark.parametrize("role", [Role.CLERK, Role.COUNCILLOR, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_others_do_not_estimate(session, idea, role):
    with pytest.raises(NotAllowed):
        await estimate_idea(session, await make_person(session, "Joku", role), idea.id, NO, NOW)


async def test_another_services_estimator_does_not_estimate(session, idea):
    stranger = await make_person(session, "Eetu", Role.ESTIMATOR, await make_service(session, "Liikunta"))
    with pytest.raises(NotAllowed):
        await estimate_idea(session, stranger, idea.id, NO, NOW)


async def test_the_lists_tell_what_waits_and_the_newest_estimate(session, round_, idea, resident, officer):
    waiting = await make_idea(session, round_, resident, "Toinen")
    await estimate_idea(session, officer, idea.id, feasible(round_.allocations[0]), NOW)
    newest = await estimate_idea(session, officer, idea.id, NO, NOW + DAY / 24)
    assert await list_unestimated_ideas(session, round_.id) == [waiting]
    assert await list_estimated_ideas(session, round_.id) == [(idea, newest)]


async def test_two_estimates_at_once_make_one_project(database):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as session:
        culture = await make_service(session)
        officer = await make_person(session, "Olli", Role.OFFICER, culture)
        round_ = await make_round(session, culture, Phase.ESTIMATES)
        form = feasible(await make_allocation(session, round_, 1))
        idea = await make_idea(session, round_, officer)
        await session.commit()

    async def estimate() -> None:
        async with sessions() as session, session.begin():
            await estimate_idea(session, officer, idea.id, form, NOW)

    await asyncio.gather(*(estimate() for _estimator in range(6)))
    async with sessions() as session:
        assert await projects(session) == [(idea.title, 5_000_00)]
    await engine.dispose()
