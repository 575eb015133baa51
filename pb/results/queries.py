"""Reads of counts and reports: a constant number of queries, whatever the round holds."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, undefer

from pb.errors import NotFound
from pb.estimates.models import Project
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, acting_role
from pb.results.models import Count, Report
from pb.results.rules import Result, read_outcome, read_result
from pb.rounds.models import Allocation, Round
from pb.rounds.queries import get_rules


def sees_count(me: Person | None, round_: Round) -> bool:
    """Before it is published, a count is seen by who counts it and by the auditor; other staff wait."""
    early = any(acting_role(me, act, round_.scope) for act in (Act.COUNT_BALLOTS, Act.SEE_AUDIT))
    return early or round_.published_at is not None


async def list_counts(session: AsyncSession, round_id: UUID) -> list[Count]:
    """The round's counts with their allocations, in the allocations' order."""
    query = select(Count).join(Count.allocation).where(Allocation.round_id == round_id)
    return list(await session.scalars(query.options(contains_eager(Count.allocation)).order_by(Allocation.number)))


async def list_withdrawn(session: AsyncSession, round_id: UUID) -> dict[int, str]:
    """Why each withdrawn project was withdrawn, by ballot number."""
    query = select(Project.number, Project.withdrawn_reason).where(
        Project.round_id == round_id, Project.withdrawn_reason.is_not(None)
    )
    return dict((await session.execute(query)).all())


async def list_results(session: AsyncSession, round_: Round) -> list[Result]:
    """Every allocation's count with its sentences, in the current language; empty before the count."""
    counts = await list_counts(session, round_.id)
    if not counts:
        return []
    rules, withdrawn = get_rules(round_), await list_withdrawn(session, round_.id)
    frozen = {allocation.number: allocation for allocation in rules.allocations}
    return [
        read_result(
            frozen[count.allocation.number],
            rules.currency,
            read_outcome(count.outcome),
            (count.eligible, count.voters, count.blank),
            withdrawn,
        )
        for count in counts
    ]


async def list_reports(session: AsyncSession, round_id: UUID) -> list[Report]:
    """The reports made so far, without their bytes."""
    return list(await session.scalars(select(Report).where(Report.round_id == round_id).order_by(Report.language)))


async def get_report(session: AsyncSession, round_id: UUID, language: str) -> Report:
    """The report with its PDF. Raises NotFound while it is being made."""
    query = select(Report).where(Report.round_id == round_id, Report.language == language)
    report = await session.scalar(query.options(undefer(Report.pdf)))
    if report is None:
        raise NotFound(_("The report is being made. Try again in a minute."))
    return report
