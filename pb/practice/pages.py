"""Try voting: the voter's own pages with nothing behind them. No code, no box, no write, in any phase."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import check_ballot
from ballots.types import InvalidBallot
from pb.city.models import Area
from pb.city.queries import list_areas
from pb.dependencies import Form, Me, Now, Session
from pb.estimates.models import Project
from pb.estimates.queries import list_ballot_projects
from pb.people.models import Person
from pb.permissions import Phase
from pb.practice.rules import made_up_projects, made_up_rules
from pb.rounds.models import Round
from pb.rounds.queries import get_rules, get_visible_round
from pb.rounds.rules import Rules
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
from pb.voting.queries import PaperPage, is_open, paper_page


@dataclass(frozen=True)
class Desk:
    """What there is to practise with: the round's own ballot, or a made-up one before that is confirmed."""

    round: Round
    rules: Rules
    projects: dict[UUID, Project]
    areas: list[Area]
    open: bool
    seed: str

    def area(self, chosen: str) -> Area | None:
        """The area that was chosen, else the first one; None where all vote on the same."""
        return next((a for a in self.areas if str(a.id) == chosen), self.areas[0] if self.areas else None)

    def pages(self, area: Area | None, marks: list[tuple[int, int, int]]) -> list[PaperPage]:
        return [
            paper_page(a, self.projects, {n: place for of, n, place in marks if of == a.number}, self.seed)
            for a in self.rules.allocations_for(area.id if area else None)
        ]

    def context(self, area: Area | None, papers: list[PaperPage]) -> dict[str, Any]:
        return {
            "round": self.round,
            "own": address(self.round.id),
            "practice": True,
            "made_up": self.round.confirmed_at is None,
            "voting": self.round.window(Phase.VOTING),
            "papers": papers,
            "areas": self.areas,
            "area": area,
            "voted": False,
            "tag_of_voter": "",
            "keep": "",
            "ends": "",
            "seconds": 0,
        }


@dataclass(frozen=True)
class Practice:
    """One request. Built without a query: what raises, raises in the page itself."""

    session: AsyncSession
    request: Request
    me: Person | None
    now: datetime
    round_id: UUID

    async def desk(self) -> Desk:
        round_ = await get_visible_round(self.session, self.round_id, self.me, self.now)
        confirmed = round_.confirmed_at is not None
        rules = get_rules(round_) if confirmed else made_up_rules(round_)
        projects = await own_projects(self.session, round_.id) if confirmed else made_up_projects(rules)
        theirs = {a.area_id for a in rules.allocations}
        areas = [area for area in await list_areas(self.session) if area.id in theirs]
        return Desk(round_, rules, projects, areas, is_open(round_, self.now), self.request.state["order"])


ThisPractice = NamedDependency[Practice]


def address(round_id: UUID, page: str = "") -> str:
    return f"/rounds/{round_id}/try{page}"


def provide_practice(session: Session, request: Request, me: Me, now: Now, round_id: FromPath[UUID]) -> Practice:
    return Practice(session, request, me, now, round_id)


async def own_projects(session: AsyncSession, round_id: UUID) -> dict[UUID, Project]:
    return {p.id: p for p in await list_ballot_projects(session, round_id)}


class PracticePages(Controller):
    path = "/rounds/{round_id:uuid}/try"
    dependencies = {"here": Provide(provide_practice, sync_to_thread=False)}

    @get("/")
    async def blank(self, here: ThisPractice) -> Template:
        desk = await here.desk()
        return ballot_page(desk, desk.area(""), FormMultiDict())

    @post("/", status_code=200)
    async def change(self, here: ThisPractice, form: Form) -> Template:
        """The ballot with these choices, of the area `to` if another one is asked for."""
        desk = await here.desk()
        return ballot_page(desk, desk.area(str(form.get("to") or form.get("area", ""))), form)

    @get(["/review", "/done"])
    async def start_over(self, here: ThisPractice) -> Redirect:
        return Redirect(address((await here.desk()).round.id), status_code=303)

    @post("/review", status_code=200)
    async def review(self, here: ThisPractice, form: Form) -> Template:
        desk = await here.desk()
        area = desk.area(str(form.get("area", "")))
        papers = desk.rules.papers(area.id if area else None)
        try:
            choices = read_choices(papers, form)
            check_ballot(papers, choices)
            check_withdrawn(choices, [p.number for p in desk.projects.values() if p.number and p.withdrawn_reason])
        except InvalidBallot as error:
            return ballot_page(desk, area, form, error)
        return review_page(desk, area, choices)

    @post("/done", status_code=200)
    async def done(self, here: ThisPractice) -> Template:
        """Takes nothing in: what was chosen is gone with the page before."""
        desk = await here.desk()
        return Template("practice/done.html", context={"round": desk.round, "open": desk.open})


def ballot_page(desk: Desk, area: Area | None, form: FormMultiDict, error: InvalidBallot | None = None) -> Template:
    marks, typed = read_marks(form), bad_numbers(form)
    papers = desk.pages(area, marks)
    faulty = next((p for p in papers if error and p.allocation.number == error.allocation), None)
    context = desk.context(area, papers) | {
        "fresh": not marks and not typed,
        "error": sentence(error, desk.rules) if error else "",
        "faulty": faulty,
        "to_mend": faulty.to_mend(error, typed) if error and faulty else [],
        "typed": typed,
    }
    return Template("voting/ballot.html", context=context, status_code=422 if error else 200)


def review_page(desk: Desk, area: Area | None, choices: Choices) -> Template:
    papers = desk.rules.papers(area.id if area else None)
    marks = [(a, *mark) for a, own in choices.items() for mark in marks_of(papers[a].type, own)]
    pages = desk.pages(area, marks)
    context = desk.context(area, pages) | {
        "missing": [p for p in pages if not p.chosen],
        "fields": ([("area", area.id)] if area else []) + hidden_fields([p.allocation for p in pages], choices),
        "ticket": "",
        "code": "",
    }
    return Template("voting/review.html", context=context, status_code=200)
