"""Ranked ballots, several winners that cost money: expanding approvals, and points by rank."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tally.election import Election, Project, ProjectId
from tally.greedy import greedy
from tally.outcome import MICRO, Outcome, Step, Tie, Why
from tally.profile import Ints, Kind, Profile
from tally.support import rivals
from tally.ties import decides

Amounts = npt.NDArray[np.object_]  # Python's whole numbers, which never overflow


def expanding_approvals(election: Election, profile: Profile) -> Outcome:
    """Give all voters, blank ones too, an equal share of the budget to spend on what they rank highest.

    At rank 1, 2, … voters support their first so many choices. While the supporters of some project have its cost
    together, one is funded: the one whose supporters have the most money for each cent of cost, of equals the first
    in the published order. Its supporters pay the cost in equal parts; who has less pays all that is left. After the
    last rank nothing more is funded, whatever money is left. `part_funding` is not honoured. `min_votes` counts the
    voters who rank a project at all. Exact: what a voter has is a whole number of 1/unit cents, with a unit that
    grows. Raises ValueError unless the ballots are ranked, and on a vote for an unknown project.

    Source: PB-EAR of Aziz & Lee 2021, "Proportionally Representative Participatory Budgeting with Ordinal
    Preferences", arXiv:1911.00864, which leaves open which affordable project is next and who of its supporters pays
    how much. As theirs, the outcome satisfies Inclusion PSC where there are neither groups nor a minimum of votes.
    """
    _check_ranked(profile)
    count = _count(election, profile)
    winners = tuple(step.project for step in count.steps if step.funded)

    def winners_of(other: Election) -> set[ProjectId]:
        return {step.project for step in _count(other, profile).steps if step.funded}

    return Outcome(
        rule="expanding-approvals",
        winners=winners,
        spent=sum(step.cost for step in count.steps if step.funded),
        ties=tuple(
            Tie(equals, place, decides(election, equals, set(winners), winners_of))
            for place, equals in enumerate(count.equals, start=1)
            if len(equals) > 1
        ),
        steps=tuple(count.steps),
        share=MICRO * election.budget // profile.voters if profile.voters else 0,
    )


def rank_points(election: Election, profile: Profile) -> Outcome:
    """Most points first, skipping what does not fit, where a ballot's first choice gets the most points.

    With L = `max_length`, or else the number of projects, the first choice gets L points, the next L − 1, and so on;
    unranked projects get none. `min_votes` counts points. Raises ValueError unless the ballots are ranked, on a
    ballot that names more than L, and on a vote for an unknown project. Source: the civic budget of Kraków, with
    L = 3; after Borda 1781.
    """
    longest = len(election.projects) if election.max_length is None else election.max_length
    return greedy(election, points_from_rank(profile, longest), "rank-points")


def points_from_rank(profile: Profile, longest: int) -> Profile:
    """The same ballots with points: `longest` for a first choice, one fewer for each next one.

    Raises ValueError unless the ballots are ranked, and when one names more than `longest` projects.
    """
    _check_ranked(profile)
    if (profile.lengths > longest).any():
        raise ValueError(f"a ballot ranks more than {longest} projects")
    points = longest - _ranks(profile)
    return Profile(Kind.POINTS, profile.ids, profile.starts, profile.choices, profile.counts, points)


def _check_ranked(profile: Profile) -> None:
    if profile.kind is not Kind.RANKED:
        raise ValueError("it needs ranked ballots")


def _ranks(profile: Profile) -> Ints:
    """For each choice its rank on its ballot, from 0."""
    return np.arange(len(profile.choices)) - profile.starts[profile.owners]


@dataclass(slots=True)
class _Count:
    """Steps of the winners in order, then of the others as published; and for each purchase the equals it was among."""

    steps: list[Step] = field(default_factory=list)
    equals: list[tuple[ProjectId, ...]] = field(default_factory=list)


class _Purses:
    """What the voters of each distinct ballot have left and whom they support so far.

    `money[b]` is what each voter of ballot `b` has and `support[p]` what the supporters of project `p` have together,
    both in 1/`unit` cents.
    """

    def __init__(self, profile: Profile, budget: int) -> None:
        self._profile, self._ranks = profile, _ranks(profile)
        self._seen = np.zeros(len(profile.choices), dtype=bool)
        self.unit = max(profile.voters, 1)
        self.money: Amounts = np.full(len(profile.counts), budget, dtype=object)
        self.support: Amounts = np.full(len(profile.ids), 0, dtype=object)

    def expand(self, rank: int) -> None:
        """Let voters also support their choice at this rank, from 0."""
        new = self._ranks == rank
        self._seen |= new
        np.add.at(self.support, self._profile.choices[new], self._together(self.money)[self._profile.owners[new]])

    def best(self, costs: dict[int, int]) -> list[int]:
        """Of the projects with these costs those that can be paid and have the most support for each cent of cost."""
        worth = {p: Fraction(self.support[p], cost) for p, cost in costs.items()}
        most = max(worth.values(), default=Fraction(0))
        return [p for p in costs if worth[p] == most] if most >= self.unit else []

    def pay(self, project: int, cost: int) -> int:
        """Take the cost from the project's supporters; returns the most one paid, in millionths of a cent."""
        profile = self._profile
        paying = np.zeros(len(self.money), dtype=bool)
        paying[profile.owners[self._seen & (profile.choices == project)]] = True
        paying &= self.money > 0
        price = _price(cost * self.unit, self.money[paying], profile.counts[paying])
        self._refine(price.denominator)
        whole = price.numerator
        paid = np.where(paying, np.minimum(self.money, whole), 0)
        self._withdraw(paying & (paid == whole), whole)
        poor = self._seen & (paying & (paid < whole))[profile.owners]  # once each: a poor voter has nothing left
        np.subtract.at(self.support, profile.choices[poor], self._together(paid)[profile.owners[poor]])
        self.money = self.money - paid
        return MICRO * whole // self.unit

    def _withdraw(self, rich: npt.NDArray[np.bool_], price: int) -> None:
        """Lower the support of each project by one price for each of the rich who support it."""
        choices = self._seen & rich[self._profile.owners]
        voters = np.bincount(
            self._profile.choices[choices],
            self._profile.counts[self._profile.owners[choices]],
            len(self.support),
        )
        self.support = self.support - price * voters.astype(np.int64).astype(object)

    def _together(self, each: Amounts) -> Amounts:
        together: Amounts = each * self._profile.counts.astype(object)
        return together

    def _refine(self, factor: int) -> None:
        self.unit *= factor
        self.money, self.support = self.money * factor, self.support * factor


