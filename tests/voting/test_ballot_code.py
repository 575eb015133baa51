"""The ballot code: on the confirm page and the receipt, and nowhere else."""

import logging
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from ballots.codes import CHECK_DIGITS, check_character, new_code, read_code, show_code
from pb.roll.queries import find_voter
from pb.roll.service import code_hmac
from pb.voting.service import Ticket
from tests.visitor import Visitor, words
from tests.voting.town import CITY, LAMMI, come_in, review, ticket_on, vote

ELSEWHERE = "Your ballot code was on the page where you checked and cast your vote."


def code_in(form: dict) -> str:
    return show_code(form["ticket"].split("|")[1])


def kept(answer: httpx.Response) -> str:
    """The cookie in which a cast, or leaving, speaks of the code."""
    (cookie,) = (c for c in answer.headers.get_list("set-cookie") if c.startswith("ballot="))
    return cookie


async def receipt(visitor: Visitor, town) -> str:
    return words(await visitor.get(f"{town.booth}/receipt"))


async def test_the_confirm_page_shows_the_code_of_its_ticket_in_groups_of_four(visitor, town):
    await come_in(visitor, town)
    page = await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1))
    code = show_code(ticket_on(page).split("|")[1])
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 1]
    assert f"Your ballot code {code} Write it down or print it: after the count it shows" in words(page)


