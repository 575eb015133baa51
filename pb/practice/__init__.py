"""A ballot to try, in any phase, that nobody counts."""
