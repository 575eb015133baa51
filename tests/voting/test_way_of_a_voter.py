"""From the code to the receipt, and again."""

import re

import pytest

from pb.confirmation.service import withdraw_project
from pb.estimates.queries import list_projects
from pb.pages import STATIC
from tests.cast import NOW
from tests.visitor import Visitor, words
from tests.voting.town import CITY, HAUHO, LAMMI, RANKED, ballots_in, come_in, review, ticket_on, vote


async def test_a_voter_comes_from_code_to_receipt(visitor, session, town):
    page = await visitor.get(town.booth)
    assert "Voting code" in words(page)
    answer = await visitor.post(town.booth, {"code": f" {town.codes[0].lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{town.booth}/ballot")
    ballot = words(await visitor.get(f"{town.booth}/ballot"))
    assert "1. Lammi , €10,000" in ballot
    assert "Hauho" not in ballot
    choices = town.ticks(LAMMI, 1, 3) | town.ticks(CITY, 2) | town.places(4, 1)
    page = await visitor.post(f"{town.booth}/review", choices)
    assert "In all €9,000 of €10,000. €1,000 is left." in words(page)
    assert "1. Hanke 4-4 €4,000 2. Hanke 4-1 €1,000" in words(page)
    answer = await visitor.post(f"{town.booth}/cast", choices | {"ticket": ticket_on(page)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{town.booth}/receipt")
    assert "Your vote has been received" in words(await visitor.get(f"{town.booth}/receipt"))
    knapsack = tuple(sorted(town.number(LAMMI, n) for n in (1, 3)))
    ranked = (town.number(RANKED, 4), town.number(RANKED, 1))
    assert await ballots_in(session, town.round.id) == [
        {LAMMI: knapsack, CITY: (town.number(CITY, 2),), RANKED: ranked}
    ]


async def test_the_review_names_each_paper_left_blank(visitor, town):
    await come_in(visitor, town)
    page = words(await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1)))
    assert page.count("Missing: you have not chosen any project") == 2
    assert "Your vote is not cast yet" in page


async def test_a_blank_ballot_says_so_and_can_be_cast(visitor, session, town):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/review", {})
    assert "Your ballot is blank" in words(page)
    assert "Cast a blank vote" in words(page)
    assert (await visitor.post(f"{town.booth}/cast", {"ticket": ticket_on(page)})).status_code == 303
    assert await ballots_in(session, town.round.id) == [{LAMMI: (), CITY: (), RANKED: ()}]


async def test_change_my_choices_gives_them_back(visitor, town):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/ballot", town.ticks(CITY, 2) | town.places(3))
    assert re.search(rf'value="{town.number(CITY, 2)}" checked', page.text)
    assert len(re.findall("checked", page.text)) == 1
    assert re.search(r'<option value="1" selected>', page.text)


async def test_a_vote_can_be_changed_and_the_last_one_counts(visitor, session, town):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))
    ballot = await visitor.get(f"{town.booth}/ballot")
    assert "A new vote starts empty and replaces the whole vote." in words(ballot)
    assert "checked" not in ballot.text
    await vote(visitor, town, town.ticks(CITY, 1))
    assert await ballots_in(session, town.round.id) == [{LAMMI: (), CITY: (town.number(CITY, 1),), RANKED: ()}]


async def test_the_order_is_drawn_for_each_visitor_and_stays(visitor, town):
    await come_in(visitor, town)
    orders = set()
    for seed in ("a", "b", "c", "d", "e", "f", "g", "h"):
        visitor.cookies.set("order", seed, domain="127.0.0.1", path="/")
        pages = [(await visitor.get(f"{town.booth}/ballot")).text for _again in range(2)]
        first, again = (tuple(re.findall(r'<h3[^>]*id="a1-(\d+)-title"', page)) for page in pages)
        assert first == again
        orders.add(first)
    assert len(orders) > 1


async def test_a_withdrawn_project_is_shown_with_its_reason_but_cannot_be_chosen(visitor, session, town):
    await come_in(visitor, town)
    project = next(p for p in await list_projects(session, town.round.id) if p.title == "Hanke 1-1")
    await withdraw_project(session, town.officer, town.round.id, project.id, "Rakennus suljettiin.", NOW)
    await session.commit()
    page = await visitor.get(f"{town.booth}/ballot")
    assert "Withdrawn Cannot be chosen: Rakennus suljettiin." in words(page)
    assert f'id="a1-{project.number}"' not in page.text
    answer = await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1, 3))
    assert answer.status_code == 422
    assert "Lammi: a project you chose has been withdrawn." in words(answer)
    assert re.search(rf'value="{town.number(LAMMI, 3)}" checked', answer.text)


