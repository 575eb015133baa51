"""The public bundle: everything about a counted round in one file."""
