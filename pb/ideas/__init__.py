"""Residents propose; staff publish or refuse with a public reason."""
