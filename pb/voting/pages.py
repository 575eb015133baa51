"""The voter's way from code to cast. Choices travel in forms only: never in an address or a cookie."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import Provide
from litestar.response import Redirect, Template

from ballots import check_ballot
from ballots.codes import show_code
from ballots.types import InvalidBallot
from pb.booth.forms import AREA, NoArea, read_area, sent_fields
from pb.booth.pages import (
    Booth,
    ThisBooth,
    address,
    area_page,
    areas_to_show,
    code_again,
    code_page,
    cookie,
    let_in,
    own_form,
    provide_booth,
)
from pb.dependencies import Form
from pb.errors import Refusal, TooMany
from pb.estimates.queries import list_withdrawn
from pb.language import gettext as _
from pb.pages import titles
from pb.permissions import Phase
from pb.roll.models import Voter
from pb.roll.service import enter_code
from pb.rounds.models import Round
from pb.rounds.queries import get_rules
from pb.traffic import service as traffic
from pb.traffic.models import Kind
from pb.voting.forms import (
    Choices,
    bad_numbers,
    check_withdrawn,
    hidden_fields,
    marks_of,
    read_choices,
    read_marks,
    sentence,
)
from pb.voting.queries import OnRoll, enter_box, is_open, paper_pages
from pb.voting.service import (
    cast_ballot,
    keep_code,
    make_ticket,
    read_ticket,
    require_open,
    seen_version,
)

Answer = Template | Redirect


class VotingPages(Controller):
    path = "/rounds/{round_id:uuid}/vote"
    dependencies = {"here": Provide(provide_booth, sync_to_thread=False)}

    @get("/")
    async def ask_code(self, here: ThisBooth) -> Answer:
        round_, voter = await here.enter()
        if voter and is_open(round_, here.now):
            return Redirect(address(round_.id, "/ballot"), status_code=303)
        return code_page(here, round_, FormMultiDict())

    @post("/", status_code=200)
    async def take_code(self, here: ThisBooth, form: Form) -> Answer:
        """To the ballot; choices that waited while the code was asked again come along.

        They do by 307 (RFC 9110, 15.4.8), after which the browser keeps the ballot's address: what it sends once more,
        for whoever comes next, goes there, where a code in the form lets nobody in.
        """
        round_, now = await here.get_round(), here.now
        require_open(round_, now)
        form = here.unless_left(form)
        text, source = str(form.get("code", "")), here.source
        try:
            code_hmac = await enter_code(here.session, round_.id, text, source, now)
        except TooMany as refusal:
            traffic.note(round_.id, Kind.LOCKED_OUT, source, now)
            return code_page(here, round_, form, {"code": refusal.message}, status=429)
        if code_hmac is None:
            traffic.note(round_.id, Kind.WRONG_CODE, source, now)
            wrong = _("This code was not accepted. Compare it with the letter, character by character.")
            return code_page(here, round_, form, {"code": wrong}, status=422)
        answer = Redirect(address(round_.id, "/ballot"), status_code=307 if sent_fields(form) else 303)
        answer.set_cookie(let_in(here, code_hmac))
        answer.set_cookie(cookie(round_.id, "left", "", 0))
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
            return code_again(here, round_, form)
        return await ballot_page(here, round_, voter, own_form(form, voter))

    @post("/more", status_code=200)
    async def more_time(self, here: ThisBooth, form: Form) -> Answer | Response[dict[str, Any]]:
        """The whole time again, from now, for who still has some; `quiet` asks for it without the page."""
        round_, voter = await here.enter()
        require_open(round_, here.now)
        if voter is None:
            return code_again(here, round_, form)
        longer = let_in(here, here.read_pass())
        known = here.surroundings(round_, voter)
        quiet = Response({"seconds": known["seconds"], "at": known["ends"]})
        answer = quiet if "quiet" in form else await ballot_page(here, round_, voter, own_form(form, voter))
        answer.set_cookie(longer)
        return answer

    @post("/area", status_code=200)
    async def choose_area(self, here: ThisBooth, form: Form) -> Answer:
        """To choose the area, or look it up by a postcode; the choices come along."""
        round_, voter = await here.enter()
        require_open(round_, here.now)
        if voter is None:
            return code_again(here, round_, form)
        if not get_rules(round_).areas_to_choose:
            return await ballot_page(here, round_, voter, own_form(form, voter))
        return await area_page(here, round_, voter, own_form(form, voter))

    @get(["/area", "/review", "/cast"])
    async def start_over(self, here: ThisBooth) -> Redirect:
        """Choices are in no address, so an address alone shows an empty ballot."""
        return Redirect(address((await here.get_round()).id, "/ballot"), status_code=303)

    @post("/review", status_code=200)
    async def review(self, here: ThisBooth, form: Form) -> Answer:
        round_, voter = await here.enter()
        require_open(round_, here.now)
        if voter is None:
            return code_again(here, round_, form)
        if own_form(form, voter) is not form:
            return await ballot_page(here, round_, voter, FormMultiDict())
        rules = get_rules(round_)
        try:
            area_id = read_area(rules, voter.area_id, form)
            papers = rules.papers(area_id)
            choices = read_choices(papers, form)
            check_ballot(papers, choices)
            check_withdrawn(choices, await list_withdrawn(here.session, round_.id))
        except InvalidBallot as error:
            return await ballot_page(here, round_, voter, form, error)
        return await review_page(here, round_, voter, area_id, choices)

    @post("/cast")
    async def cast(self, here: ThisBooth) -> Answer:
        """Reads the round only for a page: if the box takes the ballot, voting is open and the round is no draft."""
        form = await here.request.form()
        voter = await enter_box(here.session, here.round_id, here.read_pass())
        if voter is None:
            return code_again(here, await here.get_round(), form)
        try:
            ticket = read_ticket(str(form.get("ticket", "")), voter)
            papers = voter.rules.papers(read_area(voter.rules, voter.area_id, form))
            choices = read_choices(papers, form)
            if voter.withdrawn and await seen_version(here.session, voter) == ticket.seen:  # else a repeat
                check_withdrawn(choices, voter.withdrawn)
            receipt = await cast_ballot(here.session, papers, voter, choices, ticket, entered=voter.box)
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


async def ballot_page(
    here: Booth, round_: Round, voter: OnRoll, form: FormMultiDict, error: InvalidBallot | None = None
) -> Template:
    """The ballot with the form's choices marked, wrong or not, and what is wrong with them; or the step before it."""
    rules = get_rules(round_)
    try:
        area_id = read_area(rules, voter.area_id, form)
    except NoArea:
        missing = {AREA: _("Choose the area you vote in.")} if here.request.method == "POST" else None
        return await area_page(here, round_, voter, form, missing)
    marks, typed = read_marks(form), bad_numbers(form)
    papers = await paper_pages(here.session, round_, area_id, marks, here.request.state["order"])
    faulty = next((p for p in papers if error and p.allocation.number == error.allocation), None)
    context = {
        "round": round_,
        "voting": round_.window(Phase.VOTING),
        "papers": papers,
        "fresh": not marks and not typed,
        "voted": await seen_version(here.session, voter) > 0,
        "error": sentence(error, rules) if error else "",
        "faulty": faulty,
        "to_mend": faulty.to_mend(error, typed) if error and faulty else [],
        "typed": typed,
    }
    context |= here.surroundings(round_, voter) | await areas_to_show(here, rules, area_id)
    return Template("voting/ballot.html", context=context, status_code=422 if error else 200)


async def review_page(here: Booth, round_: Round, voter: Voter, area_id: UUID | None, choices: Choices) -> Template:
    """The whole ballot before it is cast, with a ticket for this one cast."""
    ticket, rules = await make_ticket(here.session, voter), get_rules(round_)
    papers = rules.papers(area_id)
    marks = [(a, *mark) for a, own in choices.items() for mark in marks_of(papers[a].type, own)]
    pages = await paper_pages(here.session, round_, area_id, marks, here.request.state["order"])
    shown = await areas_to_show(here, rules, area_id)
    context = {
        "round": round_,
        "voting": round_.window(Phase.VOTING),
        "papers": pages,
        "missing": [p for p in pages if not p.chosen],
        "voted": ticket.seen > 0,
        "fields": [(AREA, area_id)] * bool(shown["area"]) + hidden_fields([p.allocation for p in pages], choices),
        "ticket": ticket.signed(voter),
        "code": show_code(ticket.code),
    }
    context |= here.surroundings(round_, voter) | shown
    return Template("voting/review.html", context=context, status_code=200)