async def test_the_receipt_shows_the_code_again(visitor, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    for _again in range(2):
        await visitor.post(f"{town.booth}/cast", form)
        for _visit in range(2):
            assert f"Your ballot code {code_in(form)} Write it down" in await receipt(visitor, town)


async def test_the_code_travels_in_a_session_cookie_for_the_receipt_only(visitor, town):
    await come_in(visitor, town)
    answer = await vote(visitor, town, town.ticks(LAMMI, 1))
    flags = [flag.strip() for flag in kept(answer).split(";")[1:]]
    assert sorted(flags) == ["HttpOnly", f"Path={town.booth}/receipt", "SameSite=strict"]


async def test_every_check_character_survives_the_cookie(visitor, session, town):
    await come_in(visitor, town)
    stored = code_hmac(town.round.id, read_code(town.codes[0]))
    voter = await find_voter(session, town.round.id, stored)
    for seen, character in enumerate(CHECK_DIGITS):
        code = next(c + character for c in iter(new_code, "") if check_character(c) == character)
        form = town.ticks(LAMMI, 1) | {"ticket": Ticket(uuid4(), code, seen).signed(voter)}
        assert (await visitor.post(f"{town.booth}/cast", form)).status_code == 303
        assert show_code(code) in await receipt(visitor, town)


async def test_a_receipt_without_the_cookie_says_where_the_code_was(visit, town):
    here, elsewhere = await visit(None), await visit(None)
    await come_in(here, town)
    form = await review(here, town, town.ticks(LAMMI, 1))
    await here.post(f"{town.booth}/cast", form)
    await come_in(elsewhere, town)
    assert ELSEWHERE in await receipt(elsewhere, town)
    assert code_in(form) not in await receipt(elsewhere, town)


async def test_a_new_cast_replaces_the_code_and_one_made_elsewhere_makes_it_void(visit, town):
    here, elsewhere = await visit(None), await visit(None)
    for browser in (here, elsewhere):
        await come_in(browser, town)
    first = await review(here, town, town.ticks(LAMMI, 1))
    await here.post(f"{town.booth}/cast", first)
    second = await review(here, town, town.ticks(LAMMI, 2))
    await here.post(f"{town.booth}/cast", second)
    page = await receipt(here, town)
    assert (code_in(second) in page, code_in(first) in page) == (True, False)
    third = await review(elsewhere, town, town.ticks(LAMMI, 3))
    await elsewhere.post(f"{town.booth}/cast", third)
    assert code_in(third) in await receipt(elsewhere, town)
    page = await receipt(here, town)
    assert ELSEWHERE in page
    assert not [form for form in (first, second, third) if code_in(form) in page]


@pytest.mark.parametrize(
    "forge", [lambda v: "", lambda v: v[:-1] + "x", lambda v: "10"[v[0] == "1"] + v[1:], lambda v: v.split(".")[0]]
)
async def test_a_made_up_cookie_is_ignored(visitor, town, forge):
    await come_in(visitor, town)
    answer = await vote(visitor, town, town.ticks(LAMMI, 1))
    value = kept(answer).split(";")[0].removeprefix("ballot=").strip('"')
    made_up = forge(value)
    assert made_up != value
    visitor.cookies.delete("ballot")
    visitor.cookies.set("ballot", made_up, domain="127.0.0.1", path=f"{town.booth}/receipt")
    assert ELSEWHERE in await receipt(visitor, town)


async def test_another_voter_s_cookie_is_ignored(visitor, town):
    await come_in(visitor, town, voter=0)
    first = await review(visitor, town, town.ticks(LAMMI, 1))
    await visitor.post(f"{town.booth}/cast", first)
    mine = visitor.cookies["ballot"]
    await come_in(visitor, town, voter=1)
    await vote(visitor, town, town.ticks(LAMMI, 2))
    visitor.cookies.delete("ballot")
    visitor.cookies.set("ballot", mine, domain="127.0.0.1", path=f"{town.booth}/receipt")
    page = await receipt(visitor, town)
    assert (ELSEWHERE in page, code_in(first) in page) == (True, False)


async def test_leaving_forgets_the_code(visitor, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    await visitor.post(f"{town.booth}/cast", form)
    cookie = kept(await visitor.post(f"{town.booth}/leave"))
    assert cookie.startswith('ballot="";') or cookie.startswith("ballot=;")
    assert "Max-Age=0" in cookie
    assert f"Path={town.booth}/receipt" in cookie
    assert "ballot" not in visitor.cookies
    await come_in(visitor, town)
    assert code_in(form) not in await receipt(visitor, town)


async def test_a_refused_cast_keeps_no_code(visitor, town):
    await come_in(visitor, town)
    first = await review(visitor, town, town.ticks(LAMMI, 1))
    stale = await review(visitor, town, town.ticks(LAMMI, 2))
    await visitor.post(f"{town.booth}/cast", first)
    answer = await visitor.post(f"{town.booth}/cast", stale)
    assert answer.status_code == 409
    assert not [c for c in answer.headers.get_list("set-cookie") if c.startswith("ballot=")]


async def test_before_the_count_the_code_is_on_two_pages_and_nowhere_else(visitor, session, town, caplog):
    caplog.set_level(logging.DEBUG)
    pages: dict[str, str] = {}
    carried: list[str] = []

    async def note(answer: httpx.Response) -> None:
        await answer.aread()
        pages[answer.request.url.path] = answer.text
        carried.extend([str(answer.request.url), *(v for n, v in answer.headers.multi_items() if n != "set-cookie")])
        carried.extend(c for c in answer.headers.get_list("set-cookie") if not c.startswith("ballot="))

    visitor.event_hooks["response"].append(note)
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1) | town.ticks(CITY, 2))
    await visitor.post(f"{town.booth}/cast", form)
    for path in ("/receipt", "/receipt.json", "/ballot", ""):
        await visitor.get(town.booth + path)
    await visitor.get(f"/rounds/{town.round.id}/log/leaves.txt")
    await session.commit()
    tables = text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'box')")
    rows = [r for t in await session.scalars(tables) for r in await session.scalars(text(f"SELECT t::text FROM {t} t"))]
    assert any(str(town.round.id) in row for row in rows)
    bare = form["ticket"].split("|")[1]
    everywhere = "\n".join([*carried, *rows, caplog.text])
    for code in (bare, code_in(form), bare[:12]):
        assert code not in everywhere
        assert code.encode().hex() not in everywhere
    showing = {path.removeprefix(town.booth) for path, page in pages.items() if code_in(form) in page or bare in page}
    assert showing == {"/review", "/receipt"}
