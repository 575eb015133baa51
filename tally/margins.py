"""What a project that lost would have needed: found by counting again, so every answer has been seen to be true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tally.election import Election, ProjectId
from tally.equal_shares import EqualShares
from tally.outcome import MICRO, Outcome
from tally.profile import Kind, Profile
from tally.rules import RULES
from tally.runoff import instant_runoff

SECONDS = 1.0  # for one search for the best set; what is not proven in that time is not said
MOST_WORK = 10**8  # choices looked at again in all counts of one explanation; projects for which that ends get none
SEARCH, ADD1 = 15, 100  # how many plain counts a search for the best set, and all of Add1's runs, take, about
LEAST_SIZE, COUNTS = 5_000, 40  # a count of fewer choices is no faster; how many counts a project takes, about


@dataclass(frozen=True, slots=True)
class Margin:
    """With `votes` more ballots for it alone (points, where ballots give points) the project would have won, with
    one fewer not; at `cost` cents it would have won, at one more not. None: no such number was found. With Add1
    that holds while every voter has the same `share`, in cents, as in the outcome; else `share` is None.
    """

    votes: int | None
    cost: int | None
    share: int | None = None


def margins(election: Election, profile: Profile, outcome: Outcome) -> dict[ProjectId, Margin]:
    """For each project that lost, in the order of the outcome's steps, what it would have needed.

    Both are found by halving, so where a rule is not monotonic another number might do as well; the ones given do.
    Where greedy won a comparison with Add1 there is no share to keep, and all its runs are counted again. Nothing is
    said about an outcome that is not proven, nor about projects for which MOST_WORK is too little.
    """
    rule, count, share, effort = RULES[outcome.rule], RULES[outcome.rule].count, None, 1
    if isinstance(count, EqualShares) and count.add1 and outcome.share:
        count, share = count.at_share_of(outcome, election, profile), outcome.share // MICRO
    elif isinstance(count, EqualShares) and count.add1:
        effort = ADD1
    elif outcome.rule == "irv":
        count = instant_runoff
    elif rule.searches:
        count, effort = partial(count, deadline=SECONDS), SEARCH
    profile = _condensed(election, profile) if rule.by_votes else profile.for_election(election)
    size = max(len(profile.choices) + len(election.projects), LEAST_SIZE) * effort
    found: dict[ProjectId, Margin] = {}
    work = 0
    for step in outcome.steps:
        if step.funded or not outcome.proven or work + size * COUNTS > MOST_WORK:
            continue
        again = _Again(election, profile, count, step.project)
        margin = Margin(again.votes(), None if rule.for_seats else again.cost(step.cost), share)
        if again.sure:
            found[step.project] = margin
        work += size * again.counts
    return found


def _condensed(election: Election, profile: Profile) -> Profile:
    """One ballot that gives each project all its votes, for rules that look at nothing else."""
    votes = profile.for_election(election).votes.tolist()
    ballot = tuple((id_, number) for id_, number in zip(election.ids, votes, strict=True) if number)
    return Profile.counted({ballot: 1}, Kind.POINTS)


@dataclass(slots=True)
class _Again:
    """Counts anew with one project changed."""

    election: Election
    profile: Profile
    count: Callable[[Election, Profile], Outcome]
    project: ProjectId
    counts: int = 0
    sure: bool = True

    def votes(self) -> int | None:
        """The fewest more votes that win, looked for up to at least twice as many as there are."""
        given = max(int(self.profile.votes.sum()), self.profile.voters, self.election.min_votes, 1)
        limit, most = 2 * given, 1
        while not self._wins(self.election, self._with(most)):
            if most > limit:
                return None
            most *= 2
        return _first(most // 2, most, lambda more: self._wins(self.election, self._with(more)))

    def cost(self, own: int) -> int | None:
        """The highest cost below its own, in cents, that wins."""
        if not self._wins(self._at(1), self.profile):
            return None
        return _first(1, own, lambda cost: not self._wins(self._at(cost), self.profile)) - 1

    def _with(self, more: int) -> Profile:
        points = self.profile.kind is Kind.POINTS
        return self.profile.plus(((self.project, more),), 1) if points else self.profile.plus((self.project,), more)

    def _at(self, cost: int) -> Election:
        return self.election.at_costs({self.project: cost})

    def _wins(self, election: Election, profile: Profile) -> bool:
        """Whether the project wins, with winners that the budget can pay; more than can be counted is no win."""
        self.counts += 1
        try:
            outcome = self.count(election, profile)
        except ValueError:
            return False
        self.sure &= outcome.proven
        return self.project in outcome.winners and outcome.spent <= election.budget


def _first(low: int, high: int, true: Callable[[int], bool]) -> int:
    """The number after `low`, up to `high`, at which `true` turns from False to True."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if true(middle) else (middle, high)
    return high
