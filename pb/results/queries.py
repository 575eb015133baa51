"""Reads of counts, ready to show, and of reports: a constant number of queries, whatever the round holds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, undefer

from ballots import box
from ballots.types import BallotType
from pb.errors import NotFound
from pb.estimates.queries import list_withdrawn
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, acting_role
from pb.results.models import Count, Report
from pb.results.rules import Compared, Counted, out_of, paid, paid_from_share, read_counted, state
from pb.rounds.models import Allocation, Round
from pb.rounds.queries import get_rules
from pb.rounds.rules import FEWEST_SHOWN, AllocationRules, ProjectRules, Rules, WhyWithheld, why_withheld
from pb.told.rankings import second_count_sentence
from pb.told.reasons import unmeasured, why, withdrawn_why
from pb.told.terms import Told, in_play, many, show_votes
from pb.told.ties import preferring, tie_sentence, unproven
from tally import Outcome


@dataclass(frozen=True)
class Fate:
    """What came of one project and why. `reason` is the city's own words on a withdrawn one."""

    project: ProjectRules
    state: str  # "funded", "part", "lost" or "withdrawn"
    place: int  # 1 for the first in the count; 0 for a withdrawn project, which has none
    votes: int  # in the outcome's unit; points, where ballots or ranks give points
    out_of: int  # the most it could have had: all ballots, those in play when it left a ranked count, or all points
    why: str
    paid_cents: int = 0  # what it gets
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """One allocation's count, ready to show in the language it was read in."""

    allocation: AllocationRules
    currency: str
    outcome: Outcome
    eligible: int | None  # None where voters chose this area: everybody on the roll could have
    voters: int
    blank: int
    fates: tuple[Fate, ...]  # in the order of the count, withdrawn projects last
    ties: tuple[str, ...]  # a sentence for each, those that decided something first
    second_count: str  # a sentence; empty where the rule has no second count
    unproven: str  # a sentence; empty where no other set of projects can be better, or the rule seeks none
    unmeasured: str  # a sentence; empty where it is known of every project what would have been enough
    preferring: str  # a sentence; empty where the rule does not compare two outcomes
    comparison: tuple[Compared, ...]  # what other rules make of the same votes, the allocation's own rule among them
    withheld: str  # a sentence; empty where the ballots are published

    @property
    def winners(self) -> list[Fate]:
        """The funded projects, in funding order."""
        return [fate for fate in self.fates if fate.state == "funded"]

    @property
    def paid(self) -> list[Fate]:
        """The projects that get money, the one funded in part after the others."""
        return self.winners + [fate for fate in self.fates if fate.state == "part"]

    @property
    def others(self) -> list[Fate]:
        """The projects that get nothing, in the order of the count, then the withdrawn ones."""
        return [fate for fate in self.fates if fate.state in ("lost", "withdrawn")]

    def show(self, votes: int) -> str:
        """Votes as people read them."""
        return show_votes(votes, self.outcome.unit)

    def many(self, votes: int) -> int:
        """A number that takes the same plural."""
        return many(votes, self.outcome.unit)

    @property
    def in_points(self) -> bool:
        """Whether a project's votes are points, which ballots give or ranks."""
        return self.allocation.ballot_type is BallotType.POINTS or self.outcome.rule == "rank-points"

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
        """For each round, how many votes stood with a project that was in."""
        return [in_play(round_) for round_ in self.outcome.rounds]

    @property
    def out_of_play(self) -> list[int]:
        """For each round, how many votes named projects of which none was still in."""
        named = (self.voters - self.blank) * self.outcome.unit
        return [named - votes for votes in self.in_play]


@dataclass(frozen=True)
class CountedPaper:
    """One paper under a ballot code, with what came of each choice; no choices where the ballots are withheld."""

    result: Result
    choices: tuple[Fate, ...]
    points: Mapping[int, int]  # of each choice, by ballot number; 1 where the ballot gives none
    paid: Mapping[int, int]  # cents for each winner, by ballot number; empty where the rule does not tell


def read_result(
    allocation: AllocationRules,
    currency: str,
    counted: Counted,
    turnout: tuple[int | None, int, int],
    withdrawn: Mapping[int, str],
    withheld: WhyWithheld | None = None,
) -> Result:
    """The count with its sentences in the current language.

    `turnout` is eligible (None: not known), voters and blank ballots; `withdrawn` maps ballot numbers to the city's
    reasons.
    """
    eligible, voters, blank = turnout
    outcome = counted.outcome
    projects = {str(p.number): p for p in allocation.projects}
    titles = {id_: project.title for id_, project in projects.items()}
    points = allocation.ballot_type is BallotType.POINTS
    told = Told(outcome, titles, currency, allocation.min_votes, allocation.part_funding, counted.margins, points)
    each = allocation.max_choices or 0 if outcome.rule == "rank-points" else allocation.paper.most_each
    most = voters * each
    fates = [
        Fate(projects[s.project], state(s), place, s.votes, out_of(outcome, s, most), why(told, s), paid(outcome, s))
        for place, s in enumerate(outcome.steps, start=1)
    ]
    fates += [
        Fate(project, "withdrawn", 0, 0, most, withdrawn_why(), reason=withdrawn[project.number])
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
        ties=tuple(tie_sentence(told, tie) for tie in decided_first),
        second_count=second_count_sentence(outcome),
        unproven=unproven(told),
        unmeasured=unmeasured(told) if counted.comparison else "",  # an earlier version stored neither
        preferring=preferring(told),
        comparison=counted.comparison,
        withheld=withheld_sentence(withheld),
    )


def knows_turnout(rules: Rules, count: Count) -> bool:
    """Whether it is known who could vote here: not for an area, where voters choose theirs."""
    return count.allocation.area_id is None or not rules.area_choice


def withheld_sentence(why: WhyWithheld | None) -> str:
    few = _("Lists of fewer than %(n)s ballots are not published, because they could reveal what everybody chose.")
    cover = _("These ballots are not published, so that no group of fewer than %(n)s voters shows in the city's lists.")
    return {None: "", WhyWithheld.FEW: few, WhyWithheld.COVER: cover}[why] % {"n": FEWEST_SHOWN}


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
    withheld = why_withheld(rules, {count.allocation.number: count.voters for count in counts})
    return [
        read_result(
            frozen[count.allocation.number],
            rules.currency,
            read_counted(count.outcome, count.margins, count.comparison),
            (count.eligible if knows_turnout(rules, count) else None, count.voters, count.blank),
            withdrawn,
            withheld.get(count.allocation.number),
        )
        for count in counts
    ]


async def find_ballot(session: AsyncSession, round_: Round, code: str) -> list[CountedPaper]:
    """The papers that were counted under a ballot code, by allocation; of two equal codes both.

    Withheld allocations stand empty under every code: else the published codes would tell who is whose voter.
    """
    papers = await box.list_opened(session, round_.id, code=code)
    results = await list_results(session, round_)
    shown = {result.allocation.number: result for result in results if not result.withheld}
    found = [counted_paper(shown[number], choices) for _code, number, choices in papers if number in shown]
    withheld = [CountedPaper(result, (), {}, {}) for result in results if result.withheld]
    return found + withheld if papers else []


def counted_paper(result: Result, choices: tuple[int, ...]) -> CountedPaper:
    fates, points = {fate.project.number: fate for fate in result.fates}, Counter(choices)
    return CountedPaper(result, tuple(fates[n] for n in points), points, paid_from_share(result.outcome, choices))


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
