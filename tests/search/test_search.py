"""Finding ideas: the list, its number and the map's pins always are the same set."""

from decimal import Decimal
from itertools import product

import pytest

from pb.estimates.models import Estimate
from pb.ideas.models import Idea, IdeaState, Theme
from pb.permissions import Phase
from pb.results.service import publish_results
from pb.rounds.models import Round
from pb.search.queries import EACH, list_cards, list_pins
from pb.search.rules import Order, Standing, read_filters
from pb.supports.models import Support
from tests.cast import DAY, NOW, make_idea, make_person, make_round
from tests.results.voted import cast_six_ballots, close_and_count, confirm, make_draft

SEED = "abc"


async def add(session, round_, author, title, description="Jotain.", **more) -> Idea:
    idea = await make_idea(session, round_, author, title, more.pop("state", IdeaState.PUBLISHED))
    idea.description = description
    for name, value in more.items():
        setattr(idea, name, value)
    await session.flush()
    return idea


async def found(session, round_, **asked) -> list[str]:
    """The titles on the list, by their letters."""
    cards, _total = await list_cards(session, round_, read_filters(asked), SEED)
    return sorted(card.idea.title for card in cards)


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("konsertit", ["Pihakonsertti", "Yhteislaulu"]),  # "konsertteja" is another form of the same word
        ("konsertteja", ["Pihakonsertti", "Yhteislaulu"]),
        ("KONSERTIT torilla", ["Yhteislaulu"]),
        ("pihakonsrtti", ["Pihakonsertti"]),  # misspelt
        ("konsertti -torilla", ["Pihakonsertti"]),
        ("jalkapallo", []),
        ("tori' OR '1'='1", []),
        ("%", []),
        ("'; DROP TABLE idea; --", []),
        ("((&|!:*\\", []),
        ("\x00", ["Leikkipuisto", "Pihakonsertti", "Yhteislaulu"]),  # nothing is left to search for
    ],
)
async def test_words_are_found_in_their_forms_and_misspelt(session, round_, resident, asked, titles):
    await add(session, round_, resident, "Pihakonsertti", "Kesän konserttien sarja pihoilla.")
    await add(session, round_, resident, "Yhteislaulu", "Pieniä konsertteja torilla.")
    await add(session, round_, resident, "Leikkipuisto", "Kiipeilyteline lapsille.")
    assert await found(session, round_, words=asked) == titles


async def test_words_that_are_not_public_are_not_found(session, round_, resident):
    refused = await add(session, round_, resident, "Myytävää", "Salaisuus", state=IdeaState.REFUSED)
    await add(session, round_, resident, "Vihaa", "Salaisuus", hidden_reason="Loukkaa.")
    assert await found(session, round_, words="salaisuus") == []
    assert await found(session, round_, words="vihaa") == []
    assert await found(session, round_, words="myytävää") == [refused.title]
    assert len(await found(session, round_)) == 2


async def test_the_filters_choose_by_area_service_and_theme(session, round_, resident, lammi, culture):
    await add(session, round_, resident, "A", area_id=lammi.id, theme=Theme.ARTS)
    await add(session, round_, resident, "B", service_id=culture.id)
    await add(session, round_, resident, "C", area_id=lammi.id, service_id=culture.id, theme=Theme.PLAY)
    assert await found(session, round_, area=str(lammi.id)) == ["A", "C"]
    assert await found(session, round_, area="city") == ["B"]
    assert await found(session, round_, service=str(culture.id)) == ["B", "C"]
    assert await found(session, round_, theme="play") == ["C"]
    assert await found(session, round_, theme="play", area="city") == []


async def test_drafts_waiting_ideas_and_other_rounds_are_never_found(session, round_, resident, culture):
    for state in (IdeaState.DRAFT, IdeaState.SUBMITTED):
        await add(session, round_, resident, state.value, state=state)
    await add(session, await make_round(session, culture, Phase.IDEAS), resident, "Elsewhere")
    assert await found(session, round_) == []


async def estimate(session, idea, person, feasible, at=NOW):
    cost = 100 if feasible else None
    session.add(Estimate(idea_id=idea.id, feasible=feasible, reason="Syy", cost_cents=cost, person_id=person.id, at=at))
    await session.flush()


BEFORE = {"feasible": ["feasible", "lost", "won"], "ballot": [], "won": [], "lost": []}
VOTING = {"feasible": ["feasible"], "ballot": ["lost", "won"], "won": [], "lost": []}
PUBLISHED = {"feasible": ["feasible"], "ballot": [], "won": ["won"], "lost": ["lost"]}
ALWAYS = {name: [name] for name in ("waiting", "infeasible", "refused", "merged")}


async def check_standings(session, round_, expected) -> None:
    """Both the filter and the cards say of each idea what is public now."""
    wanted = ALWAYS | expected
    assert {one.value: await found(session, round_, state=one.value) for one in Standing} == wanted
    cards, _total = await list_cards(session, round_, read_filters({}), SEED)
    assert {c.idea.title: c.standing.value for c in cards} == {
        t: name for name, titles in wanted.items() for t in titles
    }


