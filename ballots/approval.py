"""Approval: the voter ticks projects, in no order."""

from collections.abc import Sequence

from ballots.types import Paper, check_choices


def check_approval(paper: Paper, choices: Sequence[int]) -> None:
    """At most `max_choices` projects, each once; none at all is a blank ballot. Or InvalidBallot."""
    check_choices(paper, choices)


def to_vote(choices: Sequence[int]) -> tuple[str, ...]:
    """The ticked projects as the ids `tally` counts, in ballot order: the order of ticking means nothing."""
    return tuple(str(number) for number in sorted(choices))
