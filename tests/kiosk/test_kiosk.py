"""Turning a device into a shared place to vote. What then happens in a browser: tests/browser/test_ballot_kiosk.py."""

from pb.permissions import Phase, Role
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
    assert "voter" in browser.cookies
    answer = await browser.post(f"/rounds/{town.round.id}/kiosk", {"on": "yes"})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert "voter" not in browser.cookies


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
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert "voter" not in browser.cookies
