"""Sequential Phragmén with costs: everybody earns money at the same pace, and buys as soon as there is enough."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np

from tally.election import Election, ProjectId
from tally.greedy import best_first, votes_of
from tally.outcome import MICRO, Outcome, Step, Tie, Why
from tally.profile import Profile
from tally.support import EPS, Cheapest, Pair, Support, barred, rivals
from tally.ties import decides


def phragmen(election: Election, profile: Profile) -> Outcome:
    """Fund next what its supporters can pay for first, when all voters earn at the same pace; then they have nothing.

    The count ends when the next project does not fit the budget any more. Points count as plain support. A project
    under the election's minimum of votes, or dearer than the budget, is not on offer; of a group the first that is
    bought excludes the others. Of projects that can be paid for at the same moment the published order puts one
    first, as a named tie, but the count ends when any of them does not fit. With part funding the first that does
    not fit gets what is left. A step's `price` is what each voter had earned by then, in millionths of a cent.
    Raises ValueError on a vote for an unknown project. Sources: Phragmén 1894; Brill, Freeman, Janson & Lackner 2017;
    with costs: Los, Christoff & Grossi, "Proportional Budget Allocations: Towards a Systematization", IJCAI 2022.
    """

    def winners(other: Election) -> object:
        return _Earnings(other, profile).run().won

    earnings = _Earnings(election, profile).run()
    outcome, won = earnings.told(profile), earnings.won
    ties = (replace(tie, decided=decides(election, tie.projects, won, winners)) for tie in outcome.ties)
    return replace(outcome, ties=tuple(ties))


class _Earnings:
    """Everybody's earnings since their last purchase, kept as the number of that purchase: so sums are exact."""

    def __init__(self, election: Election, profile: Profile) -> None:
        self._election, self._backers = election, Support.build(election, profile).backers
        self._fates = barred(election, profile)
        self._last = np.zeros(len(profile.counts), dtype=np.int64)  # each ballot's last purchase, 0 for none
        self._moments = [Fraction(0)]  # what everybody had earned in all by each purchase
        self._near = np.zeros(1)  # the same as floats
        self.bought: list[ProjectId] = []
        self._ties: list[Tie] = []
        self._conflicts: dict[int, ProjectId] = {}
        self._stopped_at: int | None = None

    def run(self) -> _Earnings:
        """Buy one project after the other until the next does not fit."""
        projects, left = self._election.projects, self._election.budget
        playing = {p: b.people for p, b in enumerate(self._backers) if b.people and p not in self._fates}
        cheapest = Cheapest({p: projects[p].cost / people * (1 - 4 * EPS) for p, people in playing.items()})
        while equals := cheapest.take(self._estimate, self._moment):
            dear = [p for p in equals if projects[p].cost > left]
            if len(equals) > 1 and (not dear or (self._election.part_funding and left)):
                self._ties.append(Tie(tuple(projects[p].id for p in equals), len(self._moments), decided=False))
            if dear:
                self._stopped_at = dear[0]
                break
            self._buy(equals[0])
            left -= projects[equals[0]].cost
            self._conflicts |= (out := rivals(self._election, equals[0]))
            cheapest.out.update(out)
        return self

    @property
    def won(self) -> tuple[frozenset[ProjectId], ProjectId | None]:
        """Who is funded, and who gets what is left."""
        part = None if self._part is None else self._election.ids[self._part]
        return frozenset(self.bought), part

    @property
    def _part(self) -> int | None:
        left = self._election.budget - sum(p.cost for p in self._election.projects if p.id in self.bought)
        return self._stopped_at if self._election.part_funding and left else None

    def told(self, profile: Profile) -> Outcome:
        """The purchases as an outcome; the ties not yet examined."""
        election, votes, left = self._election, votes_of(self._election, profile), self._election.budget
        place = {id_: number for number, id_ in enumerate(election.ids)}
        steps = []
        for number, id_ in enumerate(self.bought, start=1):
            cost = election.projects[place[id_]].cost
            price = floor(self._moments[number] * MICRO)
            steps.append(Step(id_, votes[id_], cost, left, True, price=price))
            left -= cost
        part = self._part
        rest = [project for project in best_first(election, votes) if project.id not in self.bought]
        rest.sort(key=lambda project: place[project.id] != self._stopped_at)
        for project in rest:
            why, other = self._fate(place[project.id], part)
            ours = 0 if part is not None and place[project.id] != part else left
            steps.append(Step(project.id, votes[project.id], project.cost, ours, False, why, other))
        return Outcome(
            rule="phragmen",
            winners=tuple(self.bought),
            spent=sum(step.cost for step in steps if step.funded) + (0 if part is None else left),
            ties=tuple(self._ties),
            steps=tuple(steps),
            part=None if part is None else (election.ids[part], left),
        )

    def _fate(self, project: int, part: int | None) -> tuple[Why, ProjectId | None]:
        if project == self._stopped_at:
            return (Why.TOO_DEAR if part is None else Why.PART), None
        if project in self._conflicts:
            return Why.CONFLICT, self._conflicts[project]
        if project in self._fates:
            return self._fates[project], None
        if self._stopped_at is None:
            return Why.NO_SUPPORT, None
        return Why.STOPPED, self._election.ids[self._stopped_at]

    def _estimate(self, project: int) -> Pair | None:
        """When the project's supporters have earned its cost, between two floats: each term is rounded twice."""
        backers = self._backers[project]
        spent = float(np.add.reduce(backers.counts * self._near[self._last[backers.ballots]]))
        moment = (spent + self._election.projects[project].cost) / backers.people
        doubt = 4 * (len(backers.ballots) + 8) * EPS
        return moment * (1 - doubt), moment * (1 + doubt)

    def _moment(self, project: int) -> Fraction:
        """The same exactly: they have spent what they had earned by their last purchases."""
        backers = self._backers[project]
        last = self._last[backers.ballots]
        times = np.bincount(last, backers.counts, len(self._moments)).astype(np.int64).tolist()
        spent = sum((m * count for m, count in zip(self._moments, times, strict=True) if count), Fraction(0))
        return (spent + self._election.projects[project].cost) / backers.people

    def _buy(self, project: int) -> None:
        moment = self._moment(project)
        self._last[self._backers[project].ballots] = len(self._moments)
        self._moments.append(moment)
        self._near = np.append(self._near, float(moment))
        self.bought.append(self._election.projects[project].id)
