"""The voter's way from code to cast. Choices travel in forms only: never in an address or a cookie."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import Cookie, FormMultiDict
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import check_ballot
from ballots.codes import show_code
from ballots.types import InvalidBallot, Problem
from pb import clock
from pb.dependencies import Form, Session, provide_me
from pb.errors import Refusal, TooMany
from pb.estimates.queries import list_withdrawn
from pb.language import gettext as _
from pb.pages import titles
from pb.people.models import Person
from pb.permissions import Phase
from pb.roll.models import Voter
from pb.roll.queries import find_voter
from pb.roll.service import enter_code, make_pass, read_pass
from pb.rounds.models import Round
from pb.rounds.queries import get_rules, get_visible_round
from pb.settings import get_settings
from pb.traffic import service as traffic
from pb.traffic.models import Kind
from pb.voting.forms import Choices, check_withdrawn, hidden_fields, read_choices, read_marks, sent_fields, sentence
from pb.voting.queries import OnRoll, enter_box, paper_pages
from pb.voting.service import cast_ballot, is_open, keep_code, make_ticket, read_ticket, require_open, seen_version

Answer = Template | Redirect


@dataclass(frozen=True)
class Booth:
    """Where one request of a voter happens. Built without a query: what raises, raises in the page itself."""

    session: AsyncSession
    request: Request
    me: Person | None
    now: datetime
    round_id: UUID

    @property
    def source(self) -> str:
        """The visitor's address, to count by; kept nowhere."""
        return self.request.client.host if self.request.client else ""

    async def get_round(self) -> Round:
        return await get_visible_round(self.session, self.round_id, self.me, self.now)

    def read_pass(self) -> bytes:
        """The stored form of the code that was given within the hour; empty for none."""
        return read_pass(self.round_id, self.request.cookies.get("voter", ""), self.now) or b""

    async def enter(self) -> tuple[Round, Voter | None]:
        """The round, and the voter if their code still lets them in."""
        return await self.get_round(), await find_voter(self.session, self.round_id, self.read_pass())


ThisBooth = NamedDependency[Booth]


def provide_booth(session: Session, request: Request, round_id: FromPath[UUID]) -> Booth:
    """Asks for one dependency only: Litestar starts a task for each of several, a tenth of what a cast costs."""
    return Booth(session, request, provide_me(request), clock.now(), round_id)


def address(round_id: UUID, page: str = "") -> str:
    return f"/rounds/{round_id}/vote{page}"


def cookie(round_id: UUID, name: str, value: str, max_age: int | None = None, page: str = "") -> Cookie:
    """Sent to the round's voting pages only, or to one of them, and never from another site."""
    secure, path = get_settings().address.startswith("https"), address(round_id, page)
    return Cookie(name, path, value, max_age=max_age, httponly=True, samesite="strict", secure=secure)


