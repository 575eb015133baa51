"""Turning a device into a shared place to vote. What then happens in a browser: tests/browser/test_ballot_kiosk.py."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pb.permissions import Phase, Role
from pb.roll.service import SHARED_MINUTES, pass_ends
from pb.settings import get_settings
from tests.cast import make_person, make_round, make_service
from tests.visitor import words
from tests.voting.town import LAMMI, come_in


async def test_a_clerk_turns_it_on_is_signed_out_and_turns_it_off_again(visit, session, town):
    clerk = await make_person(session, "Kaisa", Role.CLERK)
    browser, kiosk = await visit(clerk), f"/rounds/{town.round.id}/kiosk"
    assert "A shared device for voting" in words(await browser.get(kiosk))
    answer = await browser.post(kiosk, {"on": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, town.booth)
    assert (await browser.get(kiosk)).headers["location"].startswith("/sign-in")
    assert 'href="/secrecy"' not in (await browser.get(town.booth)).text
    again = await visit(clerk)
    again.cookies.set("kiosk", browser.cookies["kiosk"], domain="127.0.0.1")
    assert "This device is for voting now" in words(await again.get(kiosk))
    await again.post(kiosk, {"on": "no"})
    assert 'href="/secrecy"' in (await again.get(town.booth)).text


async def test_a_made_up_cookie_makes_no_kiosk(visitor, town):
    visitor.cookies.set("kiosk", f"{town.round.id}.0000", domain="127.0.0.1")
    assert 'href="/secrecy"' in (await visitor.get(town.booth)).text


async def test_a_kiosk_keeps_no_choices_while_the_code_is_asked_and_clears_all_when_one_leaves(visit, session, town):
    browser = await visit(await make_person(session, "Kaisa", Role.CLERK))
    await browser.post(f"/rounds/{town.round.id}/kiosk", {"on": "yes"})
    page = await browser.post(f"{town.booth}/review", town.ticks(LAMMI, 1))
    assert (page.status_code, 'name="a1"' in page.text) == (401, False)
    await come_in(browser, town)
    answer = await browser.post(f"{town.booth}/leave")
    assert answer.headers["location"] == town.booth
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert {"voter", "ballot", "lang"} & set(browser.cookies) == set()


async def test_turning_it_on_forgets_whoever_was_at_the_device_before(visit, session, town):
    browser = await visit(await make_person(session, "Kaisa", Role.CLERK))
    await come_in(browser, town)
    await browser.get(f"{town.booth}/ballot?lang=sv")
    assert {"voter", "lang", "order"} <= set(browser.cookies)
    answer = await browser.post(f"/rounds/{town.round.id}/kiosk", {"on": "yes"})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert {"voter", "lang", "order"} & set(browser.cookies) == set()


async def test_a_kiosk_of_one_round_is_a_kiosk_in_every_other(visit, session, town):
    culture = await make_service(session, "Liikuntapalvelut")
    other = await make_round(session, culture, Phase.VOTING, "Toinen kierros")
    clerk = await make_person(session, "Kaisa", Role.CLERK)
    browser = await visit(clerk)
    await browser.post(f"/rounds/{other.id}/kiosk", {"on": "yes"})
    await come_in(browser, town)
    page = await browser.get(f"{town.booth}/ballot")
    assert f'action="{town.booth}/leave"' in page.text
    assert "data-keep" not in page.text
    answer = await browser.post(f"{town.booth}/leave")
    assert answer.headers["location"] == f"/rounds/{other.id}/vote"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    gone = {line.split("=")[0] + line.split("Path=")[1].split(";")[0] for line in answer.headers.get_list("set-cookie")}
    assert {f"voter{town.booth}", f"voter/rounds/{other.id}/vote"} <= gone
    assert "voter" not in browser.cookies


async def make_kiosk(visit, session, town):
    browser = await visit(await make_person(session, "Kaisa", Role.CLERK))
    await browser.post(f"/rounds/{town.round.id}/kiosk", {"on": "yes"})
    return browser


async def test_a_pass_from_before_the_device_was_shared_lets_nobody_in_on_it(visit, visitor, session, town):
    await come_in(visitor, town)
    pass_ = visitor.cookies["voter"]
    assert (await visitor.get(f"{town.booth}/ballot")).status_code == 200
    kiosk = await make_kiosk(visit, session, town)
    kiosk.cookies.set("voter", pass_, domain="127.0.0.1", path=town.booth)
    assert (await kiosk.get(f"{town.booth}/ballot")).headers["location"] == town.booth


async def test_a_pass_of_a_shared_device_is_short_and_gone_when_its_browser_is_closed(visit, visitor, session, town):
    kiosk = await make_kiosk(visit, session, town)
    for browser, minutes in (visitor, get_settings().vote_minutes), (kiosk, SHARED_MINUTES):
        answer = await browser.post(town.booth, {"code": town.codes[0]})
        (line,) = (line for line in answer.headers.get_list("set-cookie") if line.startswith("voter="))
        assert ("Max-Age" in line) is (browser is visitor)
        left = pass_ends(browser.cookies["voter"].strip('"')) - datetime.now(UTC)
        assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)


async def test_a_kiosk_is_left_from_an_error_page_and_from_a_round_that_is_not_there(visit, session, town):
    culture = await make_service(session, "Liikuntapalvelut")
    other = await make_round(session, culture, Phase.VOTING, "Toinen kierros")
    kiosk = await make_kiosk(visit, session, town)
    error = await kiosk.post(f"/rounds/{other.id}/vote/review", {"_csrf_token": "old"})
    assert error.status_code >= 400
    assert f'action="/rounds/{other.id}/vote/leave"' in error.text
    assert (await kiosk.post(f"/rounds/{uuid4()}/vote/leave")).headers["location"] == town.booth


@pytest.mark.parametrize("page", ["/nowhere", "/rounds/1/vote/ballot", "/ideas/1"])
async def test_an_error_on_a_kiosk_leads_back_to_its_vote(visit, visitor, session, town, page):
    kiosk = await make_kiosk(visit, session, town)
    for browser, inside in (kiosk, True), (visitor, False):
        error = await browser.get(page)
        assert error.status_code == 404
        assert ('href="/"' in error.text) is not inside
        assert (f'<a class="btn" href="{town.booth}">Back to voting</a>' in error.text) is inside


async def test_practice_on_a_kiosk_leads_nowhere_else_and_can_be_left(visit, visitor, session, town):
    kiosk, practice = await make_kiosk(visit, session, town), f"/rounds/{town.round.id}/try"
    for browser, inside in (kiosk, True), (visitor, False):
        for page in await browser.get(practice), await browser.post(f"{practice}/done"):
            assert (f'action="{town.booth}/leave"' in page.text) is inside
        assert (f'href="/rounds/{town.round.id}"' in page.text) is not inside


async def test_a_kiosk_does_not_say_that_choices_are_safe_as_it_drops_them(visit, visitor, session, town):
    kiosk = await make_kiosk(visit, session, town)
    for browser, inside in (kiosk, True), (visitor, False):
        await come_in(browser, town)
        for page in (
            await browser.get(f"{town.booth}/ballot"),
            await browser.post(f"{town.booth}/review", town.ticks(LAMMI, 1)),
        ):
            assert ("choices are safe" in page.text) is not inside
            assert ("Your time is over, and your vote is not cast." in page.text) is inside
        browser.cookies.delete("voter")
        again = await browser.post(f"{town.booth}/review", town.ticks(LAMMI, 1))
        assert ("Give your code and choose again." in words(again)) is inside
        assert ("Your choices are safe" in words(again)) is not inside
