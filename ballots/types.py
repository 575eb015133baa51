"""What a ballot paper allows, and everything that can be wrong with a ballot or with the moment it is cast.

Errors carry data and no sentence for people: the web makes those, in the reader's language. Their text never
names a choice, so that no log can.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BallotType(StrEnum):
    """How a voter marks one allocation's paper."""

    APPROVAL = "approval"
    KNAPSACK = "knapsack"
    RANKED = "ranked"
    POINTS = "points"


@dataclass(frozen=True)
class Paper:
    """What one allocation's ballot paper allows.

    `costs` maps each project's number on the ballot (1…n) to its cost in cents; `amount` is the allocation's
    money in cents. Only a knapsack paper may leave `max_choices` open: there the money is the limit. On a points
    paper it limits the points, of which one project may get `max_points`, or (None) all.
    """

    type: BallotType
    costs: Mapping[int, int]
    amount: int
    max_choices: int | None
    max_points: int | None = None

    def __post_init__(self) -> None:
        if self.max_choices is None and self.type is not BallotType.KNAPSACK:
            raise ValueError(f"a paper of type {self.type} needs max_choices")

    @property
    def most_each(self) -> int:
        """How often a project may stand among the choices: once, or on a points paper once for each point."""
        return (self.max_points or self.max_choices or 0) if self.type is BallotType.POINTS else 1


class Problem(StrEnum):
    """What is wrong with a ballot."""

    OTHER_PAPERS = "other_papers"
    UNKNOWN_PROJECT = "unknown_project"
    REPEATED_PROJECT = "repeated_project"
    TOO_MANY = "too_many"
    OVER_MONEY = "over_money"


@dataclass(eq=False, repr=False)
class InvalidBallot(Exception):
    """The paper does not allow these choices. `number` is the project at fault.

    `over` says by how much the limit is passed: cents for OVER_MONEY, else choices.
    """

    problem: Problem
    allocation: int | None = None
    number: int | None = None
    over: int | None = None


class Unreadable(Exception):
    """An envelope that this key does not open, or with no ballot of the round."""


class NotLogged(Exception):
    """An envelope in the box whose name the log does not have; the text is that name in hex."""


@dataclass(eq=False, repr=False)
class BadShare(Exception):
    """Shares that give no key: "misread", "twice", "of another key" or "too few"; `place` counts from 1."""

    why: str
    place: int


@dataclass(eq=False, repr=False)
class BoxRefusal(Exception):
    """The box cannot do this, or not now. `at` is the instant that decides, where one does."""

    at: datetime | None = None


class NoBox(BoxRefusal):
    """The round's ballot has not been confirmed: it has no box."""


class NotOpenYet(BoxRefusal):
    """Cast before voting opens, `at`."""


class VotingClosed(BoxRefusal):
    """Cast or extended after voting closed, `at`."""


class StillOpen(BoxRefusal):
    """Closed before its time, `at`, or opened before it was closed."""


class ChangedElsewhere(BoxRefusal):
    """The voter has cast another envelope since this ticket was made; the newer one stands."""


class AlreadyOnPaper(BoxRefusal):
    """The person has voted on paper: the envelope is void and locked."""


class AlreadyOpened(BoxRefusal):
    """The ballots of this round have been opened and stored before."""
