"""The rules by name, and which of them counts a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tally.election import Election, Outcome, Profile
from tally.greedy import greedy
from tally.pabulib import PabulibFile, read_pabulib
from tally.runoff import instant_runoff
from tally.sections import excerpt

RULES: dict[str, Callable[[Election, Profile], Outcome]] = {
    "greedy": greedy,
    "instant-runoff": instant_runoff,
}
FILE_RULES = {"greedy": greedy}
VOTE_TYPES = ("approval", "choose-1", "knapsack")


class Unsupported(ValueError):
    """A well-formed file that asks for a count we do not have; the sentence says which."""


def count_file(path: Path) -> tuple[PabulibFile, Outcome]:
    """Read a `.pb` file and count it by its own rule. Raises PabulibError, or Unsupported."""
    file = read_pabulib(path)
    if file.rule not in FILE_RULES:
        known = ", ".join(FILE_RULES)
        raise Unsupported(f"The rule {excerpt(file.rule)} is not supported yet, only {known}.")
    if file.vote_type not in VOTE_TYPES:
        known = ", ".join(VOTE_TYPES)
        raise Unsupported(f"Votes of the type {excerpt(file.vote_type)} are not supported yet, only {known}.")
    return file, FILE_RULES[file.rule](file.election, file.profile)
