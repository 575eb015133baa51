"""One run of the Method of Equal Shares: every voter starts with the same money and pays for own projects only.

Floats search; whole numbers decide. Every price is an exact fraction: those too poor to pay in full give all they
have, which is their share less the prices they paid, so counts of those payments and the exact prices are enough to
say what a crowd has left, without adding up a million fractions.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import floor, lcm

import numpy as np

from tally.election import Election, ProjectId
from tally.profile import Ints
from tally.purchases import Purchase, Run
from tally.support import EPS, Backers, Bools, Cheapest, Floats, Pair, Support, rivals

MANY = 4096  # numbers: for more, numpy's fastest product starts threads, which cost more than they save


class Shares:
    """Every voter starts with `share` cents; `run` buys until nothing can be paid.

    With cost utilities the project bought is the one whose supporters pay the least for each cent of it, with
    `cardinality` the one whose supporters pay the least for each vote. `playing` are the projects that can be bought.
    """

    def __init__(
        self, election: Election, support: Support, share: Fraction, playing: set[int], cardinality: bool
    ) -> None:
        self.share = share
        self.purchases: list[Purchase] = []
        self.conflicts: dict[int, ProjectId] = {}
        self._election, self._profile, self._playing = election, support.profile, playing
        self._backers = support.backers
        self._costs = [project.cost for project in election.projects]
        self._worth = [1] * len(self._costs) if cardinality else self._costs
        self._money = np.full(len(self._profile.counts), float(share))  # within self._error of the exact
        self._error = 0.0
        self._broke = np.zeros(len(self._profile.counts), dtype=bool)  # who has spent all
        self._in_full = np.zeros(len(self._profile.choices), dtype=bool)  # which votes paid the full price
        self._scale, self._whole_share = share.denominator, share.numerator  # the share in 1/scale cents
        self._whole_prices: dict[int, int] = {}  # prices in 1/scale cents
        self._guesses: dict[int, tuple[float, float]] = {}  # since the last purchase
        self._lowest: dict[int, float] = {}  # what a project's price for each unit of worth cannot be below

    def run(self) -> Shares:
        """Buy one project after the other, cheapest for its supporters first."""
        self._lowest = {p: self._at_least(p) for p in self._playing if self._payable(p)}
        cheapest = Cheapest(self._lowest)
        self._count_error()
        while equals := cheapest.take(self._estimate, lambda p: self.price(p)[0] / self._worth[p]):
            self._buy(equals, cheapest.ceiling, cheapest.floor)
            self._count_error()
            self.conflicts |= (out := rivals(self._election, equals[0]))
            cheapest.out.update(out)
        return self

    @property
    def told(self) -> Run:
        """What was bought and how, without everybody's money."""
        ids, numbered = self._election.ids, enumerate(self.purchases, start=1)
        return Run(
            self.share,
            tuple(ids[bought.project] for bought in self.purchases),
            {ids[bought.project]: bought.price for bought in self.purchases},
            sum(self._costs[bought.project] for bought in self.purchases),
            frozenset(ids[project] for project in self.conflicts),
            {tuple(ids[p] for p in bought.equals): n for n, bought in numbered if len(bought.equals) > 1},
            tuple(bought.ceiling for bought in self.purchases),
            tuple(bought.floor for bought in self.purchases),
        )

    def left(self, project: int) -> int:
        """What the project's supporters have left together, in whole cents, rounded down."""
        backers = self._backers[project]
        total, slack = self._total(backers, backers.counts * self._money[backers.ballots])
        if floor(total - slack) == floor(total + slack):
            return floor(total)
        return self._whole_sum(backers.ballots) // self._scale

    def price(self, project: int) -> tuple[Fraction, Bools]:
        """The exact price of a vote for an affordable project, and which of its supporters can pay it in full.

        Those whose money is too near the price for floats to tell are compared exactly; the result proves itself,
        as the exact price must lie so near the float that the others were told apart rightly.
        """
        backers = self._backers[project]
        guess, doubt = self._guesses[project]
        above = self._money[backers.ballots] - guess * backers.weights
        while True:
            margin = self._error + doubt * backers.weights
            poor = above < -margin
            price = self._whole_price(project, poor)
            near = np.flatnonzero((above <= margin) & ~poor)
            if len(near):
                exact = self._exact_money(backers.ballots[near], np.broadcast_to(backers.weights, len(poor))[near])
                while len(poorer := near[[have < price for have in exact] & ~poor[near]]):
                    poor[poorer] = True
                    price = self._whole_price(project, poor)
            if abs(float(price) - guess) <= doubt:
                return price, ~poor
            doubt *= 16

    def _count_error(self) -> None:
        """How far a voter's money in floats can be from the exact: each payment rounds three times."""
        self._error = 4 * (len(self.purchases) + 2) * EPS * float(self.share)
        self._guesses.clear()

    def _payable(self, project: int) -> bool:
        """Whether the supporters have the cost together in the beginning."""
        people, cost = self._backers[project].people, self._costs[project]
        return people > 0 and people * self._whole_share >= cost * self._scale

    def _at_least(self, project: int) -> float:
        """A price that the project cannot be below: everybody pays in full."""
        return self._costs[project] / self._backers[project].votes / self._worth[project] * (1 - 4 * EPS)

    def _estimate(self, project: int) -> Pair | None:
        """The price for each unit of worth, between two floats; None when the supporters cannot pay any more."""
        backers, cost, worth = self._backers[project], self._costs[project], self._worth[project]
        money = self._money[backers.ballots]
        together = backers.counts * money
        total, slack = self._total(backers, together)
        if total + slack < cost:
            return None
        if total - slack < cost and self._whole_sum(backers.ballots) < cost * self._scale:
            return None
        guess, paying = self._settled(backers, money, together, cost - total, self._lowest[project] * worth)
        doubt = 4 * ((len(money) + 16) * EPS * (cost + total) + backers.people * self._error) / paying
        self._guesses[project] = guess, doubt
        self._lowest[project] = (guess - doubt) / worth * (1 - 4 * EPS)
        return self._lowest[project], (guess + doubt) / worth * (1 + 4 * EPS)

    def _total(self, backers: Backers, together: Floats) -> tuple[float, float]:
        """What the supporters have left, as a float, and how far it can be off."""
        total = float(np.add.reduce(together))
        return total, backers.people * self._error + (len(together) + 8) * EPS * total

    def _settled(
        self, backers: Backers, money: Floats, together: Floats, missing: float, price: float
    ) -> tuple[float, float]:
        """The price at which those who pay in full, and what the poor have, make up the cost; how many votes pay.

        `missing` is the cost less all the money there is: who pays in full does not give all. The search starts at a
        `price` that is not too high, and rises until nobody more is too poor.
        """
        paying = float(backers.votes) + 1
        while True:
            rich = (money >= price * backers.weights).astype(np.float64)
            now = _product(backers.voices, rich)
            if now >= paying or not now:
                return price, min(paying, backers.votes)
            paying = now
            price = (missing + _product(together, rich)) / paying

    def _buy(self, equals: list[int], ceiling: float, floor: float) -> None:
        project, backers = equals[0], self._backers[equals[0]]
        price, rich = self.price(project)
        money = self._money[backers.ballots] - float(price) * backers.weights
        self._money[backers.ballots] = np.maximum(money, 0.0) * rich
        self._broke[backers.ballots[~rich]] = True
        self._in_full[backers.places[rich]] = True
        finer = lcm(self._scale, price.denominator) // self._scale
        self._scale, self._whole_share = self._scale * finer, self._whole_share * finer
        self._whole_prices = {p: whole * finer for p, whole in self._whole_prices.items()}
        self._whole_prices[project] = price.numerator * (self._scale // price.denominator)
        self.purchases.append(Purchase(project, price, tuple(equals), ceiling, floor))

    def _whole_price(self, project: int, poor: Bools) -> Fraction:
        """The price when the poor give all they have and the rest pay in full."""
        backers = self._backers[project]
        missing = self._costs[project] * self._scale - self._whole_sum(backers.ballots[poor])
        voices = int(_product(backers.voices, (~poor).astype(np.float64)))
        return Fraction(missing, self._scale * voices)

    def _exact_money(self, ballots: Ints, weights: Ints) -> list[Fraction]:
        """What one voter of each of these ballots has left for each of `weights`; once for equal histories."""
        profile = self._profile
        places = profile.choices_of(ballots)
        paid = self._in_full[places]
        whose = np.repeat(np.arange(len(ballots)), profile.lengths[ballots])[paid].tolist()
        points = itertools.repeat(1) if profile.points is None else profile.points[places[paid]].tolist()
        spent: list[list[tuple[int, int]]] = [[] for _ in range(len(ballots))]
        for owner, project, times in zip(whose, profile.choices[places[paid]].tolist(), points, strict=False):
            spent[owner].append((project, times))
        known: dict[object, Fraction] = {}
        money = []
        for broke, history, weight in zip(
            self._broke[ballots].tolist(), map(tuple, spent), weights.tolist(), strict=True
        ):
            key = (broke, history, weight)
            if key not in known:
                left = 0 if broke else self._whole_share - sum(self._whole_prices[p] * t for p, t in history)
                known[key] = Fraction(left, self._scale * weight)
            money.append(known[key])
        return money

    def _whole_sum(self, ballots: Ints) -> int:
        """What the voters of these ballots have left together, in 1/scale cents."""
        live = ballots[~self._broke[ballots]]
        if not len(live):
            return 0
        profile = self._profile
        places = profile.choices_of(live)
        paid = self._in_full[places]
        voices = np.repeat(profile.counts[live], profile.lengths[live])[paid]
        if profile.points is not None:
            voices = voices * profile.points[places[paid]]
        times = np.bincount(profile.choices[places[paid]], voices, len(profile.ids)).astype(np.int64).tolist()
        spent = sum(whole * times[p] for p, whole in self._whole_prices.items() if times[p])
        people: int = profile.counts[live].sum().item()
        left: int = people * self._whole_share - spent
        return left


def _product(some: Floats, others: Floats) -> float:
    """The sum of the products, pair by pair."""
    return float(some @ others if len(some) < MANY else np.einsum("i,i->", some, others))
