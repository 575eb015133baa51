"""Who may vote, by random person reference, and their voting codes."""
