"""Counts, publication and the report."""
