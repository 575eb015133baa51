"""Accounts and sign-in by a one-time link."""
