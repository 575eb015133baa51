"""What every answer carries: its policy, and gzip whose length tells nothing."""

import asyncio
import gzip
import random

import pytest
from pydantic import ValidationError

from pb.middleware import Compression, content_policy, gzipped
from pb.settings import Settings


def test_pictures_come_from_here_and_from_the_tiles_only_if_there_are_any():
    assert "img-src 'self' data:;" in content_policy("")
    assert "https" not in content_policy("")
    tiles = content_policy("https://{s}.tiles.example:8443/a/{z}/{x}/{y}.png")
    assert "img-src 'self' data: https://*.tiles.example:8443;" in tiles
    assert tiles.count("https") == 1


@pytest.mark.parametrize("tiles", ["http://a.example/{z}", "https://a.example;script-src *", "https://a b/", "x"])
def test_an_address_of_tiles_that_would_loosen_the_policy_is_refused(tiles):
    with pytest.raises(ValidationError):
        Settings(tiles=tiles)


def test_the_length_of_a_packed_answer_is_drawn_by_lot():
    lengths = {len(gzipped(b"secret " * 200)) for _ in range(200)}
    assert len(lengths) > 50
    assert gzip.decompress(gzipped(b"secret")) == b"secret"


def test_a_packed_answer_is_filled_up_to_the_next_step():
    for n in range(0, 6000, 7):
        body = random.Random(n).randbytes(n)
        packed = gzipped(body, 4096)
        assert len(packed) % 4096 == 0
        assert len(packed) - len(gzipped(body)) < 4096 + 100
        assert gzip.decompress(packed) == body


@pytest.mark.parametrize(
    ("path", "filled"),
    [
        ("/rounds/x/vote", True),
        ("/rounds/x/vote/review", True),
        ("/rounds/x/results/ballot", True),
        ("/rounds/x/votes", False),
        ("/rounds/x/results", False),
        ("/", False),
    ],
)
async def test_the_length_of_a_page_with_choices_does_not_tell_how_many_they_are(path, filled):
    lengths = {length for n in range(5, 40) for length in [await packed_length(path, b"<p>%d</p>" % (7**n) * 60)]}
    assert (all(length % 4096 == 0 for length in lengths), len(lengths) <= 2) == (filled, filled)


async def test_what_is_as_large_as_a_file_stays_as_it_is():
    assert await packed_length("/", b"a" * 1_000_000) < 10_000
    assert await packed_length("/", b"a" * 1_000_001) is None


@pytest.mark.parametrize(("size", "others_go_on"), [(900_000, True), (64_000, False)])
async def test_while_a_large_answer_is_packed_others_are_served(size, others_go_on):
    served = asyncio.Event()
    asyncio.get_running_loop().call_soon(served.set)
    await packed_length("/", b"a" * size)
    assert served.is_set() == others_go_on


async def packed_length(path: str, body: bytes) -> int | None:
    """How long the answer `body` to a browser becomes; None where it stays as it is."""
    sent = []

    async def page(_scope, _receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": body})

    async def keep(message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "method": "POST", "headers": [(b"accept-encoding", b"gzip")]}
    await Compression().handle(scope, None, keep, page)
    head, answer = sent
    if (b"content-encoding", b"gzip") not in head["headers"]:
        assert answer["body"] == body
        return None
    assert gzip.decompress(answer["body"]) == body
    return len(answer["body"])


async def test_text_is_packed_for_browsers_that_take_it(visitor):
    packed = await visitor.get("/secrecy", headers={"accept-encoding": "gzip"})
    plain = await visitor.get("/secrecy", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.text == plain.text


async def test_what_is_small_or_packed_already_stays_as_it_is(visitor):
    for path in ("/fonts/atkinson-regular.woff2", "/city/areas.json"):
        assert "content-encoding" not in (await visitor.get(path, headers={"accept-encoding": "gzip"})).headers


async def test_a_head_has_no_body(visitor):
    answer = await visitor.request("HEAD", "/static/kukkaro.css", headers={"accept-encoding": "gzip"})
    assert (answer.status_code, answer.content) == (200, b"")
