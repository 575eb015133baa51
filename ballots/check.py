"""A voter's whole ballot: one paper for each allocation they vote on. A new ballot type is entered here."""

from collections.abc import Mapping, Sequence

from ballots.types import BallotType, InvalidBallot, Paper, Problem

Papers = Mapping[int, Paper]  # a voter's, by allocation number


def check_choices(paper: Paper, choices: Sequence[int]) -> None:
    """Projects of this paper, each once, within its limits; none at all is a blank ballot. Or InvalidBallot.

    Every type has at most `max_choices`. A knapsack's projects cost at most `amount` together. A ranked ballot goes
    from the best down; in any other the order means nothing.
    """
    for position, number in enumerate(choices):
        if number not in paper.costs:
            raise InvalidBallot(Problem.UNKNOWN_PROJECT, number=number)
        if number in choices[:position]:
            raise InvalidBallot(Problem.REPEATED_PROJECT, number=number)
    if paper.max_choices is not None and len(choices) > paper.max_choices:
        raise InvalidBallot(Problem.TOO_MANY, over=len(choices) - paper.max_choices)
    over = sum(paper.costs[number] for number in choices) - paper.amount
    if paper.type is BallotType.KNAPSACK and choices and over > 0:
        raise InvalidBallot(Problem.OVER_MONEY, over=over)


def check_ballot(papers: Papers, choices: Mapping[int, Sequence[int]]) -> None:
    """One list of choices for each of the voter's papers, and nothing else; keys are allocation numbers.

    A paper left blank is an empty list, never a missing key. Raises InvalidBallot with the first problem.
    """
    for allocation in sorted(choices.keys() - papers.keys()):
        raise InvalidBallot(Problem.UNKNOWN_ALLOCATION, allocation=allocation)
    for allocation, paper in sorted(papers.items()):
        if allocation not in choices:
            raise InvalidBallot(Problem.MISSING_ALLOCATION, allocation=allocation)
        try:
            check_choices(paper, choices[allocation])
        except InvalidBallot as error:
            error.allocation = allocation
            raise


def to_vote(ballot_type: BallotType, choices: Sequence[int]) -> tuple[str, ...]:
    """One paper's choices as the project ids that `tally` counts; in ballot order wherever order means nothing."""
    return tuple(map(str, choices if ballot_type is BallotType.RANKED else sorted(choices)))


def canonical_choices(papers: Papers, choices: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """A checked ballot as it is sealed and later published.

    In ballot order wherever order means nothing: else the list would show how each voter's page listed the projects.
    """
    return {
        allocation: [int(project) for project in to_vote(paper.type, choices[allocation])]
        for allocation, paper in papers.items()
    }
