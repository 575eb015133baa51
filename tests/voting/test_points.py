"""Points ballots: given, looked over, cast, changed; and what is said of too many."""

import html
import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.permissions import Phase, Role
from pb.roll.forms import RollForm
from pb.roll.service import add_voters
from tests.cast import NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service
from tests.visitor import words
from tests.voting.town import CONFIRMED, Town, ballots_in, come_in, review, vote

POINTS = 1


@pytest.fixture
async def town(session) -> Town:
    """One points ballot for all: 10 points, at most 6 to one of three projects."""
    service = await make_service(session)
    officer = await make_person(session, "Oona", Role.OFFICER, service)
    lammi = await make_area(session)
    round_ = await make_round(session, service, Phase.VOTING)
    allocation = await make_allocation(session, round_, POINTS, None, BallotType.POINTS, max_choices=10)
    allocation.max_points = 6
    round_.allocations.append(allocation)
    await make_projects(session, allocation, 2_000_00, 3_000_00, 4_000_00)
    await session.commit()
    rules = await confirm_ballot(session, officer, round_.id, CONFIRMED[Phase.VOTING])
    codes = await add_voters(session, officer, round_.id, RollForm(area_id=lammi.id, number=2), NOW)
    await session.commit()
    return Town(round_, rules, officer, lammi, codes)


def points(town: Town, *given: int) -> dict[str, str]:
    """The form that gives the first, second and third project so many points."""
    return {f"a{POINTS}p{town.number(POINTS, n)}": str(number) for n, number in enumerate(given, start=1)}


async def test_points_are_given_looked_over_and_cast(visitor, session, town):
    await come_in(visitor, town)
    ballot = await visitor.get(f"{town.booth}/ballot")
    assert "Give at most 10 points. One project can get at most 6 of them." in words(ballot)
    assert len(re.findall(r'<input class="input" inputmode="numeric"', ballot.text)) == 3
    page = words(await visitor.post(f"{town.booth}/review", points(town, 2, 0, 6)))
    assert re.search(r"Hanke 1-3.* 6 points Hanke 1-1.* 2 points", page)
    assert "Hanke 1-2" not in page
    assert "You give 8 of 10 points. Left: 2." in page
    assert (await vote(visitor, town, points(town, 2, 0, 6))).status_code == 303
    first, _second, third = (town.number(POINTS, n) for n in (1, 2, 3))
    assert await ballots_in(session, town.round.id) == [{POINTS: tuple(sorted([first] * 2 + [third] * 6))}]


async def test_change_my_choices_gives_the_points_back_and_a_new_vote_replaces_them(visitor, session, town):
    await come_in(visitor, town)
    form = await review(visitor, town, points(town, 1, 3, 0))
    hidden = dict(
        re.findall(
            r'type="hidden" name="(a1p\d+)" value="(\d+)"',
            (await visitor.post(f"{town.booth}/review", points(town, 1, 3, 0))).text,
        )
    )
    assert hidden == {name: value for name, value in points(town, 1, 3, 0).items() if value != "0"}
    page = await visitor.post(f"{town.booth}/ballot", hidden)
    assert re.search(rf'name="a1p{town.number(POINTS, 2)}"[^>]* value="3"', page.text)
    assert (await visitor.post(f"{town.booth}/cast", form)).status_code == 303
    assert (await vote(visitor, town, points(town, 0, 0, 1))).status_code == 303
    assert await ballots_in(session, town.round.id) == [{POINTS: (town.number(POINTS, 3),)}]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((6, 6, 0), "you have given 12 points. You can give 10. Take 2 away."),
        ((7, 0, 0), "give at most 6 points to one project."),
        ((999_999, 999_999, 0), "Take 1999988 away."),
    ],
)
async def test_too_many_points_are_named_and_nothing_is_lost(visitor, session, town, given, sentence):
    await come_in(visitor, town)
    for page in ("review", "cast"):
        form = points(town, *given) if page == "review" else points(town, *given) | await ticket(visitor, town)
        answer = await visitor.post(f"{town.booth}/{page}", form)
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert re.search(rf'name="a1p{town.number(POINTS, 1)}"[^>]* value="{given[0]}"', answer.text)
    assert await ballots_in(session, town.round.id) == []


async def ticket(visitor, town: Town) -> dict[str, str]:
    return {"ticket": (await review(visitor, town, {}))["ticket"]}


@pytest.mark.parametrize("typed", ["-1", "1.5", "1e1", "abc", "9999999", "<b>"])
async def test_what_is_no_number_of_points_is_said_at_its_field_and_nothing_is_lost(visitor, session, town, typed):
    await come_in(visitor, town)
    first, second = (town.number(POINTS, n) for n in (1, 2))
    wrong = points(town, 2) | {f"a1p{second}": typed}
    for page, form in ("review", wrong), ("cast", wrong | await ticket(visitor, town)):
        answer = await visitor.post(f"{town.booth}/{page}", form)
        assert answer.status_code == 422
        assert "give whole points, from 0 to 6." in words(answer)
        assert f'<a href="#a1-{second}">' in answer.text
        fields = dict(re.findall(r'name="a1p(\d+)"[^>]* value="([^"]*)"', answer.text))
        assert (fields[str(first)], fields[str(second)]) == ("2", html.escape(typed))
        assert re.findall(r'id="a1-(\d+)" [^>]*aria-invalid="true" aria-describedby="a1-error"', answer.text) == [
            str(second)
        ]
    assert await ballots_in(session, town.round.id) == []
    shown = (await visitor.post(f"{town.booth}/ballot", wrong)).text  # as after another language or more time
    assert (f'value="{html.escape(typed)}"' in shown, "aria-invalid" in shown, "data-fresh" in shown) == (
        True,
        False,
        False,
    )


async def test_spaces_around_a_number_are_no_fault(visitor, session, town):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/review", {f"a1p{town.number(POINTS, 1)}": " 3 "})
    assert "You give 3 of 10 points." in words(page)


@pytest.mark.parametrize(
    "change",
    [
        "max_choices = 101",
        "max_choices = NULL",
        "max_points = 0",
        "max_points = 11",
        "rule = 'phragmen'",
        "rule = 'irv'",
        "ballot_type = 'approval'",  # with max_points still there
    ],
)
async def test_the_database_refuses_a_points_ballot_that_cannot_be(session, change):
    service = await make_service(session)
    round_ = await make_round(session, service, Phase.IDEAS)
    allocation = await make_allocation(session, round_, 1, None, BallotType.POINTS, max_choices=10)
    allocation.max_points = 3
    await session.flush()
    update = f"UPDATE allocation SET {change} WHERE id = '{allocation.id}'"
    with pytest.raises(IntegrityError, match=r"points|rule_fits|limit_fits"):
        await session.execute(text(update))
