"""Reads of counts, ready to show, and of reports: a constant number of queries, whatever the round holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, undefer

from pb.errors import NotFound
from pb.estimates.queries import list_withdrawn
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, acting_role
from pb.results.models import Count, Report
from pb.results.rules import in_play, last_round, read_outcome, second_count_sentence, tie_sentence, why, withdrawn_why
from pb.rounds.models import Allocation, Round
from pb.rounds.queries import get_rules
from pb.rounds.rules import AllocationRules, ProjectRules
from tally import Outcome, Step


@dataclass(frozen=True)
class Fate:
    """What came of one project and why. `reason` is the city's own words on a withdrawn one."""

    project: ProjectRules
    state: str  # "funded", "lost" or "withdrawn"
    place: int  # 1 for the first in the count; 0 for a withdrawn project, which has none
    votes: int
    out_of: int  # ballots that could have been for it: all, or those still in play when it left a ranked count
    why: str
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """One allocation's count, ready to show in the language it was read in."""

    allocation: AllocationRules
    currency: str
    outcome: Outcome
    eligible: int
    voters: int
    blank: int
    fates: tuple[Fate, ...]  # in the order of the count, withdrawn projects last
    ties: tuple[str, ...]  # a sentence for each, those that decided something first
    second_count: str  # a sentence; empty where the rule has no second count

    @property
    def winners(self) -> list[Fate]:
        """The funded projects, in funding order."""
        return [fate for fate in self.fates if fate.state == "funded"]

    @property
    def others(self) -> list[Fate]:
        """The projects that lost, in the order of the count, then the withdrawn ones."""
        return [fate for fate in self.fates if fate.state != "funded"]

    @property
    def left_cents(self) -> int:
        return self.allocation.amount_cents - self.outcome.spent

    @property
    def rounds(self) -> list[list[int | None]]:
        """A row for each counted project: its votes in each round, None once it had dropped out."""
        columns = [dict(round_.votes) for round_ in self.outcome.rounds]
        counted = [str(fate.project.number) for fate in self.fates if fate.place]
        return [[column.get(project) for column in columns] for project in counted]

    @property
    def in_play(self) -> list[int]:
        """For each round, how many ballots still named a project that was in."""
        return [in_play(round_) for round_ in self.outcome.rounds]

    @property
    def out_of_play(self) -> list[int]:
        """For each round, how many ballots had named projects, none of them still in."""
        return [self.voters - self.blank - votes for votes in self.in_play]


def read_result(
    allocation: AllocationRules,
    currency: str,
    outcome: Outcome,
    turnout: tuple[int, int, int],
    withdrawn: Mapping[int, str],
) -> Result:
    """The count with its sentences in the current language.

    `turnout` is eligible, voters and blank ballots; `withdrawn` maps ballot numbers to the city's reasons.
    """
    eligible, voters, blank = turnout
    projects = {str(p.number): p for p in allocation.projects}
    titles = {id_: project.title for id_, project in projects.items()}
    fates = [
        Fate(
            projects[s.project],
            state(s),
            place,
            s.votes,
            out_of(outcome, s, voters),
            why(outcome, s, titles, currency),
        )
        for place, s in enumerate(outcome.steps, start=1)
    ]
    fates += [
        Fate(project, "withdrawn", 0, 0, voters, withdrawn_why(), withdrawn[project.number])
        for project in allocation.projects
        if project.number in withdrawn
    ]
    decided_first = sorted(outcome.ties, key=lambda tie: not tie.decided)
    return Result(
        allocation,
        currency,
        outcome,
        eligible,
        voters,
        blank,
        fates=tuple(fates),
        ties=tuple(tie_sentence(outcome, tie, titles) for tie in decided_first),
        second_count=second_count_sentence(outcome),
    )


def state(step: Step) -> str:
    return "funded" if step.funded else "lost"


def out_of(outcome: Outcome, step: Step, voters: int) -> int:
    """How many ballots the project's votes are out of: in a ranked count those in play in its last round."""
    return in_play(outcome.rounds[last_round(outcome, step) - 1]) if outcome.rounds else voters


def sees_count(me: Person | None, round_: Round) -> bool:
    """Before it is published, a count is seen by who counts it and by the auditor; other staff wait."""
    early = any(acting_role(me, act, round_.scope) for act in (Act.COUNT_BALLOTS, Act.SEE_AUDIT))
    return early or round_.published_at is not None


async def list_counts(session: AsyncSession, round_id: UUID) -> list[Count]:
    """The round's counts with their allocations, in the allocations' order."""
    query = select(Count).join(Count.allocation).where(Allocation.round_id == round_id)
    return list(await session.scalars(query.options(contains_eager(Count.allocation)).order_by(Allocation.number)))


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
