"""A round: its phases, allocations and rules, and the act that confirms the ballot."""
