"""The Method of Equal Shares, its completions, and the comparison with greedy, as cities use them.

Source: Peters, Pierczyński & Skowron, "Proportional Participatory Budgeting with Additive Utilities", NeurIPS 2021,
arXiv:2008.13276; completions and comparison as at equalshares.net and in Wieliczka 2023.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import floor

from tally.election import Election, ProjectId
from tally.greedy import best_first, equals_of, fund, greedy, votes_of
from tally.outcome import MICRO, Outcome, Step, Tie, Why
from tally.profile import Profile, own_winners
from tally.purchases import Run
from tally.shares import Shares
from tally.support import Support, barred
from tally.ties import decides

MOST_TIES = 16  # of one outcome whose orders are tried; of further ones it is not shown whether they decided
UNIT = 100  # Add1 raises each voter's share by one unit of the currency, in cents


@dataclass(frozen=True, slots=True)
class EqualShares:
    """The method with its variants; call it with an election and a profile.

    Utilities: with cost utilities (the default) a voter gains a project's cost from it, with `cardinality` one, both
    times the points where ballots give points. `add1`: raise every voter's share by 1 while there is something left
    to win and the winners do not cost more than the budget. `then_greedy`: fund more of what still fits, most votes
    first. `compared`: greedy decides instead when more voters have more own winners under it than fewer.

    A project with fewer votes than the election's minimum, or dearer than the budget, is not on offer. Of a group
    the first that is bought excludes the others. Part funding is not for this rule: its money belongs to voters.
    Of projects that cost their supporters as little, the published order puts one first, and of those with equal
    votes in what greedy does here. Each such tie is named, also one in a run that Add1 sets aside or in an outcome
    that loses the comparison, as it can matter too; its place is the first purchase, or place, in which it was met.

    `share`: what every voter starts with, in cents, instead of the budget's equal part; the winners may then cost
    more than the budget.
    """

    cardinality: bool = False
    add1: bool = False
    then_greedy: bool = False
    compared: bool = False
    share: Fraction | None = None

    @property
    def name(self) -> str:
        """The rule's name, such as "equal-shares/add1-greedy/cardinality"."""
        completions = "-".join(
            word
            for word, used in (("add1", self.add1), ("greedy", self.then_greedy), ("comparison", self.compared))
            if used
        )
        return "/".join(filter(None, ("equal-shares", completions, "cardinality" if self.cardinality else "")))

    def __call__(self, election: Election, profile: Profile) -> Outcome:
        """Count. Raises ValueError on a vote for an unknown project."""
        election = replace(election, part_funding=False)
        runs = _Runs(self, election, profile, known={})
        outcome = self._told(election, profile, runs)
        return replace(outcome, ties=tuple(self._examined(election, profile, runs, outcome)))

    def at_share_of(self, outcome: Outcome, election: Election, profile: Profile) -> EqualShares:
        """The rule that runs once only, with the share that everybody had in this outcome of it."""
        share = Fraction(outcome.share, MICRO)
        if share.denominator > 1:  # not a whole unit, so it was the first
            share = Fraction(election.budget, profile.voters)
        return replace(self, add1=False, share=share)

    def _examined(self, election: Election, profile: Profile, runs: _Runs, outcome: Outcome) -> Iterator[Tie]:
        """The ties, and whether they decided: runs in which none of the tied was tied need not be run again."""
        for number, tie in enumerate(outcome.ties):
            if number >= MOST_TIES:
                yield tie
                continue
            known = {run.share: run for run in runs.all if not any(set(tie.projects) & set(t) for t in run.ties)}

            def winners(other: Election, known: dict[Fraction, Run] = known) -> object:
                again = _Runs(self, other, profile, known)
                return set(self._told(other, profile, again).winners)

            yield replace(tie, decided=decides(election, tie.projects, set(outcome.winners), winners))

    def _told(self, election: Election, profile: Profile, runs: _Runs) -> Outcome:
        """The run that counts as an outcome, completed and compared where the variant asks for it."""
        votes, cost = votes_of(election, profile), {project.id: project.cost for project in election.projects}
        left, steps = election.budget, []
        for id_ in runs.counting.bought:
            price = floor(MICRO * runs.counting.prices[id_])
            steps.append(Step(id_, votes[id_], cost[id_], left, True, price=price))
            left -= cost[id_]
        rest = [project for project in best_first(election, votes) if project.id not in runs.counting.bought]
        taken = {p.group: p.id for p in election.projects if p.group and p.id in runs.counting.bought}
        ties = runs.ties
        if self.then_greedy:
            completing = list(fund(election, votes, rest, left, taken))
            ties = {tie: place + len(steps) for place, tie in equals_of(completing)} | ties
            over = [replace(s, why=Why.OVER_BUDGET) if s.cost > election.budget else s for s in completing]
            steps += [replace(step, why=Why.COMPLETED) if step.funded else step for step in over]
        else:
            steps += (replace(step, left=left) for step in fund(election, votes, rest, 0, taken))
            steps = [replace(s, why=runs.why(s), support=runs.left(s)) if s.why is Why.TOO_DEAR else s for s in steps]
        outcome = Outcome(
            rule=self.name,
            winners=tuple(step.project for step in steps if step.funded),
            spent=sum(step.cost for step in steps if step.funded),
            ties=tuple(Tie(tie, place, decided=False) for tie, place in ties.items()),
            steps=tuple(steps),
            share=floor(runs.counting.share * MICRO),
        )
        return _compared(election, profile, outcome) if self.compared else outcome


