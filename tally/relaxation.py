"""The linear relaxation of the multiple-choice knapsack: how much some groups can be worth at most within a budget.

Sinha & Zoltners 1979; Kellerer, Pferschy & Pisinger, Knapsack Problems, 2004, chapter 11. All numbers are whole, and
the bounds are rounded down, so that they hold exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # of int64, or of Python ints where int64 could overflow


class Option(NamedTuple):
    """What a group can choose: the project at this place in the published order, or none, placed after the last."""

    cost: int
    value: int
    place: int


Group = tuple[Option, ...]  # in the order of their places; just one is chosen


class Gain(NamedTuple):
    """The step from one option of the group at `rank` to the next on the upper hull of its costs and values."""

    cost: int
    value: int
    rank: int
    option: Option


class Relaxation:
    """The gains of `groups`, in the order in which they are worth taking, and what each group costs at least."""

    def __init__(self, groups: Sequence[Group]) -> None:
        """Put the gains in order, those worth most for their cost first."""
        gains = [gain for rank, group in enumerate(groups) for gain in _gains(group, rank)]
        bits = 2 * max((gain.cost.bit_length() for gain in gains), default=0)
        # unequal fractions differ by more than 2**-bits, so that this rounds none of them together
        self.gains = sorted(gains, key=lambda gain: (gain.value << bits) // gain.cost, reverse=True)
        kind = _kind(groups)
        self.zero: Array = np.zeros(1, kind)
        # a last gain of nothing, of any rank, stands where all the others have been taken
        self.ranks = np.array([*(gain.rank for gain in self.gains), len(groups)], np.int64)
        self.costs: Array = np.array([*(gain.cost for gain in self.gains), 1], kind)
        self.values: Array = np.array([*(gain.value for gain in self.gains), 0], kind)
        # apart, so that no product outgrows int64
        self.whole, self.part = self.values // self.costs, self.values % self.costs
        cheapest = [min(group, key=_cheaper) for group in groups]
        self.least = list(accumulate((option.cost for option in reversed(cheapest)), initial=0))[::-1]
        self.least_worth = list(accumulate((option.value for option in reversed(cheapest)), initial=0))[::-1]

    def bounds(self, rank: int, room: Array) -> tuple[Array, Array]:
        """What the groups from `rank` on are worth within each cost of `room`: reached for sure, and at most.

        No `room` is below `least[rank]`.
        """
        mine = self.ranks >= rank
        costs, values = self.costs[mine], self.values[mine]
        begins = np.cumsum(costs) - costs
        room = room - self.least[rank]
        index = np.searchsorted(begins, room, "right") - 1
        low = (np.cumsum(values) - values + self.least_worth[rank])[index]
        over = room - begins[index]
        return low, low + over * self.whole[mine][index] + over * self.part[mine][index] // costs[index]

    def reached(self, rank: int, room: int) -> list[Option]:
        """The options of the groups from `rank` on by which `bounds` reaches its lower bound, but the cheapest."""
        room -= self.least[rank]
        options: dict[int, Option] = {}
        for gain in self.gains:
            if gain.rank >= rank:
                room -= gain.cost
                if room < 0:
                    break
                options[gain.rank] = gain.option
        return list(options.values())


def _cheaper(option: Option) -> tuple[int, int]:
    return option.cost, -option.value


def _gains(group: Group, rank: int) -> Iterator[Gain]:
    hull: list[Option] = []
    for option in sorted(group, key=_cheaper):
        if hull and (option.cost == hull[-1].cost or option.value < hull[-1].value):
            continue
        while len(hull) > 1 and _bends_up(hull[-2], hull[-1], option):
            hull.pop()
        hull.append(option)
    for low, high in pairwise(hull):
        yield Gain(high.cost - low.cost, high.value - low.value, rank, high)


def _bends_up(low: Option, middle: Option, high: Option) -> bool:
    return (high.value - middle.value) * (middle.cost - low.cost) >= (middle.value - low.value) * (
        high.cost - middle.cost
    )


def _kind(groups: Sequence[Group]) -> type:
    """The numbers to count with: the machine's where none can overflow, else Python's, which are slower."""
    costs = [max(option.cost for option in group) for group in groups]
    worth = sum(max(option.value for option in group) for group in groups)
    return np.int64 if max(costs, default=0) < 2**31 and sum(costs) < 2**62 and worth < 2**61 else object
