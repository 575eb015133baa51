"""The officer's acts after the opening: count, publish. And the job that makes the reports."""

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box
from pb import clock, jobs, pdf
from pb.audit import Deed
from pb.errors import Refusal
from pb.estimates.queries import list_withdrawn, told_projects
from pb.language import LANGUAGES, in_language
from pb.language import gettext as _
from pb.notices.models import NoticeKind
from pb.notices.service import tell, tell_each
from pb.opening.queries import count_void, find_opening
from pb.opening.service import get_voted_round
from pb.pages import make_environment
from pb.people.models import Person
from pb.permissions import Act, require
from pb.results.models import Count, Report
from pb.results.queries import list_counts, list_results
from pb.results.rules import as_data, count_allocation
from pb.roll.queries import count_voters, eligible
from pb.rounds.models import Round
from pb.rounds.queries import get_round, get_rules
from pb.rounds.service import record
from pb.trustees.queries import find_key


async def count_ballots(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Count every allocation of an opened box, all at once and once only. Nothing of it is public yet."""
    round_ = await get_voted_round(session, me, Act.COUNT_BALLOTS, round_id, now)
    if await list_counts(session, round_id):
        raise Refusal(_("The votes have been counted already."))
    opening = await find_opening(session, round_id)
    if opening is None or opening.opened_at is None:
        raise Refusal(_("The ballot box has not been opened yet. Open it, then count."))
    rules, numbers = get_rules(round_), {a.number: a.id for a in round_.allocations}
    on_roll = await count_voters(session, round_id)
    withdrawn = await list_withdrawn(session, round_id)
    for allocation in rules.allocations:
        papers = await box.list_opened(session, round_id, allocation=allocation.number)
        ballots = [choices for _code, _allocation, choices in papers]
        may_vote = eligible(allocation, on_roll, area_choice=rules.area_choice)
        if len(ballots) > may_vote:
            raise Refusal(
                _("%(name)s has more ballots than voters on the roll. Mend the roll, then count.")
                % {"name": allocation.name}
            )
        counted = await asyncio.to_thread(count_allocation, allocation, ballots, withdrawn)
        session.add(
            Count(
                allocation_id=numbers[allocation.number],
                eligible=may_vote,
                voters=len(ballots),
                blank=sum(not choices for choices in ballots),
                counted_at=now,
                **as_data(counted),
            )
        )
    record(session, me, Act.COUNT_BALLOTS, round_, Deed.VOTES_COUNTED, str(opening.final), now=now)


async def publish_results(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Show the counts to everybody, once and for all, and have the reports made in every language."""
    round_ = await get_voted_round(session, me, Act.PUBLISH_RESULTS, round_id, now)
    if round_.published_at is not None:
        raise Refusal(_("The result has been published already."))
    if not await list_counts(session, round_id):
        raise Refusal(_("Count the votes first."))
    round_.published_at = now
    record(session, me, Act.PUBLISH_RESULTS, round_, Deed.RESULT_PUBLISHED, now=now)
    await tell_each(session, NoticeKind.RESULT_PUBLISHED, told_projects(round_id), now, but=me.id)
    path = f"/rounds/{round_id}/results"
    await tell(session, NoticeKind.RESULT_PUBLISHED, [round_id], round_.title, path, now, but=me.id)
    await ask_reports(session, round_id)


async def make_reports_again(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Have the reports of a published result made anew, in place of those that failed or look wrong."""
    round_ = await get_round(session, round_id)
    require(me, Act.PUBLISH_RESULTS, round_.scope, now=now)
    if round_.published_at is None:
        raise Refusal(_("Publish the result first. The reports are made then."))
    record(session, me, Act.PUBLISH_RESULTS, round_, Deed.REPORTS_REMADE, now=now)
    await ask_reports(session, round_id)


async def ask_reports(session: AsyncSession, round_id: UUID) -> None:
    for language in LANGUAGES:
        await jobs.enqueue(session, make_report, round_id=str(round_id), language=language)


@jobs.job
async def make_report(context: jobs.Context, round_id: str, language: str) -> None:
    """Make the round's report in one language, in place of an older one."""
    async with context.sessions() as session:
        round_ = await get_round(session, UUID(round_id))
        with in_language(language):
            html, title = await report_html(session, round_)
    made = await asyncio.to_thread(pdf.render_pdf, html, language, title)
    values = {"pdf": made, "pages": pdf.count_pages(made), "made_at": clock.now()}
    store = insert(Report).values(round_id=round_.id, language=language, **values)
    async with context.sessions() as session, session.begin():
        await session.execute(store.on_conflict_do_update(index_elements=["round_id", "language"], set_=values))


async def report_html(session: AsyncSession, round_: Round) -> tuple[str, str]:
    """The report as HTML in the current language, and its title."""
    results = await list_results(session, round_)
    title = _("The result of %(round)s") % {"round": round_.title}
    context = {"round": round_, "rules": get_rules(round_), "results": results, "title": title}
    context |= {"opening": await find_opening(session, round_.id), "key": await find_key(session, round_.id)}
    context["void"] = await count_void(session, round_.id)
    return make_environment().get_template("print/report.html").render(context), title
