"""What the sentences about an outcome share: titles, money, votes, and what happened when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from babel.lists import format_list
from babel.numbers import format_decimal

from pb.language import current_language, show_money, show_number
from pb.language import gettext as _
from tally import Margin, Outcome, Round, Step, Tie

Titles = Mapping[str, str]  # tally's project id, which is the ballot number as text → the project's title


@dataclass(frozen=True)
class Told:
    """An outcome with what its sentences need."""

    outcome: Outcome
    titles: Titles
    currency: str
    min_votes: int = 0
    part_funding: bool = False
    margins: Mapping[str, Margin] = field(default_factory=dict)
    points: bool = False  # the ballots give points, so that votes are points

    @property
    def rule(self) -> str:
        """The rule whose steps these are: greedy, where the comparison with Equal Shares chose its outcome."""
        shares, greedy = self.outcome.preferring or (0, 0)
        return "greedy" if greedy > shares else self.outcome.rule

    @property
    def counts_votes(self) -> bool:
        """Whether most votes go first, so that equal votes are what a tie is."""
        return self.rule in ("greedy", "threshold") and self.outcome.part is None

    def money(self, cents: int) -> str:
        return show_money(cents, self.currency)

    def votes(self, votes: int) -> str:
        return show_votes(votes, self.outcome.unit)

    def many(self, votes: int) -> int:
        return many(votes, self.outcome.unit)

    def names(self, projects: Iterable[str]) -> str:
        """The titles as a list in words: "A, B and C"."""
        return format_list([self.titles[project] for project in projects], locale=current_language())


def rule_names(*, points: bool = False) -> dict[str, str]:
    """The rules to count by, each in a few words; the last four count ranked ballots. `points`: where ballots give."""
    return {
        "greedy": _("Most votes first, skip what does not fit"),
        "threshold": _("Most votes first, with a minimum of votes"),
        "no-skip": _("Most votes first, end at what does not fit"),
        "per-euro": _("Most votes for each euro first"),
        "knapsack": _("The set with most votes"),
        "equal-shares": _("Method of Equal Shares"),
        "equal-shares/add1": _("Method of Equal Shares, shares raised"),
        "equal-shares/add1-greedy": _("Method of Equal Shares, shares raised, the rest by most votes"),
        "equal-shares/add1-comparison": _("Method of Equal Shares, shares raised, compared with most votes first"),
        "phragmen": _("Phragmén's method"),
        "irv": _("Instant-runoff: one project is chosen"),
        "stv": _("Single transferable vote: several projects of the same cost"),
        "expanding-approvals": _("Expanding approvals: equal shares by rank"),
        "rank-points": _("Points by rank, most points first"),
        **(names_with_points() if points else {}),
    }


def names_with_points() -> dict[str, str]:
    """The rules whose name speaks of votes, where votes are points."""
    return {
        "greedy": _("Most points first, skip what does not fit"),
        "threshold": _("Most points first, with a minimum of points"),
        "no-skip": _("Most points first, end at what does not fit"),
        "per-euro": _("Most points for each euro first"),
        "knapsack": _("The set with most points"),
        "equal-shares/add1-greedy": _("Method of Equal Shares, shares raised, the rest by most points"),
        "equal-shares/add1-comparison": _("Method of Equal Shares, shares raised, compared with most points first"),
    }


def show_votes(votes: int, unit: int) -> str:
    """Votes counted in 1/unit; parts of a vote with five decimals."""
    if votes % unit == 0:
        return show_number(votes // unit)
    return str(format_decimal(Decimal(votes) / unit, "#,##0.00000", current_language()))


def many(votes: int, unit: int) -> int:
    """A number that takes the same plural as these votes; parts of a vote take that of several."""
    return 2 if votes % unit else votes // unit


def in_play(round_: Round) -> int:
    """How many votes stood with a project that was in."""
    return sum(votes for _project, votes in round_.votes)


def last_round(outcome: Outcome, step: Step) -> int:
    """The round in which the project was elected or dropped out, or the last one."""
    over = (n for n, r in enumerate(outcome.rounds, start=1) if step.project in (r.eliminated, *r.elected))
    return next(over, len(outcome.rounds))


def put_first(told: Told, step: Step) -> list[str]:
    """The equals whose place in the published order cost this project the money; else empty."""
    ties = [tie for tie in told.outcome.ties if tie.decided and step.project in tie.projects]
    if told.counts_votes:
        ties = [tie for tie in ties if have_equal_votes(told.outcome, tie)]
    tie = max(ties, key=lambda tie: len(tie.projects), default=None)
    if tie is None or step.funded or step.cost > left_before(told.outcome, tie):
        return []
    before = tie.projects[: tie.projects.index(step.project)]
    return [project for project in before if project in told.outcome.winners]


def have_equal_votes(outcome: Outcome, tie: Tie) -> bool:
    """Whether the tied have: not always where two outcomes were compared, as the ties of both are named."""
    return len({step.votes for step in outcome.steps if step.project in tie.projects}) == 1


def left_before(outcome: Outcome, tie: Tie) -> int:
    """The money left when the first of the equals had its turn."""
    return next(step.left for step in outcome.steps if step.project == tie.projects[0])
