"""What a count decided and why, step by step, as data: the trace that people and programs can check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum

from tally.election import ProjectId

MICRO = 10**6  # prices and shares are shown in millionths of a cent, rounded down; they decide nothing


class Why(StrEnum):
    """What settled a project's fate."""

    FUNDED = "funded"
    COMPLETED = "completed"  # funded after the rule itself had ended, most votes first
    PART = "part funded"
    TOO_DEAR = "too dear"  # for the money left
    OVER_BUDGET = "over budget"  # dearer than all the money, where what is on offer is settled in the beginning
    FEW_VOTES = "too few votes"  # under the election's minimum
    CONFLICT = "conflict"  # with `other`, which had won
    STOPPED = "stopped"  # the count had ended at `other`, which did not fit
    NO_SUPPORT = "supporters could not pay"
    NOT_BEST = "not in the best set"
    OUT = "out"  # dropped in a ranked count, or still in when it ended


@dataclass(frozen=True, slots=True)
class Tie:
    """Projects that the rule could not tell apart, in the published order that settled them.

    `place` is the first place they share (greedy), the purchase (Equal Shares, Phragmén, expanding approvals) or
    the round (instant-runoff, STV) in which it mattered. `decided` is True exactly when another order of these
    projects, the others in their published places, gives other winners in a count from the start. For a group too
    large to try every order it is True only where shown (docs/counting.md says for each rule).
    """

    projects: tuple[ProjectId, ...]
    place: int
    decided: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One project at its turn: its votes, its cost, and the cents left just before it.

    `other` is the project that `why` speaks of. `support` is what its supporters had left, in cents, where the
    rule gives voters money and the project lost. `price` is the most that a voter paid for one vote for it, in
    millionths of a cent (with Phragmén what each voter had earned in all by then). In STV `votes` are in the
    outcome's `unit`.
    """

    project: ProjectId
    votes: int
    cost: int
    left: int
    funded: bool
    why: Why = Why.FUNDED
    other: ProjectId | None = None
    support: int | None = None
    price: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a ranked count, with the votes of those still in, in the published order.

    `exhausted` is what names none still in (with STV also what rounding lost). `elected` are those newly elected,
    `eliminated` the one dropped, `surplus_of` the elected one whose surplus moved on after this round.
    """

    votes: tuple[tuple[ProjectId, int], ...]
    exhausted: int
    eliminated: ProjectId | None
    elected: tuple[ProjectId, ...] = ()
    surplus_of: ProjectId | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule decided and how: winners in funding order, cents spent, ties, a step for each project.

    `part` is the project that got what was left, with the cents. `unit`: votes in `rounds` are counted in 1/unit;
    `quota` in the same. `share`: what each voter had to spend, in millionths of a cent; 0 where the rule gives none.
    `value` and `bound`: of the optimal knapsack, what the winners are worth and what no set can exceed; equal when
    the winners are proven best. `preferring`: voters with more own winners under Equal Shares, and under greedy,
    where the two were compared. `second_count` is what a second program found.
    """

    rule: str
    winners: tuple[ProjectId, ...]
    spent: int
    ties: tuple[Tie, ...]
    steps: tuple[Step, ...]
    rounds: tuple[Round, ...] = ()
    second_count: str = ""
    part: tuple[ProjectId, int] | None = None
    unit: int = 1
    quota: int = 0
    share: int = 0
    value: int = 0
    bound: int = 0
    preferring: tuple[int, int] | None = None

    @property
    def proven(self) -> bool:
        """Whether no other set of projects is worth more, where the rule looks for the best set."""
        return self.value == self.bound


def paid_by(outcome: Outcome, ballot: Mapping[ProjectId, int]) -> dict[ProjectId, int]:
    """What one voter's ballot (project → weight, 1 for a plain vote) paid for each winner, in millionths of a cent.

    Under Equal Shares each vote pays the project's price until the voter's money ends; under Phragmén all that the
    voter has earned since the last purchase; under another rule for sets a winner's cost is split equally among its
    votes. Ranked counts do not tell who paid.
    """
    paid: dict[ProjectId, int] = {}
    spent = 0
    for step in outcome.steps:
        weight = ballot.get(step.project, 0)
        if not step.funded or not weight:
            continue
        if outcome.rule == "phragmen":
            paid[step.project], spent = step.price - spent, step.price
        elif outcome.share and step.why is not Why.COMPLETED:
            paid[step.project] = min(step.price * weight, outcome.share - spent)
            spent += paid[step.project]
        else:
            paid[step.project] = step.price * weight
    return paid


def outcome_as_data(outcome: Outcome) -> dict[str, object]:
    """The outcome as plain dicts, lists, strings and whole numbers, the same after a trip through JSON."""
    return {field.name: _plain(getattr(outcome, field.name)) for field in fields(outcome)}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
