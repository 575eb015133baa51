"""Signing in by a link: good once, for a while, and to our own pages only."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from pb.errors import Refusal
from pb.people.models import SignIn, SignInLink
from pb.people.queries import find_signed_in
from pb.people.service import make_sign_in_link, safe_path, sign_in, sign_out
from pb.settings import get_settings
from tests.cast import DAY, NOW
from tests.visitor import words

MINUTE = timedelta(minutes=1)


async def use(session, link: str, now=NOW) -> tuple[str, str]:
    return await sign_in(session, link.rpartition("/")[2], now)


async def test_a_link_signs_in_once(session):
    link = await make_sign_in_link(session, "Uusi@Example.fi", "/city", NOW)
    cookie, then = await use(session, link)
    person = await find_signed_in(session, cookie, NOW)
    assert (person.email, then) == ("uusi@example.fi", "/city")
    with pytest.raises(Refusal):
        await use(session, link)


@pytest.mark.parametrize(("minutes", "good"), [(29, True), (30, False)])
async def test_a_link_is_good_for_half_an_hour(session, minutes, good):
    link = await make_sign_in_link(session, "a@example.fi", "/", NOW)
    if good:
        await use(session, link, NOW + minutes * MINUTE)
    else:
        with pytest.raises(Refusal):
            await use(session, link, NOW + minutes * MINUTE)


async def test_a_sign_in_runs_out(session, resident):
    cookie, _then = await use(session, await make_sign_in_link(session, resident.email, "/", NOW))
    last = NOW + get_settings().session_days * DAY
    assert await find_signed_in(session, cookie, last - MINUTE) is resident
    assert await find_signed_in(session, cookie, last) is None


async def test_no_table_holds_a_token_that_signs_in(session, resident):
    link = await make_sign_in_link(session, resident.email, "/", NOW)
    await session.flush()
    token = link.rpartition("/")[2]
    cookie, _then = await use(session, await make_sign_in_link(session, resident.email, "/", NOW))
    await session.flush()
    kept = [*await session.scalars(select(SignInLink.token_hash)), *await session.scalars(select(SignIn.token_hash))]
    assert all(len(k) == 32 and token.encode() not in k and cookie.encode() not in k for k in kept)


async def test_old_links_and_sign_ins_are_swept_away(session, resident):
    await use(session, await make_sign_in_link(session, resident.email, "/", NOW))
    await make_sign_in_link(session, "forgotten@example.fi", "/", NOW)
    much_later = NOW + 99 * DAY
    await use(session, await make_sign_in_link(session, resident.email, "/", much_later), much_later)
    assert await session.scalar(select(func.count()).select_from(SignInLink)) == 0
    assert await session.scalar(select(func.count()).select_from(SignIn)) == 1


async def test_signing_out_ends_this_browser_only(session, resident):
    cookies = [
        (await use(session, await make_sign_in_link(session, resident.email, "/", NOW)))[0] for _browser in range(2)
    ]
    await sign_out(session, cookies[0])
    assert [await find_signed_in(session, c, NOW) is not None for c in cookies] == [False, True]


@pytest.mark.parametrize(
    ("then", "path"),
    [
        ("/rounds/1?x=2", "/rounds/1?x=2"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_link_leads_to_our_own_pages_only(then, path):
    assert safe_path(then) == path


async def test_the_way_in_by_the_pages(session, visitor, resident):
    link = await make_sign_in_link(session, resident.email, "/city", NOW)
    await session.commit()
    path = "/" + link.split("/", 3)[3]
    for _scanner in range(2):  # a mail scanner that opens the link does not use it up
        assert "Press the button" in words(await visitor.get(path))
    answer = await visitor.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/city")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("signin="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert resident.email in words(await visitor.get("/city"))
    await visitor.post("/sign-out")
    assert resident.email not in words(await visitor.get("/city"))


async def test_a_used_link_says_what_to_do(session, visitor, resident):
    link = await make_sign_in_link(session, resident.email, "/", NOW)
    await session.commit()
    path = "/" + link.split("/", 3)[3]
    await visitor.sign_in(link)
    answer = await visitor.post(path)
    assert answer.status_code == 409
    assert "This link has been used or is too old. Ask for a new one." in words(answer)


async def test_a_mistyped_address_stays_on_the_page(visitor):
    answer = await visitor.post("/sign-in", {"email": "sanna example.fi", "then": "/city"})
    assert answer.status_code == 422
    assert 'value="sanna example.fi"' in answer.text
    assert 'name="then" value="/city"' in answer.text
    assert "Check the address. It looks like name@example.fi." in words(answer)


async def test_the_answer_is_the_same_for_known_and_unknown_addresses(visitor, resident):
    known, unknown = [await visitor.post("/sign-in", {"email": e}) for e in (resident.email, "raiju@example.fi")]
    assert known.status_code == unknown.status_code == 200
    assert words(known).replace(resident.email, "") == words(unknown).replace("raiju@example.fi", "")


async def test_asking_queues_a_mail_and_keeps_no_token_in_the_queue(session, visitor):
    await visitor.post("/sign-in", {"email": "a@example.fi", "then": "//evil.example"})
    queued = (await session.execute(text("SELECT entrypoint, payload FROM pgqueuer"))).one()
    assert queued.entrypoint == "mail_sign_in_link"
    assert queued.payload == b'{"email": "a@example.fi", "then": "/", "language": "en"}'
    assert await session.scalar(select(func.count()).select_from(SignInLink)) == 0


@pytest.mark.parametrize("name", ["%0d%0aset-cookie:x", "a%26then=%5C%5Cevil.example", "%3F", "%22%3E%3Cscript%3E"])
async def test_the_way_back_after_signing_in_holds_no_surprise(visitor, name):
    answer = await visitor.get(f"/city/{name}/new")
    assert answer.status_code == 303
    page = await visitor.get(answer.headers["location"])
    assert 'name="then" value="/city/' in page.text
    assert "<script>" not in page.text
    assert all(not cookie.endswith(":x") for cookie in answer.headers.get_list("set-cookie"))
