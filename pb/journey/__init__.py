"""One idea from its first words to what was built."""
