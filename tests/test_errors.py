"""What goes wrong is a page with a sentence, in the visitor's language; the log keeps no secret."""

import logging
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import get, post
from litestar.params import FromPath
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from pb.app import make_app
from pb.database import make_engine, make_sessions
from pb.dependencies import Session
from pb.keys import read_key
from pb.middleware import HEADERS, keeping
from tests.cast import make_person, sign_in_link
from tests.visitor import Visitor, words


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/rounds/xyz",
        "/rounds/xyz/edit",
        "/sign-out",
        "/static/nope.css",
        "/static/../app.py",
        "/fonts/x.woff2",
    ],
)
async def test_an_address_that_is_not_there_is_a_page(visitor, path):
    answer = await visitor.get(path)
    assert answer.status_code == 404
    assert "Check the address, or start from the front page." in words(answer)


async def test_an_act_on_a_page_that_has_none_is_a_page(visitor):
    answer = await visitor.post("/secrecy")
    assert answer.status_code == 405
    assert "Check the address, or start from the front page." in words(answer)


async def test_a_form_without_its_token_is_refused_with_a_sentence(visitor):
    answer = await httpx.AsyncClient.post(visitor, "/sign-in", data={"email": "a@example.fi"})
    assert answer.status_code == 403
    assert "The form was too old or came from another page." in words(answer)


async def test_a_refusal_is_said_in_the_visitors_language(visitor):
    answer = await visitor.get("/nope", headers={"accept-language": "sv-FI, fi;q=0.8"})
    assert answer.headers["content-language"] == "sv"
    assert '<html lang="sv">' in answer.text


@pytest.mark.parametrize(
    "body",
    [b"email=\xff\xfe", b"email=%ff%fe", b"\x00", b"email=" + b"x" * 11_000_000, b"&" * 20_000],
    ids=["bytes that are no text", "escapes that are no text", "a NUL", "eleven megabytes", "20,000 empty fields"],
)
async def test_no_body_breaks_a_form(visitor, body):
    await visitor.get("/secrecy")
    headers = {"content-type": "application/x-www-form-urlencoded", "x-csrftoken": visitor.cookies["form"]}
    answer = await httpx.AsyncClient.post(visitor, "/sign-in", content=body, headers=headers)
    assert answer.status_code in (400, 413, 422)
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "multipart/form-data"]
)
async def test_no_kind_of_body_breaks_a_form(visitor, kind):
    await visitor.get("/secrecy")
    headers = {"content-type": kind, "x-csrftoken": visitor.cookies["form"]}
    answer = await httpx.AsyncClient.post(visitor, "/sign-in", content=b"{]", headers=headers)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=ei-ole"])
async def test_a_text_in_no_known_encoding_is_a_sentence(visitor, kind):
    part = f'--b\r\nContent-Disposition: form-data; name="text"\r\nContent-Type: {kind}\r\n\r\n'.encode()
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await httpx.AsyncClient.post(visitor, "/feedback", content=part + b"\xff\r\n--b--\r\n", headers=headers)
    assert (answer.status_code, "We cannot read what you sent." in words(answer)) == (400, True)


async def test_a_file_in_place_of_a_text_is_a_missing_field(visitor):
    await visitor.get("/secrecy")
    files = {"email": ("a.txt", b"hello"), "_csrf_token": (None, visitor.cookies["form"])}
    answer = await httpx.AsyncClient.post(visitor, "/sign-in", files=files)
    assert (answer.status_code, "Fill in this field." in words(answer)) == (422, True)


@get("/bug")
async def break_down() -> None:
    raise RuntimeError("the name of a table")


async def test_a_bug_gets_a_reference_and_no_trace(sessions, caplog):
    app = make_app(sessions)
    app.register(break_down)
    async with Visitor(app) as visitor:
        answer = await visitor.get("/bug")
    assert answer.status_code == 500
    assert "What you sent was not saved." in words(answer)
    assert "the name of a table" not in answer.text
    assert "Traceback" not in answer.text
    reference = words(answer).partition("Number: ")[2].split()[0]
    assert f"bug {reference} at /bug" in caplog.text


@get("/lost", sync_to_thread=True)
def lose_a_file() -> None:
    Path("/nowhere/template.html").read_text()


@get("/key")
async def miss_a_key() -> None:
    read_key("box", UUID(int=0))


async def test_only_the_database_is_said_not_to_answer(sessions):
    """A file of ours that is gone is a bug; a key that is gone is somebody's to restore, and says so."""
    app = make_app(sessions)
    for handler in (lose_a_file, miss_a_key):
        app.register(handler)
    async with Visitor(app) as visitor:
        lost, key = await visitor.get("/lost"), await visitor.get("/key")
    assert (lost.status_code, "Something broke" in words(lost)) == (500, True)
    assert (key.status_code, "must restore the secrets directory" in words(key)) == (503, True)
    assert "Wait a minute" not in lost.text + key.text


@pytest.mark.parametrize("path", ["/", "/nope", "/sign-out", "/desk", "/rounds/00000000-0000-0000-0000-000000000000"])
async def test_every_answer_has_safe_headers(visitor, path):
    answer = await visitor.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] in (keeping(path), "no-store")


