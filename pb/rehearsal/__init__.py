"""The rehearsal deck: made-up ballots of a known outcome, opened before the real ones and never counted."""
