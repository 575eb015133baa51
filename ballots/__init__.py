"""What a ballot is: papers and their limits, the sealed envelope, the box. Knows no person and no web."""

from ballots.check import canonical_choices, check_ballot, to_vote
from ballots.types import BallotType, InvalidBallot, Paper, Problem, Unreadable

__all__ = [
    "BallotType",
    "InvalidBallot",
    "Paper",
    "Problem",
    "Unreadable",
    "canonical_choices",
    "check_ballot",
    "to_vote",
]