async def test_a_project_withdrawn_before_the_last_button_is_not_voted_for_in_silence(visitor, session, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1, 3))
    project = next(p for p in await list_projects(session, town.round.id) if p.title == "Hanke 1-1")
    await withdraw_project(session, town.officer, town.round.id, project.id, "Rakennus suljettiin.", NOW)
    await session.commit()
    answer = await visitor.post(f"{town.booth}/cast", form)
    assert (answer.status_code, await ballots_in(session, town.round.id)) == (422, [])
    assert "has been withdrawn" in words(answer)


async def test_the_receipt_tells_no_choice_and_no_voting_code(visitor, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    await visitor.post(f"{town.booth}/cast", form)
    page = await visitor.get(f"{town.booth}/receipt")
    assert "Hanke" not in page.text
    assert "Lammi" not in page.text
    assert town.codes[0] not in page.text


async def test_leaving_a_shared_device_forgets_the_voter(visitor, town):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))
    answer = await visitor.post(f"{town.booth}/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/rounds/{town.round.id}")
    assert (await visitor.get(f"{town.booth}/receipt")).headers["location"] == town.booth


async def test_choices_that_waited_for_the_code_are_sent_on_to_an_address_that_lets_nobody_in(visitor, town):
    form = {"code": town.codes[0], **town.ticks(LAMMI, 1)}
    answer = await visitor.post(town.booth, form)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{town.booth}/ballot")
    ballot = await visitor.post(answer.headers["location"], form)
    assert (ballot.status_code, " checked" in ballot.text) == (200, True)
    visitor.cookies.delete("voter")  # the hour is over, and somebody else sends the page once more
    again = await visitor.post(f"{town.booth}/ballot", form)
    assert (again.status_code, "voter" in visitor.cookies, town.codes[0] in again.text) == (401, False, False)


async def test_what_the_browser_sends_once_more_after_leaving_lets_nobody_in_and_shows_nothing(visitor, town):
    form = {"code": town.codes[0], **town.ticks(LAMMI, 1)}
    await visitor.post(town.booth, form)
    assert "voter" in visitor.cookies
    await visitor.post(f"{town.booth}/leave")
    for page, status in ("", 422), ("/ballot", 401), ("/review", 401), ("/cast", 401):
        resent = await visitor.post(town.booth + page, form)
        assert (resent.status_code, "voter" in visitor.cookies) == (status, False)
        assert town.codes[0] not in resent.text
        assert 'name="a1"' not in resent.text


async def test_who_comes_in_after_another_has_left_keeps_their_choices_when_the_time_is_over(visitor, town):
    await come_in(visitor, town)
    await visitor.post(f"{town.booth}/leave")
    await come_in(visitor, town, voter=1)
    visitor.cookies.delete("voter")
    again = await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1))
    assert f'name="a1" value="{town.number(LAMMI, 1)}"' in again.text


@pytest.mark.parametrize(
    ("page", "goes_to"), [("", "/ballot"), ("/review", "/ballot"), ("/cast", "/ballot"), ("/receipt", "/ballot")]
)
async def test_a_voter_who_has_not_cast_is_led_to_the_ballot(visitor, town, page, goes_to):
    await come_in(visitor, town)
    answer = await visitor.get(town.booth + page)
    assert (answer.status_code, answer.headers["location"]) == (303, town.booth + goes_to)


@pytest.mark.parametrize("page", ["/ballot", "/receipt"])
async def test_without_a_code_every_page_leads_to_the_code(visitor, town, page):
    answer = await visitor.get(town.booth + page)
    assert (answer.status_code, answer.headers["location"]) == (303, town.booth)


async def test_an_area_s_ballot_is_only_for_its_voters(visitor, session, town):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1) | town.ticks(HAUHO, 1))
    assert page.status_code == 422
    assert "This ballot has a pocket that is not yours." in words(page)
    assert re.search(rf'value="{town.number(LAMMI, 1)}" checked', page.text)


@pytest.mark.parametrize("language", ["fi", "sv"])
async def test_every_page_of_the_way_opens_in_the_other_languages(visitor, town, language):
    other: Visitor = visitor
    other.headers["accept-language"] = language
    await come_in(other, town)
    answer = await vote(other, town, town.ticks(LAMMI, 1) | town.places(1))
    assert answer.status_code == 303
    for page in ("/ballot", "/receipt"):
        answer = await other.get(town.booth + page)
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text


async def test_the_page_has_every_sentence_that_the_scripts_say(visitor, town):
    await come_in(visitor, town)
    page = (await visitor.get(f"{town.booth}/ballot")).text
    script = "".join((STATIC / name).read_text() for name in ("purse.js", "rank.js", "ballot.js"))
    keys = set(re.findall(r"words\.(\w+)", script)) | {
        f"{key}{number}" for key in re.findall(r"many\('(\w+)'", script) for number in ("One", "Many")
    }
    assert len(keys) > 20
    attributes = {"data-" + re.sub("([A-Z])", r"-\1", key).lower() + "=" for key in keys}
    assert {attribute for attribute in attributes if attribute not in page} == set()
