"""Residents stand by an idea."""
