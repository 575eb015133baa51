"""Pictures that residents send, re-encoded; each belongs to one thing, an idea for example."""
