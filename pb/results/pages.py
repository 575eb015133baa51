"""The count as its officer sees it, and the result as everybody does."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box
from ballots.codes import read_ballot_code
from pb.dependencies import Form, Me, Now, Session
from pb.errors import NotFound
from pb.estimates.models import Project
from pb.estimates.queries import list_ballot_projects
from pb.forgetting.queries import find_forgotten
from pb.language import LANGUAGES, in_language, local, show_date
from pb.language import gettext as _
from pb.opening.queries import count_void, find_opening
from pb.opening.service import closed_at
from pb.people.models import Person
from pb.permissions import Act, Phase, acting_role, require
from pb.results import service
from pb.results.queries import CountedPaper, find_ballot, get_report, list_reports, list_results, sees_count
from pb.rounds.models import Round
from pb.rounds.queries import get_round, get_visible_round
from pb.trustees.queries import find_key

REPORTS = [f"/report-{language}.pdf" for language in LANGUAGES]


class CountPages(Controller):
    path = "/rounds/{round_id:uuid}/count"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_round(session, round_id)
        if acting_role(me, Act.SEE_AUDIT, round_.scope) is None:
            require(me, Act.COUNT_BALLOTS, round_.scope, now=now)
        voting = round_.window(Phase.VOTING)
        context = {
            "round": round_,
            "closes": voting.closes if voting else None,
            "is_due": voting is not None and voting.closes <= now,
            "closed_at": await closed_at(session, round_id),
            "key": await find_key(session, round_id),
            "opening": await find_opening(session, round_id),
            "envelopes": await box.count_envelopes(session, round_id),
            "void": await count_void(session, round_id),
            "results": await list_results(session, round_),
            "reports": {report.language: report for report in await list_reports(session, round_id)},
            "may_count": acting_role(me, Act.COUNT_BALLOTS, round_.scope) is not None,
        }
        return Template("results/count.html", context=context)

    @post("/ballots")
    async def count(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.count_ballots(session, me, round_id, now)
        return Redirect(f"/rounds/{round_id}/count", status_code=303)

    @post("/publish")
    async def publish(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.publish_results(session, me, round_id, now)
        return Redirect(f"/rounds/{round_id}/count", status_code=303)

    @post("/reports")
    async def make_reports(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Redirect:
        await service.make_reports_again(session, me, round_id, now)
        return Redirect(f"/rounds/{round_id}/count", status_code=303)


class ResultPages(Controller):
    path = "/rounds/{round_id:uuid}/results"

    @get("/")
    async def every(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        results = await list_results(session, round_) if sees_count(me, round_) else []
        if not results:
            context = {
                "round": round_,
                "now": now,
                "voting": round_.window(Phase.VOTING),
                "window": round_.window(Phase.RESULTS),
                "may_count": acting_role(me, Act.COUNT_BALLOTS, round_.scope) is not None,
            }
            return Template("results/waiting.html", context=context)
        reports = await list_reports(session, round_id) if round_.published_at else []
        context = {"round": round_, "results": results, "reports": {r.language: r for r in reports}}
        context |= {"projects": await projects_by_number(session, round_id)}
        context |= {"void": await count_void(session, round_id), "forgotten": await find_forgotten(session, round_id)}
        context |= {"opening": await find_opening(session, round_id), "key": await find_key(session, round_id)}
        return Template("results/results.html", context=context)

    @get("/{number:int}")
    async def one(
        self, session: Session, me: Me, now: Now, round_id: FromPath[UUID], number: FromPath[int]
    ) -> Template:
        round_ = await get_visible_round(session, round_id, me, now)
        if not sees_count(me, round_):
            raise not_published(round_)
        results = await list_results(session, round_)
        result = next((r for r in results if r.allocation.number == number), None)
        if result is None:
            raise NotFound(_("This round has no such allocation, or it has not been counted yet."))
        reports = await list_reports(session, round_id) if round_.published_at else []
        context = {
            "round": round_,
            "result": result,
            "results": results,
            "projects": await projects_by_number(session, round_id),
            "reports": {r.language: r for r in reports},
        }
        return Template("results/allocation.html", context=context)

    @get("/ballot")
    async def ask_ballot_code(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        return ballot_page(await get_published_round(session, round_id, me, now))

    @post("/ballot", status_code=200)
    async def show_ballot(self, session: Session, me: Me, now: Now, form: Form, round_id: FromPath[UUID]) -> Template:
        """Only a form asks: a code in an address would stay in histories and logs."""
        round_, typed = await get_published_round(session, round_id, me, now), str(form.get("code", ""))
        try:
            code = read_ballot_code(typed)
        except ValueError:
            wrong = _(
                "This is not a ballot code. It has 13 characters, and the last one checks the others. Check the typing."
            )
            return ballot_page(round_, typed, wrong)
        papers = await find_ballot(session, round_, code)
        return ballot_page(round_, typed, papers=papers, projects=await projects_by_number(session, round_id))

    @get(REPORTS)
    async def report(
        self, session: Session, me: Me, now: Now, request: Request, round_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The stored PDF; its address ends in the language, report-fi.pdf."""
        round_ = await get_published_round(session, round_id, me, now)
        language = request.url.path.removesuffix(".pdf")[-2:]
        report = await get_report(session, round_id, language)
        with in_language(language):
            name = _("result") + f"-{local(round_.published_at):%Y-%m-%d}-{language}.pdf"
        headers = {
            "content-disposition": f'inline; filename="{name}"',
            "content-language": language,
            "cache-control": "public, max-age=300",
        }
        return Response(report.pdf, media_type="application/pdf", headers=headers)


async def get_published_round(session: AsyncSession, round_id: UUID, me: Person | None, now: datetime) -> Round:
    """A round whose result everybody sees. Raises NotFound, with the day."""
    round_ = await get_visible_round(session, round_id, me, now)
    if round_.published_at is None:
        raise not_published(round_)
    return round_


async def projects_by_number(session: AsyncSession, round_id: UUID) -> dict[int | None, Project]:
    """The projects, whose rows say in the reader's language what the frozen rules say in the city's."""
    return {project.number: project for project in await list_ballot_projects(session, round_id)}


def ballot_page(
    round_: Round,
    typed: str = "",
    wrong: str = "",
    papers: list[CountedPaper] | None = None,
    projects: dict[int | None, Project] | None = None,
) -> Template:
    """Asks for a ballot code; with `papers`, shows what was counted under it, or that nothing was."""
    context = {
        "round": round_,
        "values": {"code": typed[:40]},
        "errors": {"code": wrong} if wrong else {},
        "papers": papers,
        "projects": projects or {},
    }
    headers = {"cache-control": "no-store"}
    return Template("results/ballot.html", context=context, status_code=422 if wrong else 200, headers=headers)


def not_published(round_: Round) -> NotFound:
    window = round_.window(Phase.RESULTS)
    if window is None:
        return NotFound(_("The result has not been published yet."))
    return NotFound(
        _("The result has not been published yet. It is due on %(day)s.") % {"day": show_date(window.opens)}
    )
