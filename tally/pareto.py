"""The multiple-choice knapsack, exactly: one option of each group within a budget, so that they are worth the most.

Lists of undominated states (Nemhauser & Ullmann 1969) grow from the groups that are hardest to settle (the core of
Pisinger 1995, "A minimal algorithm for the multiple-choice knapsack problem") and are cut by the linear relaxation.
The first of equally good sets follows from lists in the published order of the groups that are still open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from time import monotonic
from typing import NamedTuple

import numpy as np

from tally.relaxation import Array, Group, Option, Relaxation

MOST_STATES = 2**25  # in one search, half a gigabyte
STEP = 4  # a step needs as much memory for each state as keeping this many


class States(NamedTuple):
    """What some groups can cost together, rising, and what they are worth at that cost, rising too."""

    costs: Array
    values: Array

    def attain(self, room: Array | int, worth: Array | int) -> Array:
        """Whether `worth` is the most that they are worth within `room`."""
        index = np.searchsorted(self.costs, room, "right") - 1
        return np.asarray((index >= 0) & (self.values[index] == worth))

    def plus(self, group: Iterable[Option]) -> States:
        """These states with each option of one more group."""
        return States(
            np.concatenate([self.costs + option.cost for option in group]),
            np.concatenate([self.values + option.value for option in group]),
        )

    def where(self, keep: Array) -> States:
        """Only some of the states."""
        return States(self.costs[keep], self.values[keep])

    def undominated(self) -> States:
        """Only the states that are worth more than every cheaper one, and one of each cost."""
        order = np.argsort(self.costs, kind="stable")
        rising = States(self.costs[order], self.values[order])
        keep = np.ones(len(order), bool)
        most = np.maximum.accumulate(rising.values)
        keep[1:] = most[1:] > most[:-1]
        rising = rising.where(keep)
        keep = np.ones(len(rising.costs), bool)
        keep[:-1] = rising.costs[1:] > rising.costs[:-1]
        return rising.where(keep)


@dataclass(slots=True)
class Search:
    """A search through `groups`, in this order, and what it has found.

    No set is worth more than `reach[r]` in which group r does not choose `settled[r]`. `lists[r]` are the states of
    the first r groups that can be part of a set worth `best`, in which all groups after the last list are settled. No
    set is worth more than `bound`. `finished` is False when time or memory ran out first.
    """

    groups: list[Group]
    budget: int
    settled: Sequence[Option]
    reach: Sequence[int]
    best: int = -1
    lists: list[States] = field(default_factory=list)
    bound: int = 0
    finished: bool = False
    begin: tuple[int, int, int] = (0, 0, 0)  # rank, cost and value of the state from which `best` was reached
    relaxation: Relaxation = field(init=False)

    def run(self, deadline: float) -> Search:
        """Search until done or, on the monotonic clock, `deadline`; the bounds of the start are always found."""
        self.relaxation = Relaxation(self.groups)
        later = list(accumulate(reversed(self.reach), max, initial=-1))[::-1]
        states, kept = self._cut(0, States(self.relaxation.zero, self.relaxation.zero)), 0
        for rank, group in enumerate([*self.groups, ()]):
            self.lists.append(states)
            kept += len(states.costs)
            if later[rank] < self.best:
                self.finished, self.bound = True, self.best
                break
            if kept + len(states.costs) * len(group) * STEP > MOST_STATES or monotonic() >= deadline:
                break
            if self.reach[rank] < self.best:
                self.groups[rank] = (self.settled[rank],)
                states = states.plus(self.groups[rank])
            else:
                states = self._cut(rank + 1, states.plus(group).undominated())
        return self

    def _cut(self, rank: int, states: States) -> States:
        """Only the states that can still become as good as the best, which they may raise."""
        states = states.where(self.budget - states.costs >= self.relaxation.least[rank])
        low, high = self.relaxation.bounds(rank, self.budget - states.costs)
        low, high = states.values + low, states.values + high
        top = int(np.argmax(low))
        if low[top] > self.best:
            self.best, self.begin = int(low[top]), (rank, int(states.costs[top]), int(states.values[top]))
        self.bound = max(self.best, int(high.max()))
        return states.where(high >= self.best)

    def incumbent(self) -> list[Option]:
        """A set worth `best`, found while searching."""
        rank, cost, value = self.begin
        chosen = self.relaxation.reached(rank, self.budget - cost)
        for group, states in zip(self.groups[:rank][::-1], self.lists[:rank][::-1], strict=True):
            option = next(o for o in group if states.attain(cost - o.cost, value - o.value))
            chosen.append(option)
            cost, value = cost - option.cost, value - option.value
        return chosen

    def possible(self) -> list[Group]:
        """For each group the options that are in some set worth `best`; after a finished search."""
        last = len(self.lists) - 1
        tails = States(self.relaxation.zero, self.relaxation.zero)
        groups: list[Group] = []
        for rank, group in reversed(list(enumerate(self.groups))):
            if rank >= last or self.reach[rank] < self.best:
                groups.append((self.settled[rank],))
                tails = tails.plus(groups[-1])
                continue
            longer = [tails.plus([option]) for option in group]
            longer = [t.where(self.lists[rank].attain(self.budget - t.costs, self.best - t.values)) for t in longer]
            groups.append(tuple(option for option, t in zip(group, longer, strict=True) if len(t.costs)))
            tails = States(*map(np.concatenate, zip(*longer, strict=True))).undominated()
        return groups


def core_search(groups: Sequence[Group], budget: int, deadline: float) -> Search:
    """Search for the best set, from the groups that are hardest to settle.

    At the price of money at which the linear relaxation breaks off each group has a best option, and loses by each
    other one; it is settled when that loss is more than a better set could gain (Dembo & Hammer 1980). Each group
    has two options or more.
    """
    room, price, per = budget, 0, 1
    for gain in Relaxation(groups).gains:
        room -= gain.cost
        if room < 0:
            price, per = gain.value, gain.cost
            break
    top, found = price * budget, []
    for group in groups:
        worth = [per * option.value - price * option.cost for option in group]
        most, stay = max(zip(worth, group, strict=True))
        losses = sorted((most - one, abs(o.cost - stay.cost)) for one, o in zip(worth, group, strict=True) if o != stay)
        hardness = min(loss // max(cost, 1) for loss, cost in losses)
        found.append((hardness, losses[0][0], stay, group))
        top += most
    found.sort(key=lambda each: each[0])
    reach = [(top - loss) // per for _, loss, _, _ in found]
    return Search([group for *_, group in found], budget, [stay for _, _, stay, _ in found], reach).run(deadline)


def first_set(groups: Sequence[Group], budget: int, best: int, deadline: float) -> list[Option] | None:
    """Of the sets worth `best`, which is the most, the first: going by place, a project is in if it can be.

    `groups` have only options that are in such a set. None when time or memory ran out.
    """
    chosen = [group[0] for group in groups if len(group) == 1]
    budget, best = budget - sum(o.cost for o in chosen), best - sum(o.value for o in chosen)
    groups = sorted((group for group in groups if len(group) > 1), key=lambda group: group[0].place)
    search = Search(groups[::-1], budget, settled=(), reach=[best] * len(groups), best=best).run(deadline)
    if not search.finished:
        return None
    begun: list[Group] = []
    for place in sorted({option.place for group in groups for option in group}):
        if groups and groups[0][0].place == place:
            begun.append(groups.pop(0))
        group = next((group for group in begun if group[0].place == place), None)
        if group is None:
            continue
        begun.remove(group)
        option, *others = group
        states = search.lists[len(groups)]
        for other in begun:
            states = states.plus(other).undominated()
        if not states.attain(budget - option.cost, best - option.value):
            if len(others) > 1:
                begun.append(tuple(others))
                continue
            option = others[0]
        chosen.append(option)
        budget, best = budget - option.cost, best - option.value
    return chosen
