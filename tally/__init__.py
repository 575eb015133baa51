"""Counting for participatory budgeting: exact, without randomness, and usable without the rest of Kukkaro."""

from tally.election import (
    Election,
    Outcome,
    Profile,
    Project,
    ProjectId,
    Round,
    Step,
    Tie,
    outcome_as_data,
)
from tally.greedy import greedy
from tally.pabulib import PabulibFile, read_pabulib
from tally.rules import RULES, Unsupported, count_file
from tally.runoff import instant_runoff
from tally.sections import PabulibError

__all__ = [
    "RULES",
    "Election",
    "Outcome",
    "PabulibError",
    "PabulibFile",
    "Profile",
    "Project",
    "ProjectId",
    "Round",
    "Step",
    "Tie",
    "Unsupported",
    "count_file",
    "greedy",
    "instant_runoff",
    "outcome_as_data",
    "read_pabulib",
]
