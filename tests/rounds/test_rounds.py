"""An officer's round: words, dates, money and rules, all before the ballot is confirmed."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.errors import NotAllowed, NotFound, Refusal
from pb.language import in_language
from pb.permissions import Phase, Role, Scope
from pb.rounds.forms import AllocationForm, RoundForm, ShareForm
from pb.rounds.models import FUNDS_IN_PART, RANKED, WITHOUT_MINIMUM, Allocation, CountRule, PhaseWindow, Round
from pb.rounds.queries import get_visible_round
from pb.rounds.service import create_round, edit_round, save_allocation, share_by_population
from tests.cast import DAY, NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service
from tests.visitor import words

DATES = {
    "ideas_opens": "2030-01-01T10:00",
    "ideas_closes": "2030-02-01T10:00",
    "voting_opens": "2030-03-01T10:00",
    "voting_closes": "2030-04-01T10:00",
}
ROUND = {"title": "Kulttuuria 2030", "summary": "Kaikille.", **DATES}
RANKED_BALLOT = {"ballot_type": "ranked", "max_choices": "3"}
POCKET = {"name": "Tasku", "amount": "24 000,50", "ballot_type": "knapsack", "rule": "greedy"}


@pytest.fixture
async def draft(session, culture):
    made = await make_round(session, culture, Phase.ESTIMATES)
    await session.commit()
    return made


async def windows(session, round_id) -> dict[Phase, PhaseWindow]:
    found = await session.scalars(select(PhaseWindow).where(PhaseWindow.round_id == round_id))
    return {w.phase: w for w in found}


async def allocations(session) -> list[Allocation]:
    query = select(Allocation).order_by(Allocation.number).execution_options(populate_existing=True)
    return list(await session.scalars(query))


async def test_an_officer_makes_a_round_and_edits_it(session, culture, officer, visit):
    browser = await visit(officer)
    answer = await browser.post("/rounds/new", ROUND | {"service_id": str(culture.id)})
    assert answer.status_code == 303
    (round_,) = await session.scalars(select(Round))
    assert answer.headers["location"] == f"/rounds/{round_.id}/money"
    page = await browser.get(f"/rounds/{round_.id}/edit")
    assert all(value in page.text for value in ROUND.values())
    changed = ROUND | {"title": "Uusi", "service_id": str(culture.id), "ideas_opens": "", "ideas_closes": ""}
    changed |= {"results_opens": "2030-04-02T10:00", "results_closes": "2030-05-01T10:00"}
    assert (await browser.post(f"/rounds/{round_.id}/edit", changed)).status_code == 303
    assert set(await windows(session, round_.id)) == {Phase.VOTING, Phase.RESULTS}


async def test_whether_voters_choose_their_area_is_the_officers_to_say_until_the_ballot_is_confirmed(
    session, culture, officer, draft, visit
):
    browser, form = await visit(officer), ROUND | {"service_id": str(culture.id)}
    for sent, chosen in (({"area_choice": "yes"}, True), ({}, False)):
        assert (await browser.post(f"/rounds/{draft.id}/edit", form | sent)).status_code == 303
        await session.refresh(draft)
        assert draft.area_choice is chosen
        page = await browser.get(f"/rounds/{draft.id}/edit")
        assert ('name="area_choice" value="yes" checked' in page.text) is chosen


async def test_two_phases_move_in_one_form_even_over_each_other(session, culture, officer, draft):
    dates = {"ideas_opens": NOW + 6 * DAY, "ideas_closes": NOW + 20 * DAY}
    dates |= {"voting_opens": NOW + 30 * DAY, "voting_closes": NOW + 40 * DAY}
    await edit_round(session, officer, draft.id, RoundForm(title="Uusi", service_id=culture.id, **dates), NOW)
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert (await windows(session, draft.id))[Phase.VOTING].opens == NOW + 30 * DAY


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"title": ""}, "title", "Fill in this field."),
        ({"voting_opens": ""}, "voting_opens", "Write the day and time like this: 2026-12-13 20:00."),
        ({"voting_opens": "soon"}, "voting_opens", "Write the day and time like this: 2026-12-13 20:00."),
        ({"voting_closes": "2030-03-01T10:00"}, "voting_closes", "The phase must close after it opens."),
        ({"ideas_opens": ""}, "ideas_opens", "Give both times of this phase, or leave both empty."),
        ({"ideas_closes": ""}, "ideas_closes", "Give both times of this phase, or leave both empty."),
        ({"ideas_closes": "2030-03-01T10:01"}, "voting_opens", "This phase opens before the one before it has closed."),
        ({"service_id": "x"}, "service_id", "Choose one of the alternatives."),
    ],
)
async def test_a_wrong_round_keeps_what_was_typed(session, culture, officer, visit, change, field, sentence):
    form = ROUND | {"service_id": str(culture.id)} | change
    answer = await (await visit(officer)).post("/rounds/new", form)
    assert answer.status_code == 422
    assert f'id="{field}-error" class="error">{sentence}' in answer.text
    assert all(f'value="{form[name]}"' in answer.text for name in (*DATES, "title"))
    assert await session.scalar(select(Round)) is None


def test_phases_may_touch_and_come_in_any_order():
    dates = {"voting_opens": NOW, "voting_closes": NOW + DAY, "ideas_opens": NOW + DAY, "ideas_closes": NOW + 2 * DAY}
    form = RoundForm(title="x", service_id="00000000-0000-0000-0000-000000000000", **dates)
    assert form.windows() == {Phase.VOTING: (NOW, NOW + DAY), Phase.IDEAS: (NOW + DAY, NOW + 2 * DAY)}


async def test_a_draft_is_seen_by_its_staff_and_the_auditor_only(session, culture, officer, draft):
    stranger = await make_person(session, "Leo", Role.OFFICER, await make_service(session, "Liikunta"))
    auditor = await make_person(session, "Aulis", Role.AUDITOR)
    before, first = NOW - 20 * DAY - DAY / 86400, NOW - 20 * DAY
    for who, sees in ((officer, True), (auditor, True), (stranger, False), (None, False)):
        assert (await get_visible_round(session, draft.id, who, first)) is draft
        if sees:
            await get_visible_round(session, draft.id, who, before)
        else:
            with pytest.raises(NotFound):
                await get_visible_round(session, draft.id, who, before)


async def test_a_round_is_not_made_for_or_given_to_another_service(session, culture, officer, draft):
    sports = await make_service(session, "Liikunta")
    form = RoundForm(title="x", service_id=sports.id, voting_opens=NOW + DAY, voting_closes=NOW + 2 * DAY)
    with pytest.raises(NotAllowed):
        await create_round(session, officer, form, NOW)
    with pytest.raises(NotAllowed):
        await edit_round(session, officer, draft.id, form, NOW)
    assert draft.scope == Scope(culture.id)


async def test_an_allocation_is_added_changed_and_removed(session, culture, officer, lammi, draft, visit):
    browser = await visit(officer)
    path = f"/rounds/{draft.id}/money"
    await browser.post(path, POCKET | {"service_id": str(culture.id), "area_id": str(lammi.id)})
    (made,) = await allocations(session)
    assert (made.number, made.amount_cents, made.max_choices, made.area_id) == (1, 24_000_50, None, lammi.id)
    assert 'value="24000,50"' in (await browser.get(f"{path}/{made.id}")).text
    ranked = {"amount": "500", "ballot_type": "ranked", "rule": "irv", "max_choices": "3"}
    await browser.post(f"{path}/{made.id}", POCKET | ranked | {"service_id": str(culture.id)})
    (made,) = await allocations(session)
    assert (made.amount_cents, made.rule, made.max_choices) == (500_00, CountRule.IRV, 3)
    assert made.area_id is None
    assert (await browser.post(f"{path}/{made.id}/remove")).status_code == 303
    assert await allocations(session) == []


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"amount": "many"}, "amount", "Write the amount in numbers, for example 12 500."),
        ({"amount": "-5"}, "amount", "Write the amount in numbers, for example 12 500."),
        ({"amount": "0"}, "amount", "The number must be above 0."),
        ({"amount": "1" + "0" * 13}, "amount", "Write the amount in numbers, for example 12 500."),
        ({"name": " "}, "name", "Fill in this field."),
        ({"ballot_type": "stars"}, "ballot_type", "Choose one of the alternatives."),
        ({"ballot_type": "points"}, "max_choices", "Say how many points a voter can give."),
        ({"ballot_type": "points", "max_choices": "101"}, "max_choices", "A voter can give 100 points at most."),
        (
            {"ballot_type": "points", "max_choices": "5", "max_points": "6"},
            "max_points",
            "A voter has fewer points than this. Write fewer, or leave it empty.",
        ),
        (
            {"ballot_type": "points", "max_choices": "5", "rule": "phragmen"},
            "rule",
            "This rule does not count points, only who gave some. Choose another one.",
        ),
        ({"ballot_type": "approval"}, "max_choices", "Say how many projects a voter may choose at most."),
        ({"ballot_type": "approval", "max_choices": "0"}, "max_choices", "The number is too small: write at least 1."),
        ({"ballot_type": "approval", "max_choices": "x"}, "max_choices", "Write a whole number."),
        (
            {"ballot_type": "ranked", "max_choices": "3"},
            "rule",
            "This rule does not count ranked ballots. Choose one of the last four.",
        ),
        *(
            ({"rule": rule}, "rule", "This rule counts ranked ballots only. Choose one above the last four.")
            for rule in ("irv", "stv", "expanding-approvals", "rank-points")
        ),
        ({"rule": "threshold"}, "min_votes", "Say how many votes a project needs at least."),
        ({"rule": "threshold", "min_votes": "-1"}, "min_votes", "The number is too small: write at least 0."),
        *(
            (
                RANKED_BALLOT | {"rule": rule, "min_votes": "5"},
                "min_votes",
                "This rule knows no minimum of votes. Write 0.",
            )
            for rule in ("irv", "stv")
        ),
        *(
            ({"rule": rule, "part_funding": "yes"}, "part_funding", "This rule funds no project in part.")
            for rule in ("knapsack", "equal-shares", "equal-shares/add1-greedy")
        ),
        (RANKED_BALLOT | {"rule": "stv", "part_funding": "yes"}, "part_funding", "This rule funds no project in part."),
        ({"name": "Vanha"}, "name", "There is an allocation of this name for the same area already."),
    ],
)
async def test_a_wrong_allocation_keeps_what_was_typed(
    session, culture, officer, draft, visit, change, field, sentence
):
    old = await make_allocation(session, draft, 1)
    old.name = "Vanha"
    other = await make_allocation(session, draft, 2)
    await session.commit()
    form = POCKET | {"service_id": str(culture.id)} | change
    browser = await visit(officer)
    for path in ("", f"/{other.id}"):
        answer = await browser.post(f"/rounds/{draft.id}/money{path}", form)
        assert answer.status_code == 422
        assert f'id="{field}-error" class="error">{sentence}' in answer.text
        assert all(f'value="{form.get(name, "").strip()}"' in answer.text for name in ("amount", "name", "max_choices"))
    assert [a.name for a in await allocations(session)] == ["Vanha", "Koko kaupunki 2"]


RULES_OF = {
    "knapsack": [rule for rule in CountRule if rule not in RANKED],
    "ranked": RANKED,
}


@pytest.mark.parametrize(("ballot_type", "rule"), [(kind, rule) for kind, rules in RULES_OF.items() for rule in rules])
async def test_every_rule_is_there_for_its_ballots_with_its_terms(
    session, culture, officer, draft, visit, ballot_type, rule
):
    form = POCKET | {"service_id": str(culture.id), "ballot_type": ballot_type, "max_choices": "3", "rule": rule}
    form |= {} if rule in WITHOUT_MINIMUM else {"min_votes": "7"}
    form |= {"part_funding": "yes"} if rule in FUNDS_IN_PART else {}
    browser = await visit(officer)
    assert (await browser.post(f"/rounds/{draft.id}/money", form)).status_code == 303
    (made,) = await allocations(session)
    assert (made.rule, made.min_votes) == (rule, 0 if rule in WITHOUT_MINIMUM else 7)
    assert made.part_funding is (rule in FUNDS_IN_PART)
    page = (await browser.get(f"/rounds/{draft.id}/money/{made.id}")).text
    assert f'<option value="{rule}" selected>' in page
    assert ('value="yes" checked' in page) is made.part_funding


@pytest.mark.parametrize(
    "terms",
    [
        "rule = 'irv'",
        "rule = 'threshold'",
        "min_votes = -1",
        "rule = 'stv', ballot_type = 'ranked', max_choices = 3, min_votes = 1",
        "rule = 'knapsack', part_funding = true",
        "rule = 'instant-runoff'",
    ],
)
async def test_the_database_refuses_terms_that_do_not_fit_the_rule(session, draft, terms):
    await make_allocation(session, draft, 1)
    with pytest.raises(IntegrityError, match="violates check constraint"):
        await session.execute(text(f"UPDATE allocation SET {terms}"))


async def test_money_that_projects_stand_on_is_not_removed(session, officer, draft, visit):
    allocation = await make_allocation(session, draft, 1)
    await make_projects(session, allocation, 100)
    await session.commit()
    answer = await (await visit(officer)).post(f"/rounds/{draft.id}/money/{allocation.id}/remove")
    assert (answer.status_code, "Projects stand on this allocation. Move them first." in words(answer)) == (409, True)


async def test_a_sum_is_divided_by_population_to_the_cent(session, officer, draft):
    for name, population in (("Lammi", 5000), ("Hauho", 3700), ("Renko", 2300), ("Erämaa", 0)):
        await make_area(session, name, population)
    form = ShareForm(total=100_000_00, ballot_type=BallotType.KNAPSACK)
    await share_by_population(session, officer, draft.id, form, NOW)
    shared = {a.name: a.amount_cents for a in await allocations(session)}
    assert shared == {"Lammi": 45_454_55, "Hauho": 33_636_36, "Renko": 20_909_09}
    await share_by_population(session, officer, draft.id, ShareForm(total=11_000, ballot_type="knapsack"), NOW)
    shared = {a.name: a.amount_cents for a in await allocations(session)}
    assert shared == {"Lammi": 5000, "Hauho": 3700, "Renko": 2300}


async def test_another_services_money_for_the_area_is_left_alone(session, officer, lammi, draft):
    sports = await make_allocation(session, draft, 1, lammi)
    sports.service_id = (await make_service(session, "Liikunta")).id
    await session.flush()
    await share_by_population(session, officer, draft.id, ShareForm(total=500, ballot_type="knapsack"), NOW)
    assert [(a.number, a.amount_cents) for a in await allocations(session)] == [(1, 10_000_00), (2, 500)]


@pytest.mark.parametrize(
    ("population", "total", "sentence"),
    [
        (0, "1 000", "No area has residents yet."),
        (5000, "much", "Write the amount in numbers, for example 12 500."),
        (10**9, "0,01", "every area must get at least a cent."),
    ],
)
async def test_a_sum_that_cannot_be_divided_stays_on_the_page(
    session, officer, draft, visit, population, total, sentence
):
    await make_area(session, "Iso", population)
    await make_area(session, "Pieni", min(population, 1))
    await session.commit()
    browser = await visit(officer)
    answer = await browser.post(f"/rounds/{draft.id}/money/share", {"total": total, "ballot_type": "knapsack"})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert f'value="{total}"' in answer.text
    assert await allocations(session) == []


async def test_a_confirmed_round_is_no_draft_any_more(session, culture, officer, draft, visit):
    draft.allocations = [await make_allocation(session, draft, 1)]
    await make_projects(session, draft.allocations[0], 100)
    await confirm_ballot(session, officer, draft.id, NOW)
    form = AllocationForm(**POCKET | {"service_id": culture.id})
    with in_language("en"), pytest.raises(Refusal, match="The ballot is confirmed"):
        await save_allocation(session, officer, draft.id, None, form, NOW)
    await session.commit()
    browser = await visit(officer)
    assert (await browser.get(f"/rounds/{draft.id}/edit")).status_code == 409
    assert 'action="/rounds' not in (await browser.get(f"/rounds/{draft.id}/money")).text


async def test_the_page_says_when_voting_ends_and_who_helps(session, culture, visit):
    round_ = await make_round(session, culture, Phase.VOTING)
    await session.commit()
    page = words(await (await visit(None)).get(f"/rounds/{round_.id}"))
    assert culture.contact_phone in page
    assert "Voting Now" in page
    assert "Vote now" not in page  # the ballot has not been confirmed


async def test_rules_of_a_round_that_is_not_confirmed_are_not_there(draft, visit):
    answer = await (await visit(None)).get(f"/rounds/{draft.id}/rules.json")
    assert (answer.status_code, "The ballot has not been confirmed yet." in words(answer)) == (404, True)
