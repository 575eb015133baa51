"""The nouns of a count: what is voted on, what was voted, what came of it; frozen, money in whole cents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass

ProjectId = str


@dataclass(frozen=True, slots=True)
class Project:
    """Something that can be funded; `cost` in cents."""

    id: ProjectId
    cost: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Election:
    """The projects of one ballot and the money for them, in cents.

    The order of `projects` is the published tie order: of equals, the one named first goes first.
    Raises ValueError when an id repeats, a cost is not above 0, or the budget is below 0.
    """

    projects: tuple[Project, ...]
    budget: int

    def __post_init__(self) -> None:
        """Refuse an election that no rule could count."""
        if len(set(self.ids)) != len(self.projects):
            raise ValueError("every project needs an id of its own")
        for project in self.projects:
            if project.cost <= 0:
                raise ValueError(f"project {project.id!r} must cost more than 0")
        if self.budget < 0:
            raise ValueError("the budget must not be below 0")

    @property
    def ids(self) -> tuple[ProjectId, ...]:
        """The project ids in the published order."""
        return tuple(project.id for project in self.projects)


@dataclass(frozen=True, slots=True)
class Profile:
    """The votes: each distinct ballot with how many cast it. The empty ballot is a blank one.

    A ranked ballot goes from most to least preferred; any other is sorted, so that equal ballots meet.
    Raises ValueError when a ballot names a project twice or was cast by fewer than one voter.
    """

    ballots: Mapping[tuple[ProjectId, ...], int]

    def __post_init__(self) -> None:
        """Refuse what no voter can have cast."""
        for ballot, voters in self.ballots.items():
            if len(set(ballot)) != len(ballot):
                raise ValueError(f"the ballot {ballot!r} names a project twice")
            if voters < 1:
                raise ValueError(f"the ballot {ballot!r} must have at least one voter")

    @classmethod
    def of(cls, ballots: Iterable[Iterable[ProjectId]], ranked: bool = False) -> Profile:
        """Gather single ballots, keeping the order of the choices only when `ranked`."""
        return cls(Counter(tuple(ballot) if ranked else tuple(sorted(ballot)) for ballot in ballots))

    @property
    def voters(self) -> int:
        """How many ballots were cast, blank ones included."""
        return sum(self.ballots.values())

    @property
    def blank(self) -> int:
        """How many ballots named no project."""
        return self.ballots.get((), 0)


@dataclass(frozen=True, slots=True)
class Tie:
    """Projects with equal votes, in the published order that settled them.

    `place` is the first place they share (greedy) or the round in which one had to go (instant-runoff).
    `decided` is True exactly when another order of these projects, the others in their published places, gives
    other winners in a count from the start. For a very large tie of a runoff it is True only where shown.
    """

    projects: tuple[ProjectId, ...]
    place: int
    decided: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One project at its turn: its votes, its cost, and the cents left just before it."""

    project: ProjectId
    votes: int
    cost: int
    left: int
    funded: bool


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a ranked count, with the votes of those still in, in the published order.

    `exhausted` ballots named projects, but none still in. Votes, exhausted and blank make up all voters.
    """

    votes: tuple[tuple[ProjectId, int], ...]
    exhausted: int
    eliminated: ProjectId | None
    elected: ProjectId | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule decided and how: winners in funding order, cents spent, ties, a step for each project."""

    rule: str
    winners: tuple[ProjectId, ...]
    spent: int
    ties: tuple[Tie, ...]
    steps: tuple[Step, ...]
    rounds: tuple[Round, ...] = ()
    second_count: str = ""


def check_profile(election: Election, profile: Profile) -> None:
    """Raise ValueError when a ballot names a project that is not in the election."""
    unknown = {project for ballot in profile.ballots for project in ballot}.difference(election.ids)
    if unknown:
        raise ValueError(f"votes for unknown projects: {', '.join(sorted(unknown))}")


def outcome_as_data(outcome: Outcome) -> dict[str, object]:
    """The outcome as plain dicts, lists, strings and whole numbers, the same after a trip through JSON."""
    return {field.name: _plain(getattr(outcome, field.name)) for field in fields(outcome)}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
