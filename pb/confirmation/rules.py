"""How long every ballot of a round is, so that no envelope tells by its size what is in it."""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from uuid import UUID

from ballots.plaintext import canonical
from ballots.types import BallotType, Paper

STEP = 64  # lengths are rounded up to this many bytes


def padded_length(round_id: UUID, papers_per_voter: Iterable[Mapping[int, Paper]]) -> int:
    """The length of every ballot of the round: the longest allowed to any voter, rounded up to 64 bytes.

    `papers_per_voter`: each set of papers, by allocation number, that some voter gets; at least one.
    """
    ballots = ({a: longest_choices(paper) for a, paper in papers.items()} for papers in papers_per_voter)
    longest = max(len(canonical(round_id, "0" * 13, choices)) for choices in ballots)
    return -(-longest // STEP) * STEP


def longest_choices(paper: Paper) -> list[int]:
    """No choices the paper allows take more room than these: as many as could fit, with the longest numbers.

    In a knapsack that many of the cheapest fit the money, though these may not: a bound, not a ballot.
    """
    longest = [number for number in sorted(paper.costs, reverse=True) for _point in range(paper.most_each)]
    most = len(longest) if paper.max_choices is None else paper.max_choices
    if paper.type is BallotType.KNAPSACK:
        totals = accumulate(sorted(paper.costs.values()))
        most = min(most, sum(total <= paper.amount for total in totals))
    return longest[:most]