class _Runs:
    """One run with the budget's equal parts, and with Add1 more, each with the next whole unit of the currency for
    everybody, while something is left to win and the budget is not overspent. Shares with which surely the same is
    bought as with the one before are left out, and `known` runs are not run again.
    """

    def __init__(self, rule: EqualShares, election: Election, profile: Profile, known: dict[Fraction, Run]) -> None:
        self._election, self._profile, self._cardinality, self._known = election, profile, rule.cardinality, known
        self._fates = barred(election, profile)
        self._shares: dict[Fraction, Shares] = {}
        share = rule.share or Fraction(election.budget, max(profile.voters, 1))
        self.counting = self._run(share)
        self.all = [self.counting]
        wanted = {election.ids[p] for p in self._playing if self._support.backers[p].people} if rule.add1 else set()
        step = 1  # in units: more while nothing changes, so that what lies between two equal runs is not run
        while rule.add1 and wanted.difference(self.counting.bought, self.counting.excluded):
            run = self._run(Fraction((self.counting.share // UNIT + step) * UNIT))
            same = self.counting.same_up_to(run)
            if step > 1 and not same:
                step //= 2
                continue
            self.all.append(run)
            if run.spent > election.budget:
                break
            self.counting, step = run, 2 * step if same else 1

    @property
    def ties(self) -> dict[tuple[ProjectId, ...], int]:
        """The ties of all runs, with the purchase in which each was met, in the run that counts if it was there."""
        met: dict[tuple[ProjectId, ...], int] = {}
        for run in (*self.all, self.counting):
            met |= run.ties
        return met

    def why(self, step: Step) -> Why:
        """What settled a project that was not bought."""
        return self._fates.get(self._election.ids.index(step.project), Why.NO_SUPPORT)

    def left(self, step: Step) -> int:
        """What the project's supporters had left in the end, in cents."""
        return self._shares_of(self.counting.share).left(self._election.ids.index(step.project))

    @cached_property
    def _support(self) -> Support:
        return Support.build(self._election, self._profile)

    @cached_property
    def _playing(self) -> set[int]:
        return set(range(len(self._election.projects))).difference(self._fates)

    def _run(self, share: Fraction) -> Run:
        return self._known.get(share) or self._shares_of(share).told

    def _shares_of(self, share: Fraction) -> Shares:
        """The run with this share; the two latest are kept."""
        if share not in self._shares:
            self._shares = dict(list(self._shares.items())[-1:])
            self._shares[share] = Shares(self._election, self._support, share, self._playing, self._cardinality).run()
        return self._shares[share]


def _compared(election: Election, profile: Profile, ours: Outcome) -> Outcome:
    """Greedy's outcome when more voters have more own winners in it, else ours; with the ties of both."""
    other = greedy(election, profile)
    more = own_winners(profile, ours.winners) - own_winners(profile, other.winners)
    preferring = int(profile.counts[more > 0].sum()), int(profile.counts[more < 0].sum())
    chosen = replace(other, rule=ours.rule) if preferring[1] > preferring[0] else ours
    met = {tie.projects: tie.place for tie in (*other.ties, *ours.ties, *chosen.ties)}
    return replace(chosen, ties=tuple(Tie(tie, met[tie], decided=False) for tie in met), preferring=preferring)
