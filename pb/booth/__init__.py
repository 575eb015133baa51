"""Where a voter's requests happen: who comes in with which code, and what their browser keeps of it."""