def test_a_browser_keeps_nothing_of_voting_codes_and_sign_in():
    paths = ("/sign-in/token", "/rounds/1/vote/review", "/rounds/1/roll", "/rounds/1/ideas/new")
    assert [keeping(path) for path in paths] == ["no-store"] * 3 + ["private, no-cache"]


@pytest.mark.parametrize("url", ["postgresql://pb_app@/pb?host=/nowhere", "postgresql://pb_app@127.0.0.1:1/pb"])
async def test_a_database_that_is_down_is_said_so(url):
    engine = make_engine(url)
    async with Visitor(make_app(make_sessions(engine))) as visitor:
        for path, cookies in (("/", {}), ("/", {"signin": "x"}), ("/secrecy", {"signin": "x"})):
            answer = await visitor.get(path, headers={"cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
            assert answer.status_code == 503, answer.text
            assert "Nothing was lost or saved. Wait a minute, then load the page again." in words(answer)
    await engine.dispose()


async def test_a_database_that_goes_away_comes_back(database, server):
    """Its connections are cut between two requests, as a restart of the server does."""
    engine = make_engine(database)
    async with Visitor(make_app(make_sessions(engine))) as visitor:
        assert (await visitor.get("/")).status_code == 200
        owner = make_engine(server.url("postgres", "pb"))
        async with owner.connect() as connection:
            await connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pb_app' AND datname ~ '^t'"
            )
        await owner.dispose()
        statuses = [(await visitor.get("/")).status_code for _again in range(3)]
    await engine.dispose()
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200


async def say(session: Session, code: FromPath[str]) -> None:
    """Let the database itself say this SQLSTATE."""
    await session.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$"))


@pytest.fixture
async def told(sessions):
    """A visitor of an app whose every act ends in an error of the database."""
    app = make_app(sessions)
    app.register(get("/read/{code:str}")(say))
    app.register(post(["/rounds/{code:str}/vote/cast", "/other/{code:str}"])(say))
    async with Visitor(app) as visitor:
        yield visitor


@pytest.mark.parametrize("state", ["53000", "53100", "53200", "53300", "58030"])
async def test_a_database_without_room_has_saved_nothing_and_the_page_says_so(told, state):
    read = await told.get(f"/read/{state}")
    cast, other = await told.post(f"/rounds/{state}/vote/cast"), await told.post(f"/other/{state}")
    assert [answer.status_code for answer in (read, cast, other)] == [503] * 3
    assert "Nothing was lost or saved. Wait a minute, then load the page again." in words(read)
    assert "Your vote was not received." in words(cast)
    assert "What you sent was not saved." in words(other)


@pytest.mark.parametrize("state", ["57P01", "57P02", "57P03", "08006"])
async def test_what_a_database_that_went_away_has_saved_is_not_claimed(told, state):
    cast, other = await told.post(f"/rounds/{state}/vote/cast"), await told.post(f"/other/{state}")
    assert (cast.status_code, other.status_code) == (503, 503)
    assert "We cannot tell whether your vote was received." in words(cast)
    assert "We cannot tell whether what you sent was saved." in words(other)


@pytest.mark.parametrize("state", ["23505", "22012", "57014", "58P01", "XX000"])
async def test_a_database_that_was_asked_something_wrong_is_a_bug(told, state):
    cast = await told.post(f"/rounds/{state}/vote/cast")
    assert (cast.status_code, "Something broke" in words(cast)) == (500, True)


async def test_too_many_connections_are_said_so(database, server):
    """The database refuses another one, or all of the app's own are in use."""
    owner = make_engine(server.url("postgres", "pb"))
    name = make_url(database).database
    async with owner.connect() as connection:
        await connection.exec_driver_sql(f"ALTER DATABASE {name} CONNECTION LIMIT 1")
        await connection.commit()
    await owner.dispose()
    full, small = make_engine(database), create_async_engine(database, pool_size=1, max_overflow=0, pool_timeout=0.01)
    async with small.connect():
        for engine in (full, small):
            async with Visitor(make_app(make_sessions(engine))) as visitor:
                answer = await visitor.get("/")
                assert (answer.status_code, "Nothing was lost or saved." in words(answer)) == (503, True)
    for engine in (full, small):
        await engine.dispose()


async def test_the_log_holds_no_body_cookie_query_or_address(session, visitor, caplog):
    caplog.set_level(logging.DEBUG)
    person = await make_person(session, "Raija")
    link = await sign_in_link(session, person)
    await visitor.sign_in(link)
    await visitor.post("/sign-in", {"email": "secretbody"}, params={"x": "secretquery"})
    await visitor.get("/rounds/00000000-0000-0000-0000-00000000abcd?token=secretquery")
    token = link.rpartition("/")[2]
    secrets = ["secretbody", "secretquery", token, visitor.cookies["signin"], visitor.cookies["form"]]
    log = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert [s for s in [*secrets, "127.0.0.1", "abcd", person.email] if s in log] == []
    assert "POST /sign-in/{token} 303 " in log
    assert "GET /rounds/{round_id} 404 " in log
