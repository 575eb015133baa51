"""Knapsack: the voter fills the purse with projects that fit the allocation's money together."""

from collections.abc import Sequence

from ballots.types import InvalidBallot, Paper, Problem, check_choices


def check_knapsack(paper: Paper, choices: Sequence[int]) -> None:
    """Projects, each once, that cost at most `amount` together; none is a blank ballot. Or InvalidBallot."""
    check_choices(paper, choices)
    over = sum(paper.costs[number] for number in choices) - paper.amount
    if choices and over > 0:
        raise InvalidBallot(Problem.OVER_MONEY, over=over)


def to_vote(choices: Sequence[int]) -> tuple[str, ...]:
    """The projects bought as the ids `tally` counts, in ballot order: the order of buying means nothing."""
    return tuple(str(number) for number in sorted(choices))
