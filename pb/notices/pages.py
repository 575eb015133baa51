"""A person's own notices, the stop link of her mails, following a round; feeds and calendars for everybody."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, NotFound, Refusal
from pb.estimates.queries import find_project_of, list_estimates, list_newest_estimates
from pb.forms import read_form
from pb.ideas.queries import get_visible_idea, list_followed_ideas, list_newest_ideas
from pb.language import chosen_language, current_language, show_moment, show_money
from pb.language import gettext as _
from pb.notices import service
from pb.notices.forms import PaceForm
from pb.notices.models import Pace
from pb.notices.queries import find_pace, get_reader, list_notices
from pb.notices.rules import Entry, PhaseTime, legal, sentence, title_of, write_calendar
from pb.pages import make_environment
from pb.permissions import Act, Scope, require
from pb.rounds.queries import get_visible_round, list_amendments, list_extensions, list_followed_rounds, list_rounds
from pb.settings import get_settings
from pb.translation import text_of

NEWEST = 30  # of each kind in a feed
ATOM, CALENDAR = "application/atom+xml; charset=utf-8", "text/calendar"


class NoticePages(Controller):
    path = "/notices"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now) -> Template:
        require(me, Act.FOLLOW_IDEA, Scope(), now=now)
        context = {
            "pace": await find_pace(session, me.id),
            "ideas": await list_followed_ideas(session, me),
            "rounds": await list_followed_rounds(session, me, now),
            "notices": await list_notices(session, me.id),
            "sentence": sentence,
            "title_of": title_of,
            "me": me,
        }
        return Template("notices/notices.html", context=context)

    @post("/")
    async def choose(self, session: Session, me: Me, now: Now, form: Form) -> Redirect:
        require(me, Act.FOLLOW_IDEA, Scope(), now=now)
        await service.choose_pace(session, me.id, read_pace(form))
        return Redirect("/notices", status_code=303)

    @post("/unfollow/{key:uuid}")
    async def unfollow(self, session: Session, me: Me, now: Now, key: FromPath[UUID]) -> Redirect:
        require(me, Act.FOLLOW_IDEA, Scope(), now=now)
        await service.unfollow(session, me.id, key)
        return Redirect("/notices#following", status_code=303)

    @get("/stop/{token:str}")
    async def offer(self, session: Session, token: FromPath[str]) -> Template:
        """A page with a button: a mail scanner that opens links must not stop anybody's mails."""
        return await stop_page(session, token)

    @post("/stop/{token:str}", status_code=200, exclude_from_csrf=True, media_type="text/plain")
    async def stop(self, session: Session, token: FromPath[str]) -> str:
        """One click in the mail program (RFC 8058), which has no cookie and no form's token.

        The signed link alone gives the right, and all that it can do is to stop this person's mails.
        """
        reader = await get_reader(session, token)
        await service.choose_pace(session, reader.id, Pace.NEVER)
        return _("The mails have stopped.")

    @post("/stop/{token:str}/pace", status_code=200)
    async def slow(self, session: Session, form: Form, token: FromPath[str]) -> Template:
        reader = await get_reader(session, token)
        await service.choose_pace(session, reader.id, read_pace(form))
        return await stop_page(session, token, saved=True)


def read_pace(form: Form) -> Pace:
    """The pace chosen in a form of our own. Raises Refusal for one that no form of ours offers."""
    try:
        return read_form(PaceForm, form).pace
    except FieldErrors as wrong:
        raise Refusal(wrong.errors["pace"]) from None


async def stop_page(session: AsyncSession, token: str, *, saved: bool = False) -> Template:
    reader = await get_reader(session, token)
    context = {"token": token, "email": reader.email, "pace": await find_pace(session, reader.id), "saved": saved}
    return Template("notices/stop.html", context=context)


class RoundNews(Controller):
    path = "/rounds/{round_id:uuid}"

    @post("/follow")
    async def follow(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        round_ = await get_visible_round(session, round_id, me, now)
        require(me, Act.FOLLOW_IDEA, round_.scope, now=now)
        await service.follow(session, me.id, round_.id, now)
        return Redirect(f"/rounds/{round_id}#follow", status_code=303)

    @post("/unfollow")
    async def unfollow(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        round_ = await get_visible_round(session, round_id, me, now)
        require(me, Act.FOLLOW_IDEA, round_.scope, now=now)
        await service.unfollow(session, me.id, round_.id)
        return Redirect(f"/rounds/{round_id}#follow", status_code=303)

    @get("/feed.atom")
    async def feed(self, session: Session, request: Request, now: Now, round_id: FromPath[UUID]) -> Response[bytes]:
        round_ = await get_visible_round(session, round_id, None, now)  # the same for everybody: no draft leaks
        entries = await round_entries(session, round_)
        path, title = f"/rounds/{round_id}", text_of(round_, "title")
        return feed_answer(request, round_.id, title, path, entries, round_.created_at)

    @get("/phases.ics")
    async def phases(self, session: Session, request: Request, now: Now, round_id: FromPath[UUID]) -> Response[bytes]:
        round_ = await get_visible_round(session, round_id, None, now)
        return await calendar_answer(session, request, text_of(round_, "title"), [round_])


@get("/calendar.ics")
async def calendar(session: Session, request: Request, now: Now) -> Response[bytes]:
    name = _("Votes of %(city)s") % {"city": get_settings().city}
    return await calendar_answer(session, request, name, await list_rounds(session, None, now))


@get("/ideas/{idea_id:uuid}/feed.atom")
async def idea_feed(session: Session, request: Request, idea_id: FromPath[UUID]) -> Response[bytes]:
    idea = await get_visible_idea(session, idea_id, None)
    if idea.is_hidden:
        raise NotFound(_("There is no such idea."))
    path, title = f"/ideas/{idea_id}", text_of(idea, "title")
    return feed_answer(request, idea.id, title, path, await idea_entries(session, idea), idea.submitted_at)


async def round_entries(session: AsyncSession, round_: Any) -> list[Entry]:
    """What is public of a round: its newest ideas and estimates, its amendments and the result, newest first."""
    page = f"/rounds/{round_.id}"
    entries = [idea_entry(idea) for idea in await list_newest_ideas(session, round_.id, NEWEST)]
    estimates = await list_newest_estimates(session, round_.id, NEWEST)
    entries += [estimate_entry(each, each.idea, round_.currency) for each in estimates]
    changes = await list_amendments(session, round_.id)
    entries += [Entry(each.id, amendment_title(each), each.reason, f"{page}#changes", each.at) for each in changes]
    entries += result_entries(round_, round_.id)
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)


async def idea_entries(session: AsyncSession, idea: Any) -> list[Entry]:
    """An idea's life, newest first: that it was published or why not, its estimates, the result of its round."""
    if idea.state == "refused":
        title = _("Not published: %(title)s") % {"title": text_of(idea, "title")}
        return [Entry(idea.id, title, idea.reason, f"/ideas/{idea.id}", idea.decided_at)]
    estimates = await list_estimates(session, idea.id)
    entries = [estimate_entry(each, idea, idea.round.currency) for each in estimates] + [idea_entry(idea)]
    if await find_project_of(session, idea.id):
        entries += result_entries(idea.round, idea.id)
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)


