"""What happens around every request: the visitor's language and sign-in, safe headers, one log line."""

import asyncio
import logging
import re
import secrets
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from pb import clock
from pb.language import choose_language, set_language, spoken
from pb.settings import get_settings

log = logging.getLogger("pb.web")


def content_policy(tiles: str) -> str:
    """Everything from here; pictures also from where the map's tiles are, `tiles` being their address or empty."""
    origin = f" https://{urlsplit(tiles.replace('{s}', '*')).netloc}" if tiles else ""
    return (
        f"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:{origin}; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


HEADERS = {
    "content-security-policy": content_policy(get_settings().tiles),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
YEAR = 365 * 24 * 3600
PACKED = re.compile(r"text/|application/(json|javascript|atom\+xml)|image/svg")  # kinds of content that shrink
WORTH_PACKING = 500  # bytes
MOST_PACKED = 1_000_000  # bytes; more is no page but a file, such as the log's, whose hashes hardly shrink
PACKED_AT_ONCE = 64_000  # bytes; more is packed in a thread, while other requests are served
GZIP_LEVEL = 5
CHOICES = re.compile(r"/(vote|results/ballot)(/|$)")  # pages that show what somebody chose
STEP = 4096  # bytes, of which the length of such a page is a multiple
FindPerson = Callable[[AsyncSession, str, Any], Awaitable[Any]]


def hear_language(request: Request) -> str:
    """Speak the language that this visitor just asked for, chose before, or whose browser prefers."""
    header = request.headers.get("accept-language", "")
    language = choose_language(request.query_params.get("lang"), request.cookies.get("lang"), header)
    set_language(language)
    return language


def keeping(path: str) -> str:
    """What a browser may keep: nothing of voting, codes and sign-in; else a form as it was left, for Back."""
    secret = path.startswith("/sign-in") or "/vote" in path or "/roll" in path
    return "no-store" if secret else "private, no-cache"


class Visitor(ASGIMiddleware):
    """Sets the language, the signed-in person and the visitor's seed for orders drawn by lot."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, find_person: FindPerson) -> None:
        self.find_person = find_person

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request = Request(scope)
        asked, language = request.query_params.get("lang"), hear_language(request)
        seed = request.cookies.get("order", "")
        new_seed = "" if seed.isalnum() and len(seed) <= 32 else secrets.token_hex(8)
        request.state["order"] = new_seed or seed
        request.state["me"] = None
        if token := request.cookies.get("signin"):
            async with scope["litestar_app"].state.sessions() as session:
                request.state["me"] = await self.find_person(session, token, clock.now())

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", keeping(scope["path"]))
                headers["content-language"] = spoken(language)
                flags = "Path=/; SameSite=Lax; HttpOnly"
                if asked == language:
                    headers.add("set-cookie", f"lang={language}; Max-Age={YEAR}; {flags}")
                if new_seed:
                    headers.add("set-cookie", f"order={new_seed}; Max-Age={YEAR}; {flags}")
            await send(message)

        await next_app(scope, receive, send_with_headers)


def gzipped(body: bytes, step: int = 1) -> bytes:
    """The body as gzip (RFC 1952) with a name of up to 99 random bytes in its header, so that its length does not tell
    what secret (a form's token, an address) is repeated in it: Palacios et al. 2022, "Heal the Breach".

    The name is as much longer as makes the whole a multiple of `step` bytes.
    """
    packer = zlib.compressobj(GZIP_LEVEL, wbits=zlib.MAX_WBITS | 16)
    packed = packer.compress(body) + packer.flush()
    name = b"a" * secrets.randbelow(100)
    name += b"a" * (-(len(packed) + len(name) + 1) % step) + b"\0"
    return packed[:3] + b"\x08" + packed[4:10] + name + packed[10:]  # the flag FNAME, and the name after the header


class Compression(ASGIMiddleware):
    """gzip of what is text, for browsers that take it."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        head: Message | None = None  # held back until the whole body is there
        parts: list[bytes] = []

        async def pack(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start" and is_packed(message):
                head = message
            elif head is None:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await send_packed(head, b"".join(parts), send, step)

        step = STEP if CHOICES.search(scope["path"]) else 1
        takes_it = "gzip" in Request(scope).headers.get("accept-encoding", "") and scope["method"] != "HEAD"
        await next_app(scope, receive, pack if takes_it else send)


def is_packed(head: Message) -> bool:
    return PACKED.match(MutableScopeHeaders.from_message(head).get("content-type", "")) is not None


async def send_packed(head: Message, body: bytes, send: Send, step: int) -> None:
    headers = MutableScopeHeaders.from_message(head)
    headers.add("vary", "accept-encoding")
    if WORTH_PACKING <= len(body) <= MOST_PACKED:
        in_thread = len(body) > PACKED_AT_ONCE
        body = await asyncio.to_thread(gzipped, body, step) if in_thread else gzipped(body, step)
        headers["content-encoding"], headers["content-length"] = "gzip", str(len(body))
    await send(head)
    await send({"type": "http.response.body", "body": body, "more_body": False})


class RequestLog(ASGIMiddleware):
    """Method, path template, status, time. Never a body, a cookie, a query or an address."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        started, status = time.perf_counter(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, note_status)
        finally:
            took = (time.perf_counter() - started) * 1000
            log.info("%s %s %d %.0f ms", scope["method"], scope.get("path_template", "-"), status, took)
