"""Confirming the ballot: what is frozen, and what may still be amended."""
