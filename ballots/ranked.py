"""Ranked: the voter puts projects in order, best first."""

from collections.abc import Sequence

from ballots.types import Paper, check_choices


def check_ranked(paper: Paper, choices: Sequence[int]) -> None:
    """An order of at most `max_choices` projects, each once; none is a blank ballot. Or InvalidBallot."""
    check_choices(paper, choices)


def to_vote(choices: Sequence[int]) -> tuple[str, ...]:
    """The projects, best first, as the ids `tally` counts."""
    return tuple(str(number) for number in choices)
