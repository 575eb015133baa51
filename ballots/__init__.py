"""What a ballot is: papers and their limits, the sealed envelope, the box. Knows no person and no web."""

from ballots.check import canonical_choices, check_ballot, to_vote

__all__ = ["canonical_choices", "check_ballot", "to_vote"]
