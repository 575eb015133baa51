"""The officer's page of a round's texts in other languages."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.permissions import Act, require
from pb.rounds.models import Round
from pb.rounds.queries import get_round
from pb.translating import service
from pb.translating.queries import list_things
from pb.translating.rules import count_translated, is_translated, mark
from pb.translation import other_languages, spread

AT_ONCE = 20  # things on one page


class TranslatingPages(Controller):
    path = "/rounds/{round_id:uuid}/translations"

    @get("/")
    async def show(self, request: Request, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_round(session, round_id)
        require(me, Act.EDIT_ROUND, round_.scope, now=now)
        return await translations_page(session, round_, request, None, {})

    @post("/")
    async def save(
        self, request: Request, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]
    ) -> Template | Redirect:
        try:
            await service.save_translations(session, me, round_id, form, now)
        except FieldErrors as wrong:
            return await translations_page(session, await get_round(session, round_id), request, form, wrong.errors)
        return Redirect(f"{request.url.path}?{request.url.query}#saved", status_code=303)


def number(text: str) -> int:
    """The page asked for, the first one if that is no number."""
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


async def translations_page(
    session: AsyncSession, round_: Round, request: Request, sent: Any, errors: dict[str, str]
) -> Template:
    """One page of the round's things; `sent` is the form that was refused."""
    things = await list_things(session, round_)
    missing = request.query_params.get("missing", "")
    wanted = [t for t in things if missing not in other_languages() or not is_translated(t, missing)]
    pages = 1 if len(wanted) < len(things) else max(1, -(-len(wanted) // AT_ONCE))  # what is done drops out of a filter
    page = min(number(request.query_params.get("page", "")), pages)
    shown = wanted[(page - 1) * AT_ONCE : page * AT_ONCE]
    if sent is not None:
        shown = [thing for thing in things if sent.get(f"{thing.id}")]
    stored = {name: words for thing in shown for name, words in spread(thing.translations, f"{thing.id}.").items()}
    context = {
        "round": round_,
        "things": shown,
        "languages_to": other_languages(),
        "done": count_translated(things),
        "total": len(things),
        "missing": missing if missing in other_languages() else "",
        "page": page,
        "pages": pages,
        "stored": stored,
        "mark": mark,
        "values": stored if sent is None else sent,
        "errors": errors,
    }
    return Template("translating/translations.html", context=context, status_code=422 if errors else 200)