def idea_entry(idea: Any) -> Entry:
    title = _("New idea: %(title)s") % {"title": text_of(idea, "title")}
    return Entry(idea.id, title, text_of(idea, "description"), f"/ideas/{idea.id}", idea.decided_at)


def estimate_entry(estimate: Any, idea: Any, currency: str) -> Entry:
    said = _("Estimate %(sum)s: %(title)s") if estimate.feasible else _("Cannot be done: %(title)s")
    cost = show_money(estimate.cost_cents, currency) if estimate.feasible else ""
    title = said % {"sum": cost, "title": text_of(idea, "title")}
    return Entry(estimate.id, title, estimate.reason, f"/ideas/{idea.id}", estimate.at)


def amendment_title(change: Any) -> str:
    said = {
        "extended": _("Voting closes later: %(after)s instead of %(before)s."),
        "withdrawn": _("Withdrawn: %(name)s. The count skips it."),
        "corrected": _("Text corrected: %(name)s."),
    }[change.kind]
    return said % {"before": change.before, "after": change.after, "name": change.subject}


def result_entries(round_: Any, about: UUID) -> list[Entry]:
    """The news that the result is out, if it is; its id is made of the id of what the feed is about."""
    if round_.published_at is None:
        return []
    link = f"/rounds/{round_.id}/results"
    return [Entry(uuid5(about, "result"), _("The result is published."), round_.title, link, round_.published_at)]


def feed_answer(
    request: Request, about: UUID, title: str, path: str, entries: Sequence[Entry], begun: datetime
) -> Response[bytes]:
    """The feed of a thing as Atom (RFC 4287). Its id is not the thing's own, which its entry has."""
    address = get_settings().address
    context = {
        "id": uuid5(about, "feed"),
        "title": _("News of %(title)s") % {"title": title},
        "updated": max((entry.updated for entry in entries), default=begun),
        "entries": entries,
        "address": address,
        "page": f"{address}{path}",
        "here": f"{address}{path}/feed.atom?lang={chosen_language()}",
        "utc": UTC,
    }
    xml = make_environment().get_template("notices/feed.xml").render(context)
    return answer(request, legal(xml).encode(), ATOM)


async def calendar_answer(session: AsyncSession, request: Request, name: str, rounds: Sequence[Any]) -> Response[bytes]:
    """The phases of these rounds as a calendar."""
    moved = await list_extensions(session, [round_.id for round_ in rounds])
    phases = [phase_time(round_, window, moved) for round_ in rounds for window in round_.windows]
    return answer(request, write_calendar(name, phases), CALENDAR)


def phase_time(round_: Any, window: Any, moved: dict[UUID, tuple[int, datetime]]) -> PhaseTime:
    names = {"ideas": _("Ideas"), "estimates": _("Estimates"), "voting": _("Voting"), "results": _("Results")}
    address, voting = get_settings().address, window.phase == "voting"
    revision, revised = moved.get(round_.id, (0, None)) if voting else (0, None)
    return PhaseTime(
        uid=f"{window.phase}.{round_.id}@{urlsplit(address).hostname}",
        title=f"{names[window.phase]}: {text_of(round_, 'title')}",
        text=text_of(round_, "summary"),
        language=current_language(),
        opens=window.opens,
        closes=window.closes,
        link=f"{address}/rounds/{round_.id}",
        revision=revision,
        revised=revised or round_.confirmed_at or round_.created_at,
        reminder=_("Voting ends %(at)s.") % {"at": show_moment(window.closes)} if voting else "",
    )


def answer(request: Request, body: bytes, media_type: str) -> Response[bytes]:
    """The file with a mark of its content, or 304 for a reader that has it (RFC 9110, section 13.1.2)."""
    mark = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"etag": mark, "vary": "Accept-Language, Cookie"}
    if mark in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