def _price(cost: int, money: Amounts, voters: Ints) -> Fraction:
    """The lowest price that raises the cost when each voter pays it or, having less, all the money left."""
    purses: Counter[int] = Counter()
    for amount, owners in zip(money.tolist(), voters.tolist(), strict=True):
        purses[amount] += owners
    payers = sum(purses.values())
    for amount, owners in sorted(purses.items()):
        if amount * payers >= cost:
            break
        cost, payers = cost - amount * owners, payers - owners
    return Fraction(cost, payers)


def _count(election: Election, profile: Profile) -> _Count:
    profile = profile.for_election(election)
    votes, count = profile.votes.tolist(), _Count()
    purses, left = _Purses(profile, election.budget), election.budget
    costs = {n: p.cost for n, p in enumerate(election.projects) if votes[n] >= election.min_votes}
    conflicts: dict[int, ProjectId] = {}
    for rank in range(profile.lengths.max(initial=0)):
        purses.expand(rank)
        while equals := purses.best(costs):
            best, cost = equals[0], costs[equals[0]]
            support = purses.support[best] // purses.unit
            price = purses.pay(best, cost)
            count.equals.append(tuple(election.ids[n] for n in equals))
            count.steps.append(Step(election.ids[best], votes[best], cost, left, True, support=support, price=price))
            left -= cost
            conflicts |= rivals(election, best)
            costs = {n: c for n, c in costs.items() if n != best and n not in conflicts}
    winners = {step.project for step in count.steps}
    for n, project in enumerate(election.projects):
        if project.id not in winners:
            why, other = _loss(election, project, votes[n], conflicts.get(n))
            support = purses.support[n] // purses.unit
            count.steps.append(Step(project.id, votes[n], project.cost, left, False, why, other, support))
    return count


def _loss(election: Election, project: Project, votes: int, rival: ProjectId | None) -> tuple[Why, ProjectId | None]:
    if votes < election.min_votes:
        return Why.FEW_VOTES, None
    if rival is not None:
        return Why.CONFLICT, rival
    return (Why.OVER_BUDGET if project.cost > election.budget else Why.NO_SUPPORT), None
