"""Who supports what, laid out for rules that give voters money; and the search for what they pay for next.

Floats only search here. Each estimate comes as a pair that surely holds the exact value between its ends; where two
pairs meet, exact fractions decide. So no winner depends on rounding.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf

import numpy as np
import numpy.typing as npt

from tally.election import Election, ProjectId
from tally.outcome import Why
from tally.profile import Ints, Profile, starts_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Backers:
    """A project's supporters: distinct `ballots`, `counts` voters each, with `weights` (points, or 1 for all).

    `voices` are both multiplied; `places` is where each ballot names the project in the profile's `choices`. Whole
    numbers, but `counts` and `voices` as floats, for speed. In all `people` voters with `votes`.
    """

    ballots: Ints
    counts: Floats
    weights: Ints | int
    voices: Floats
    places: Ints
    people: int
    votes: int


@dataclass(frozen=True, slots=True)
class Support:
    """The profile, and the backers of each project of the election. A vote of no points supports nothing."""

    profile: Profile
    backers: list[Backers]

    @classmethod
    def build(cls, election: Election, profile: Profile) -> Support:
        """Lay out the votes. Raises ValueError on a vote for an unknown project."""
        profile = profile.for_election(election)
        small = profile.choices.astype(np.uint16 if len(profile.ids) < 1 << 16 else np.int64)
        places = np.argsort(small, kind="stable")
        if profile.points is not None:
            places = places[profile.points[places] > 0]
        sizes = np.bincount(profile.choices[places], minlength=len(profile.ids))
        ballots = profile.owners[places]
        counts = profile.counts[ballots].astype(np.float64)
        weights = None if profile.points is None else profile.points[places]
        voices = counts if weights is None else counts * weights
        of = (slice(start, end) for start, end in pairwise(starts_of(sizes).tolist()))
        return cls(
            profile,
            [
                Backers(
                    ballots[here],
                    counts[here],
                    1 if weights is None else weights[here],
                    voices[here],
                    places[here],
                    int(counts[here].sum()),
                    int(voices[here].sum()),
                )
                for here in of
            ],
        )


Pair = tuple[float, float]  # the exact value is surely between the two


class Cheapest:
    """The projects in play, each with a price that can only rise: finds the lowest without pricing them all."""

    def __init__(self, lowest: dict[int, float]) -> None:
        self._heap = [(price, project) for project, price in lowest.items()]
        heapq.heapify(self._heap)
        self.out: set[int] = set()
        self.ceiling, self.floor = 0.0, inf  # what was taken last costs at most, and what was not equal to it at least

    def take(self, estimate: Callable[[int], Pair | None], exact: Callable[[int], Fraction]) -> list[int]:
        """The projects with the lowest price now, in the published order; the first of them is taken out.

        `estimate` gives the price between two floats, or None when it can never be paid again; `exact` the price.
        """
        tried: list[tuple[float, int]] = []
        ceiling = inf
        while self._heap and self._heap[0][0] <= ceiling:
            _, project = heapq.heappop(self._heap)
            pair = None if project in self.out else estimate(project)
            if pair is not None:
                tried.append((pair[0], project))
                ceiling = min(ceiling, pair[1])
        close = sorted(project for low, project in tried if low <= ceiling)
        if len(close) > 1:
            prices = {project: exact(project) for project in close}
            lowest = min(prices.values())
            close = [project for project in close if prices[project] == lowest]
        lows = {project: low for low, project in tried}
        for project in lows.keys() - set(close):
            heapq.heappush(self._heap, (lows[project], project))
        self.ceiling, self.floor = ceiling, self._heap[0][0] if self._heap else inf
        for project in close[1:]:
            heapq.heappush(self._heap, (lows[project], project))
        return close


def barred(election: Election, profile: Profile) -> dict[int, Why]:
    """The projects, by place in the election, that no money of voters can fund: too few votes, or over the budget."""
    votes = profile.for_election(election).votes.tolist()
    fates = {p: Why.FEW_VOTES for p, found in enumerate(votes) if found < election.min_votes}
    dear = {p: Why.OVER_BUDGET for p, project in enumerate(election.projects) if project.cost > election.budget}
    return dear | fates


def rivals(election: Election, winner: int) -> dict[int, ProjectId]:
    """The projects, by place, that cannot win any more because `winner` of their group has."""
    project = election.projects[winner]
    others = enumerate(election.projects) if project.group else ()
    return {p: project.id for p, other in others if other.group == project.group and p != winner}
