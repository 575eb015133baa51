"""What one run of the Method of Equal Shares bought, as data."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from operator import lt

from tally.election import ProjectId


@dataclass(frozen=True, slots=True)
class Purchase:
    """A project bought, by its place in the election: at most `price` cents a vote, exactly.

    `equals` are the projects that cost their supporters as little, in the published order, this one first. For each
    unit of worth it cost at most `ceiling`, and any that is not equal at least `floor`.
    """

    project: int
    price: Fraction
    equals: tuple[int, ...]
    ceiling: float
    floor: float


@dataclass(frozen=True, slots=True)
class Run:
    """A run with `share` cents for everybody: the projects bought in turn, the exact prices of a vote and the
    costs in cents, those that another of their group excluded, and the ties with the number of the purchase.

    `ceilings` and `floors`, one for each purchase: what it cost at most, and what others cost at least.
    """

    share: Fraction
    bought: tuple[ProjectId, ...]
    prices: dict[ProjectId, Fraction]
    spent: int
    excluded: frozenset[ProjectId]
    ties: dict[tuple[ProjectId, ...], int]
    ceilings: tuple[float, ...]
    floors: tuple[float, ...]

    def same_up_to(self, other: Run) -> bool:
        """Whether every run with a share between this one's and the larger one of `other` buys just the same.

        Proof: the more voters have, the less each purchase costs them and the more they have left after it. So in
        between a purchase costs no more than here, and another project no less than there; what costs the same here
        and there, as those tied must, costs it in between; and what nobody can pay there nobody can pay in between.
        """
        same = self.bought == other.bought and self.ties == other.ties and all(map(lt, self.ceilings, other.floors))
        return same and all(self.prices[tied[0]] == other.prices[tied[0]] for tied in self.ties)
