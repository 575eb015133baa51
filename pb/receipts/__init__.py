"""What a voter holds after the cast: the vote is in, with the proof and the ballot code."""
