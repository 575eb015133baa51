"""A voter's whole ballot: one paper for each allocation they vote on. A new ballot type is entered here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ballots.types import BallotType, InvalidBallot, Paper, Problem

Papers = Mapping[int, Paper]  # a voter's, by allocation number


def check_choices(paper: Paper, choices: Sequence[int]) -> None:
    """Projects of this paper, within its limits; none at all is a blank ballot. Or InvalidBallot.

    Every type has at most `max_choices`, and each project once, or on a points paper once for each of its points.
    A knapsack's projects cost at most `amount` together. A ranked ballot goes from the best down; in any other the
    order means nothing.
    """
    for number, times in Counter(choices).items():
        if number not in paper.costs:
            raise InvalidBallot(Problem.UNKNOWN_PROJECT, number=number)
        if times > paper.most_each:
            raise InvalidBallot(Problem.REPEATED_PROJECT, number=number, over=times - paper.most_each)
    if paper.max_choices is not None and len(choices) > paper.max_choices:
        raise InvalidBallot(Problem.TOO_MANY, over=len(choices) - paper.max_choices)
    over = sum(paper.costs[number] for number in choices) - paper.amount
    if paper.type is BallotType.KNAPSACK and choices and over > 0:
        raise InvalidBallot(Problem.OVER_MONEY, over=over)


def check_ballot(papers: Papers, choices: Mapping[int, Sequence[int]]) -> None:
    """One list of choices for each of the voter's papers, and nothing else; keys are allocation numbers.

    A paper left blank is an empty list, never a missing key. Raises InvalidBallot with the first problem.
    """
    for allocation in sorted(choices.keys() ^ papers.keys()):
        raise InvalidBallot(Problem.OTHER_PAPERS, allocation=allocation)
    for allocation, paper in sorted(papers.items()):
        try:
            check_choices(paper, choices[allocation])
        except InvalidBallot as error:
            error.allocation = allocation
            raise


def in_order(ballot_type: BallotType, choices: Sequence[int]) -> list[int]:
    """In ballot order wherever order means nothing: else it would show how the voter's page listed the projects."""
    return list(choices) if ballot_type is BallotType.RANKED else sorted(choices)


def to_vote(ballot_type: BallotType, choices: Sequence[int]) -> tuple[Any, ...]:
    """One paper's choices as `tally` counts them: project ids, or on a points paper pairs of id and points."""
    ids = map(str, in_order(ballot_type, choices))
    return tuple(Counter(ids).items() if ballot_type is BallotType.POINTS else ids)


def canonical_choices(papers: Papers, choices: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """A checked ballot as it is sealed and later published."""
    return {allocation: in_order(paper.type, choices[allocation]) for allocation, paper in papers.items()}
