"""Forgetting a round: its envelopes and keys are destroyed, its result stays."""
