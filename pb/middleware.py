"""What happens around every request: the visitor's language and sign-in, safe headers, one log line."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from pb import clock
from pb.language import choose_language, set_language

log = logging.getLogger("pb.web")
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
YEAR = 365 * 24 * 3600
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
                headers["content-language"] = language
                flags = "Path=/; SameSite=Lax; HttpOnly"
                if asked == language:
                    headers.add("set-cookie", f"lang={language}; Max-Age={YEAR}; {flags}")
                if new_seed:
                    headers.add("set-cookie", f"order={new_seed}; Max-Age={YEAR}; {flags}")
            await send(message)

        await next_app(scope, receive, send_with_headers)


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
