"""One voter, one ballot: tickets, repeats, parallel casts; and nothing of it where it does not belong."""

import asyncio
import logging

import httpx
import pytest

from ballots.box import count_envelopes
from pb.app import make_app
from pb.database import make_engine, make_sessions
from tests.visitor import Visitor, words
from tests.voting.town import CITY, LAMMI, RANKED, ballots_in, come_in, make_town, review, vote


async def cast(visitor: Visitor, town, form: dict) -> httpx.Response:
    return await visitor.post(f"{town.booth}/cast", form)


async def test_the_same_submission_again_gives_the_same_receipt(visitor, session, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    assert [(await cast(visitor, town, form)).status_code for _again in range(3)] == [303, 303, 303]
    assert len(await ballots_in(session, town.round.id)) == 1


async def test_a_late_retry_does_not_overwrite_a_newer_vote(visitor, session, town):
    await come_in(visitor, town)
    first = await review(visitor, town, town.ticks(LAMMI, 1))
    await cast(visitor, town, first)
    await vote(visitor, town, town.ticks(LAMMI, 2))
    answer = await cast(visitor, town, first)
    assert answer.status_code == 409
    assert "That newer vote stands." in words(answer)
    assert "Start again from the ballot" in words(answer)
    assert (await ballots_in(session, town.round.id))[0][LAMMI] == (town.number(LAMMI, 2),)


async def test_of_two_windows_the_first_cast_stands(visitor, session, town):
    await come_in(visitor, town)
    forms = [await review(visitor, town, town.ticks(LAMMI, n)) for n in (1, 2)]
    assert [(await cast(visitor, town, form)).status_code for form in forms] == [303, 409]
    assert (await ballots_in(session, town.round.id))[0][LAMMI] == (town.number(LAMMI, 1),)


@pytest.mark.parametrize("forge", [lambda t: "", lambda t: t[:-1] + "x", lambda t: t.replace("|0.", "|1."), str.upper])
async def test_a_forged_ticket_is_refused(visitor, session, town, forge):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    answer = await cast(visitor, town, form | {"ticket": forge(form["ticket"])})
    assert answer.status_code == 409
    assert "This page was not made for your ballot." in words(answer)
    assert await ballots_in(session, town.round.id) == []


async def test_another_voter_s_ticket_is_refused(visitor, session, town):
    await come_in(visitor, town, voter=1)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    await visitor.post(f"{town.booth}/leave")
    await come_in(visitor, town, voter=0)
    assert (await cast(visitor, town, form)).status_code == 409
    assert await ballots_in(session, town.round.id) == []


async def test_no_choice_or_code_is_in_an_address_a_cookie_or_a_log(visitor, town, caplog):
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    async def note(answer: httpx.Response) -> None:
        headers = [value for name, value in answer.headers.multi_items() if name in ("set-cookie", "location")]
        kept = {value for value in headers if value.startswith("ballot=")}  # see test_ballot_code.py
        seen.extend([str(answer.request.url), *(value for value in headers if value not in kept)])

    visitor.event_hooks["response"].append(note)
    await visitor.post(town.booth, {"code": "ABCD-EFGH-JKMN"})
    await come_in(visitor, town)
    choices = town.ticks(LAMMI, 1, 3) | town.places(2, 1)
    await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1, 2))
    form = await review(visitor, town, choices)
    await cast(visitor, town, form | {f"a{CITY}": "999"})
    await cast(visitor, town, form)
    await visitor.get(f"{town.booth}/receipt")
    everything = "\n".join([*seen, caplog.text])
    code = town.codes[0]
    ballot_code = form["ticket"].split("|")[1]
    for secret in (code, code.replace("-", ""), "ABCD-EFGH-JKMN", "ABCDEFGHJKMN", ballot_code, form["ticket"]):
        assert secret not in everything
    for field in (f"a{LAMMI}=", f"a{CITY}=", f"a{RANKED}p", "Hanke"):
        assert field not in everything
    assert "/rounds/{round_id}/vote/cast 303" in caplog.text


async def test_the_voter_s_cookie_goes_to_the_round_s_voting_pages_only(visitor, town):
    answer = await visitor.post(town.booth, {"code": town.codes[0]})
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("voter="))
    for flag in (f"Path={town.booth}", "HttpOnly", "SameSite=strict", "Max-Age=3600"):
        assert flag in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_100_parallel_casts_of_one_voter_are_one_envelope(database):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as session:
        town = await make_town(session)
    async with Visitor(make_app(sessions)) as visitor:
        await come_in(visitor, town)
        forms = [await review(visitor, town, town.ticks(LAMMI, 1 + n % 3)) for n in range(10)]
        answers = await asyncio.gather(*(cast(visitor, town, form) for form in forms * 10))
    async with sessions() as session:
        assert await count_envelopes(session, town.round.id) == 1
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(303), statuses.count(409)) == (10, 90)  # one submission, however often it was sent
    await engine.dispose()