class VotingPages(Controller):
    path = "/rounds/{round_id:uuid}/vote"
    dependencies = {"here": Provide(provide_booth, sync_to_thread=False)}

    @get("/")
    async def ask_code(self, here: ThisBooth) -> Answer:
        round_, voter = await here.enter()
        if voter and is_open(round_, here.now):
            return Redirect(address(round_.id, "/ballot"), status_code=303)
        return code_page(round_, here.now, FormMultiDict())

    @post("/", status_code=200)
    async def take_code(self, here: ThisBooth, form: Form) -> Answer:
        """To the ballot; choices that waited while the code was asked again come along."""
        round_, now = await here.get_round(), here.now
        require_open(round_, now)
        text, source = str(form.get("code", "")), here.source
        try:
            code_hmac = await enter_code(here.session, round_.id, text, source, now)
        except TooMany as refusal:
            traffic.note(round_.id, Kind.LOCKED_OUT, source, now)
            return code_page(round_, now, form, {"code": refusal.message}, status=429)
        if code_hmac is None:
            traffic.note(round_.id, Kind.WRONG_CODE, source, now)
            wrong = _("This code was not accepted. Compare it with the letter, character by character.")
            return code_page(round_, now, form, {"code": wrong}, status=422)
        answer: Answer = Redirect(address(round_.id, "/ballot"), status_code=303)
        if sent_fields(form) and (voter := await find_voter(here.session, round_.id, code_hmac)):
            answer = await ballot_page(here, round_, voter, form)
        allowed = make_pass(round_.id, code_hmac, now)
        answer.set_cookie(cookie(round_.id, "voter", allowed, get_settings().vote_minutes * 60))
        return answer

    @get("/ballot")
    async def blank(self, here: ThisBooth) -> Answer:
        round_, voter = await here.enter()
        if voter is None or not is_open(round_, here.now):
            return Redirect(address(round_.id), status_code=303)
        return await ballot_page(here, round_, voter, FormMultiDict())

    @post("/ballot", status_code=200)
    async def change(self, here: ThisBooth, form: Form) -> Answer:
        round_, voter = await here.enter()
        require_open(round_, here.now)
        if voter is None:
            return code_again(round_, here.now, form)
        return await ballot_page(here, round_, voter, form)

    @get(["/review", "/cast"])
    async def start_over(self, here: ThisBooth) -> Redirect:
        """Choices are in no address, so an address alone shows an empty ballot."""
        return Redirect(address((await here.get_round()).id, "/ballot"), status_code=303)

    @post("/review", status_code=200)
    async def review(self, here: ThisBooth, form: Form) -> Answer:
        round_, voter = await here.enter()
        require_open(round_, here.now)
        if voter is None:
            return code_again(round_, here.now, form)
        papers = get_rules(round_).papers(voter.area_id)
        try:
            choices = read_choices(papers, form)
            check_ballot(papers, choices)
            check_withdrawn(choices, await list_withdrawn(here.session, round_.id))
        except InvalidBallot as error:
            return await ballot_page(here, round_, voter, form, error)
        return await review_page(here, round_, voter, choices)

    @post("/cast")
    async def cast(self, here: ThisBooth) -> Answer:
        """Reads the round only for a page: if the box takes the ballot, voting is open and the round is no draft."""
        form = await here.request.form()
        voter = await enter_box(here.session, here.round_id, here.read_pass())
        if voter is None:
            return code_again(await here.get_round(), here.now, form)
        try:
            ticket = read_ticket(str(form.get("ticket", "")), voter)
            choices = read_choices(voter.rules.papers(voter.area_id), form)
            if voter.withdrawn and await seen_version(here.session, voter) == ticket.seen:  # else a repeat
                check_withdrawn(choices, voter.withdrawn)
            receipt = await cast_ballot(here.session, voter.rules, voter, choices, ticket, entered=voter.box)
        except InvalidBallot as error:
            return await ballot_page(here, await here.get_round(), voter, form, error)
        except Refusal as refusal:
            round_ = await here.get_round()
            context = {"title": titles(refusal.status), "message": refusal.message, "open": is_open(round_, here.now)}
            return Template("voting/refused.html", context=context | {"round": round_}, status_code=refusal.status)
        traffic.note(here.round_id, Kind.CHANGED if ticket.seen else Kind.CAST, here.source, here.now)
        answer = Redirect(address(here.round_id, "/receipt"), status_code=303)
        answer.set_cookie(cookie(here.round_id, "ballot", keep_code(voter, ticket, receipt), page="/receipt"))
        return answer

    @post("/leave")
    async def leave(self, here: ThisBooth) -> Redirect:
        """For shared devices: forget the voter and go to the round's page."""
        round_ = await here.get_round()
        answer = Redirect(f"/rounds/{round_.id}", status_code=303)
        answer.set_cookie(cookie(round_.id, "voter", "", 0))
        answer.set_cookie(cookie(round_.id, "ballot", "", 0, "/receipt"))
        return answer


def code_page(
    round_: Round, now: datetime, form: FormMultiDict, errors: dict[str, str] | None = None, status: int = 200
) -> Template:
    """Asks for the code, or says when there is voting. Choices in `form` wait in it for a good code."""
    voting = round_.window(Phase.VOTING)
    context = {
        "round": round_,
        "voting": voting,
        "open": is_open(round_, now),
        "over": voting is not None and voting.closes <= now,
        "waiting": voting is not None and now < voting.opens,
        "again": status == 401,
        "fields": sent_fields(form),
        "values": {"code": str(form.get("code", ""))[:40]},
        "errors": errors or {},
    }
    return Template("voting/code.html", context=context, status_code=status)


def code_again(round_: Round, now: datetime, form: FormMultiDict) -> Template:
    """The hour is over, or the code was revoked: the choices wait while the code is asked."""
    return code_page(round_, now, form, status=401)


async def ballot_page(
    here: Booth, round_: Round, voter: OnRoll, form: FormMultiDict, error: InvalidBallot | None = None
) -> Template:
    """The ballot with the form's choices marked, wrong or not, and what is wrong with them."""
    papers = await paper_pages(here.session, round_, voter, read_marks(form), here.request.state["order"])
    faulty = next((p for p in papers if error and p.allocation.number == error.allocation), None)
    too_much = error is not None and error.problem in (Problem.OVER_MONEY, Problem.TOO_MANY)
    context = {
        "round": round_,
        "voting": round_.window(Phase.VOTING),
        "papers": papers,
        "voted": await seen_version(here.session, voter) > 0,
        "error": sentence(error, get_rules(round_)) if error else "",
        "faulty": faulty,
        "take_out": faulty.chosen if faulty and too_much else [],
    }
    return Template("voting/ballot.html", context=context, status_code=422 if error else 200)


async def review_page(here: Booth, round_: Round, voter: Voter, choices: Choices) -> Template:
    """The whole ballot before it is cast, with a ticket for this one cast."""
    ticket = await make_ticket(here.session, voter)
    marks = [(a, project, place) for a, own in choices.items() for place, project in enumerate(own, start=1)]
    papers = await paper_pages(here.session, round_, voter, marks, here.request.state["order"])
    context = {
        "round": round_,
        "voting": round_.window(Phase.VOTING),
        "papers": papers,
        "missing": [p for p in papers if not p.chosen],
        "voted": ticket.seen > 0,
        "fields": hidden_fields([p.allocation for p in papers], choices),
        "ticket": ticket.signed(voter),
        "code": show_code(ticket.code),
    }
    return Template("voting/review.html", context=context, status_code=200)
