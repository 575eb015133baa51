"""The rules by name, what ballots each of them counts, and which of them a file asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

from tally.election import Election
from tally.equal_shares import EqualShares
from tally.expanding import expanding_approvals, rank_points
from tally.greedy import greedy, no_skip, per_euro, threshold
from tally.optimal import knapsack
from tally.outcome import Outcome
from tally.phragmen import phragmen
from tally.profile import Kind, Profile
from tally.runoff import irv
from tally.sections import excerpt
from tally.transfer import stv

SETS = frozenset({Kind.APPROVAL, Kind.POINTS})
RANKED = frozenset({Kind.RANKED})


class Unsupported(ValueError):
    """Well-formed votes that the rule cannot count; the sentence says why, and what can."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to count: `count(election, profile)` gives the outcome, for ballots of these kinds.

    `by_votes`: the outcome depends on the projects' votes alone, not on who cast them. `for_seats`: it elects, so
    all candidates must take the same of what there is. `searches`: it looks for the best set, with a
    `deadline` in seconds.
    """

    count: Callable[..., Outcome]
    kinds: frozenset[Kind] = SETS
    by_votes: bool = False
    for_seats: bool = False
    searches: bool = False


EQUAL_SHARES = [EqualShares(a, b, c, d) for a, b, c, d in product((False, True), repeat=4)]
RULES: dict[str, Rule] = {
    "greedy": Rule(greedy, by_votes=True),
    "threshold": Rule(threshold, by_votes=True),
    "no-skip": Rule(no_skip, by_votes=True),
    "per-euro": Rule(per_euro, by_votes=True),
    "knapsack": Rule(knapsack, by_votes=True, searches=True),
    "knapsack/cost": Rule(partial(knapsack, by_cost=True), by_votes=True, searches=True),
    **{rule.name: Rule(rule) for rule in EQUAL_SHARES},
    "phragmen": Rule(phragmen),
    "irv": Rule(irv, RANKED),
    "stv": Rule(stv, RANKED, for_seats=True),
    "expanding-approvals": Rule(expanding_approvals, RANKED),
    "rank-points": Rule(rank_points, RANKED),
}
COMPARED = (  # the rules set side by side: one of each family, and the completions that cities choose between
    "greedy",
    "threshold",
    "no-skip",
    "per-euro",
    "knapsack",
    "equal-shares",
    "equal-shares/add1",
    "equal-shares/add1-greedy",
    "phragmen",
    "irv",
    "stv",
    "expanding-approvals",
    "rank-points",
)
LABELS = {  # Pabulib's names of the rules that cities use → ours
    "greedy": "greedy",
    "greedy-threshold": "threshold",
    "greedy-no-skip": "no-skip",
    "equalshares": "equal-shares",
    "equalshares-comparison": "equal-shares/comparison",
    "equalshares/add1": "equal-shares/add1",
    "equalshares/add1-comparison": "equal-shares/add1-comparison",
}


def count(election: Election, profile: Profile, name: str) -> Outcome:
    """Count by the rule of this name. Raises Unsupported, also with what the rule itself refuses."""
    if name not in RULES:
        raise Unsupported(f"There is no rule {excerpt(name)}. These are: {', '.join(COMPARED)}, and their variants.")
    rule = RULES[name]
    if profile.kind not in rule.kinds:
        fit = ", ".join(name for name in COMPARED if profile.kind in RULES[name].kinds)
        raise Unsupported(f"The rule {name} does not count {profile.kind} ballots. These do: {fit}.")
    try:
        return rule.count(election, profile)
    except ValueError as error:
        raise Unsupported(f"The rule {name} cannot count this: {error}.") from error


def rule_for(label: str, kind: Kind) -> str:
    """Our rule for Pabulib's label or our own name; ranks become points where it is greedy. Raises Unsupported."""
    name = LABELS.get(label, label)
    if name not in RULES:
        raise Unsupported(f"The rule {excerpt(label)} is not one we know: choose another with --rule.")
    return "rank-points" if kind is Kind.RANKED and name in ("greedy", "threshold") else name
