"""Papers for counting, without a database."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ballots.types import BallotType
from pb.rounds.rules import AllocationRules, ProjectRules

NOBODY = UUID(int=0)
EURO = 100


def allocation(
    kind: BallotType, costs: Sequence[int], euros: int = 100, order: Sequence[int] = (), **terms: Any
) -> AllocationRules:
    """A paper with projects A, B, C… numbered from 1 that cost so many euros."""
    projects = tuple(
        ProjectRules(id=NOBODY, number=n, title=chr(64 + n), cost_cents=cost * EURO)
        for n, cost in enumerate(costs, start=1)
    )
    terms = {"rule": "irv" if kind is BallotType.RANKED else "greedy"} | terms
    return AllocationRules(
        number=1,
        name="Lammi",
        area_id=None,
        service="Kulttuuri",
        amount_cents=euros * EURO,
        ballot_type=kind,
        max_choices=None if kind is BallotType.KNAPSACK else 9,
        projects=projects,
        tie_order=tuple(order) or tuple(range(1, len(costs) + 1)),
        **terms,
    )
