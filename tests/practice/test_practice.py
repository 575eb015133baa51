"""A practice vote: the whole way in any phase, with nothing behind it."""

import re

import pytest
from sqlalchemy import text

from ballots.types import BallotType
from pb.permissions import Phase
from tests.cast import make_allocation, make_area, make_round, make_service
from tests.visitor import words
from tests.voting.town import CITY, HAUHO, LAMMI, make_town

BANNER = "This is practice. Nothing is counted or stored."
TABLES = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int FROM pg_stat_xact_user_tables"


@pytest.fixture
async def practice(session) -> str:
    """The practice ballot of a round that has nothing yet but its dates."""
    round_ = await make_round(session, await make_service(session), Phase.IDEAS)
    await session.commit()
    return f"/rounds/{round_.id}/try"


@pytest.mark.parametrize("phase", [Phase.VOTING, Phase.RESULTS])
async def test_a_confirmed_ballot_is_tried_with_its_own_projects_and_stored_nowhere(visitor, session, phase):
    town = await make_town(session, phase)
    own = f"/rounds/{town.round.id}/try"
    await visitor.get(own)
    before = await session.scalar(text(TABLES))
    ballot = await visitor.post(own, {"to": str(town.lammi.id)})
    assert BANNER in words(ballot)
    assert "Hanke 1-1" in words(ballot)
    form = town.ticks(LAMMI, 1, 3) | town.ticks(CITY, 2) | town.places(4, 1) | {"area": str(town.lammi.id)}
    review = await visitor.post(f"{own}/review", form)
    assert "In all €9,000 of €10,000. €1,000 is left." in words(review)
    assert BANNER in words(review)
    assert "ballot code" not in words(review)
    done = await visitor.post(f"{own}/done", form)
    assert (done.status_code, BANNER in words(done)) == (200, True)
    assert await session.scalar(text(TABLES)) == before
    assert {"voter", "ballot"} & set(visitor.cookies) == set()


async def test_a_form_of_the_practice_casts_nothing(visitor, town):
    assert 'name="ticket"' not in (await visitor.post(f"/rounds/{town.round.id}/try/review", {})).text


async def test_the_area_is_chosen_from_a_list_and_the_choices_for_the_city_stay(visitor, town):
    own = f"/rounds/{town.round.id}/try"
    page = await visitor.get(own)
    first = words(page)
    assert ("Hanke 2-1" in first, "Hanke 1-1" in first) == (True, False)  # Hauho comes before Lammi
    hauho = re.search(r'<input type="hidden" name="area" value="([^"]+)"', page.text)[1]
    chosen = town.ticks(HAUHO, 1) | town.ticks(CITY, 2) | town.places(4, 1)
    page = await visitor.post(own, chosen | {"area": hauho, "to": str(town.lammi.id)})
    other = words(page)
    assert ("Hanke 2-1" in other, "Hanke 1-1" in other) == (False, True)
    assert re.findall(r'name="(a\d+)" value="(\d+)" checked', page.text) == [("a3", str(town.number(CITY, 2)))]
    assert re.findall(r'<option value="(\d)" selected', page.text) == ["1", "2"]
    assert "?area=" not in page.text
    assert 'method="get"' not in page.text


async def test_what_does_not_fit_is_refused_with_the_same_words_and_nothing_is_lost(visitor, town):
    own, form = f"/rounds/{town.round.id}/try", town.ticks(LAMMI, 1, 2) | {"area": str(town.lammi.id)}
    answer = await visitor.post(f"{own}/review", form)
    assert (answer.status_code, "the pocket is €1,000 over" in words(answer)) == (422, True)
    assert len(re.findall(" checked", answer.text)) == 2
    assert BANNER in words(answer)
    stranger = await visitor.post(f"{own}/review", form | town.ticks(HAUHO, 1))
    assert stranger.status_code == 422


async def test_before_there_is_a_ballot_its_projects_are_made_up_in_the_reader_s_language(visitor, practice):
    page = await visitor.get(practice)
    assert "These projects are made up." in words(page)
    assert [kind for kind in ("knapsack", "approval", "ranked") if f'data-paper="{kind}"' in page.text] == [
        "knapsack",
        "approval",
        "ranked",
    ]
    assert "Concerts in the yards" in words(page)
    number = re.search(r'name="a1" value="(\d+)"', page.text)[1]
    review = await visitor.post(f"{practice}/review", {"a1": number})
    assert (review.status_code, "€" in words(review)) == (200, True)


@pytest.mark.parametrize("ballot_type", list(BallotType))
async def test_made_up_projects_come_on_the_round_s_own_kinds_of_paper(visitor, session, ballot_type):
    round_ = await make_round(session, await make_service(session), Phase.IDEAS)
    round_.allocations.append(await make_allocation(session, round_, 1, await make_area(session), ballot_type))
    await session.commit()
    page = await visitor.get(f"/rounds/{round_.id}/try")
    assert f'data-paper="{ballot_type}"' in page.text
    assert "These projects are made up." in words(page)
    assert (await visitor.post(f"/rounds/{round_.id}/try/review", {})).status_code == 200


@pytest.mark.parametrize("page", ["/review", "/done"])
async def test_an_address_alone_begins_anew(visitor, practice, page):
    answer = await visitor.get(practice + page)
    assert (answer.status_code, answer.headers["location"]) == (303, practice)


async def test_the_round_s_page_and_the_page_of_the_code_lead_to_it(visitor, town):
    for page in (f"/rounds/{town.round.id}", town.booth):
        assert f'href="/rounds/{town.round.id}/try"' in (await visitor.get(page)).text
