"""Somebody at the app's pages: follows links, fills in forms, keeps cookies."""

import re
from typing import Any, Self

import httpx
from litestar import Litestar


class Visitor(httpx.AsyncClient):
    """An HTTP client on the app itself. `post` sends the form's token as a browser would."""

    def __init__(self, app: Litestar, language: str = "en") -> None:
        transport = httpx.ASGITransport(app=app)
        super().__init__(transport=transport, base_url="http://127.0.0.1", headers={"accept-language": language})

    async def post(self, url: Any, data: Any = None, **options: Any) -> httpx.Response:
        """Send `data` (a dict, lists for repeated fields) as a form, redirects not followed."""
        if "form" not in self.cookies:
            await self.get("/secrecy")
        return await super().post(url, data={**(data or {}), "_csrf_token": self.cookies["form"]}, **options)

    async def sign_in(self, link: str) -> Self:
        """Use a sign-in link."""
        path = "/" + link.split("/", 3)[3]
        answer = await self.post(path)
        assert answer.status_code == 303, answer.text
        return self


def words(answer: httpx.Response) -> str:
    """The page's text without tags, spaces folded: what a person reads."""
    import html

    body = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
