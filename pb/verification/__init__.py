"""Checking a bundle without database and network."""
