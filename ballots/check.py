"""A voter's whole ballot: one paper for each allocation they vote on. A new ballot type is entered here."""

from collections.abc import Callable, Mapping, Sequence

from ballots import approval, knapsack, ranked
from ballots.types import BallotType, InvalidBallot, Paper, Problem

CHECKS: dict[BallotType, Callable[[Paper, Sequence[int]], None]] = {
    BallotType.APPROVAL: approval.check_approval,
    BallotType.KNAPSACK: knapsack.check_knapsack,
    BallotType.RANKED: ranked.check_ranked,
}
VOTES: dict[BallotType, Callable[[Sequence[int]], tuple[str, ...]]] = {
    BallotType.APPROVAL: approval.to_vote,
    BallotType.KNAPSACK: knapsack.to_vote,
    BallotType.RANKED: ranked.to_vote,
}


def check_ballot(papers: Mapping[int, Paper], choices: Mapping[int, Sequence[int]]) -> None:
    """One list of choices for each of the voter's papers, and nothing else; keys are allocation numbers.

    A paper left blank is an empty list, never a missing key. Raises InvalidBallot with the first problem.
    """
    for allocation in sorted(choices.keys() - papers.keys()):
        raise InvalidBallot(Problem.UNKNOWN_ALLOCATION, allocation=allocation)
    for allocation, paper in sorted(papers.items()):
        if allocation not in choices:
            raise InvalidBallot(Problem.MISSING_ALLOCATION, allocation=allocation)
        try:
            CHECKS[paper.type](paper, choices[allocation])
        except InvalidBallot as error:
            error.allocation = allocation
            raise


def to_vote(ballot_type: BallotType, choices: Sequence[int]) -> tuple[str, ...]:
    """One paper's choices as the project ids that `tally` counts."""
    return VOTES[ballot_type](choices)


def canonical_choices(papers: Mapping[int, Paper], choices: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """A checked ballot as it is sealed and later published: in ballot order wherever order means nothing.

    Otherwise the published list would show in which order each voter's page listed the projects.
    """
    return {
        allocation: [int(project) for project in to_vote(paper.type, choices[allocation])]
        for allocation, paper in papers.items()
    }