async def test_the_state_is_what_is_public_now(session):
    voted = await make_draft(session, seconds=5)
    round_, author = voted.round, await make_person(session, "Raija")
    ideas = {
        name: await add(session, round_, author, name) for name in ("waiting", "feasible", "infeasible", "won", "lost")
    }
    await add(session, round_, author, "refused", state=IdeaState.REFUSED)
    await make_idea(session, round_, author, "merged", IdeaState.MERGED, merged_into=ideas["won"])
    for name, feasible in (("feasible", False), ("infeasible", True)):  # the newest counts
        await estimate(session, ideas[name], voted.officer, feasible, NOW - DAY)
    for name in ("feasible", "infeasible", "won", "lost"):
        await estimate(session, ideas[name], voted.officer, name != "infeasible")
    for name, project in (("won", voted.projects[0]), ("lost", voted.projects[1])):
        ideas[name].area_id, project.idea_id = voted.lammi, ideas[name].id
    await session.flush()
    await check_standings(session, round_, BEFORE)
    await confirm(session, voted)
    await check_standings(session, round_, VOTING)
    await cast_six_ballots(session, voted)
    await close_and_count(session, voted)
    await check_standings(session, round_, VOTING)  # nothing of a count before it is published
    await publish_results(session, voted.officer, round_.id, voted.closes + DAY)
    await check_standings(session, round_, PUBLISHED)


@pytest.fixture
async def many(session, round_, resident, lammi) -> Round:
    """Two pages and a half: every other one in Lammi, every third with a point, every fifth on arts."""
    for n in range(150):
        point = {"latitude": Decimal("61.05"), "longitude": Decimal(25) + Decimal(n) / 1000} if n % 3 == 0 else {}
        themed = {"theme": Theme.ARTS} if n % 5 == 0 else {}
        area_id = lammi.id if n % 2 else None
        await add(
            session, round_, resident, f"Idea {n:03}", area_id=area_id, submitted_at=NOW - n * DAY, **point, **themed
        )
    return round_


async def pages(session, round_, seed=SEED, **asked) -> list[str]:
    """The titles of every page, in their order."""
    _cards, total = await list_cards(session, round_, read_filters(asked), seed)
    numbers = range(1, -(-total // EACH) + 1)
    read = [await list_cards(session, round_, read_filters(asked | {"page": str(n)}), seed) for n in numbers]
    assert {number for _cards, number in read} <= {total}
    return [card.idea.title for cards, _total in read for card in cards]


async def test_list_number_and_pins_are_the_same_set_whatever_is_asked(session, many, lammi):
    for area, theme, asked in product(("", "city", str(lammi.id)), ("", "arts"), ("", "idea")):
        filters = {"area": area, "theme": theme, "words": asked}
        listed = await pages(session, many, **filters)
        pins = [row for row, _standing in await list_pins(session, many, read_filters(filters))]
        assert len(listed) == len(set(listed)) == len(pins) > 0
        assert {row.title for row in pins} == set(listed)
        assert all((row.latitude is not None) == (int(row.title[-3:]) % 3 == 0) for row in pins)


async def test_every_order_has_every_idea_once_over_its_pages(session, many):
    all_ = {f"Idea {n:03}" for n in range(150)}
    for order in Order:
        listed = await pages(session, many, order=order.value)
        assert len(listed) == 150
        assert set(listed) == all_
    assert await pages(session, many, order="newest") == sorted(all_)


async def test_the_lot_is_the_visitors_own_and_stays(session, many):
    mine = await pages(session, many, SEED)
    assert mine == await pages(session, many, SEED)
    assert mine != await pages(session, many, "other")
    assert mine != sorted(mine)


async def test_refused_ideas_come_last_by_lot(session, many, resident):
    await add(session, many, resident, "Refused", state=IdeaState.REFUSED)
    assert (await pages(session, many))[-1] == "Refused"


async def test_the_most_supported_come_first(session, many):
    cards, _total = await list_cards(session, many, read_filters({}), SEED)
    ideas = [card.idea for card in cards[:3]]
    for n, idea in enumerate(ideas):
        for m in range(3 - n):
            person = await make_person(session, f"P{n}{m}")
            session.add(Support(idea_id=idea.id, person_id=person.id, at=NOW))
    await session.flush()
    first, _total = await list_cards(session, many, read_filters({"order": "supported"}), SEED)
    assert [(c.idea.title, c.supports) for c in first[:3]] == [(i.title, 3 - n) for n, i in enumerate(ideas)]
    assert first[3].supports == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"area": "x"},
        {"theme": "war"},
        {"service": "1"},
        {"state": "draft"},
        {"order": "title; DROP"},
        {"page": "-1"},
        {"page": "9" * 40},
        {"view": "globe"},
        {"unknown": "1"},
    ],
)
async def test_what_is_asked_wrongly_is_passed_over(session, many, asked):
    filters = read_filters(asked | {"words": "idea"})
    assert filters.words == "idea"
    assert filters.model_dump(exclude_defaults=True) == {"words": "idea"}


def test_an_address_keeps_the_search_and_forgets_the_page():
    filters = read_filters({"words": "a&b=ä", "theme": "arts", "page": "3", "area": ""})
    assert filters.query() == "?words=a%26b%3D%C3%A4&theme=arts"
    assert filters.query(theme=None, page=2) == "?words=a%26b%3D%C3%A4&page=2"
    assert read_filters({}).query() == ""


def test_words_are_cut_to_what_counts():
    assert read_filters({"words": "  a \n b "}).words == "a b"
    assert len(read_filters({"words": "a" * 5000}).words) == 100
