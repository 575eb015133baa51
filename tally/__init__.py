"""Counting for participatory budgeting: exact, without randomness, and usable without the rest of Kukkaro."""

from tally.blt import BltFile, read_blt, write_blt
from tally.csvfile import read_csv, write_csv
from tally.election import Election, Project, ProjectId
from tally.explain import explain
from tally.files import ElectionFile, read_file
from tally.margins import Margin, margins
from tally.measures import Measures, compare, measure
from tally.outcome import Outcome, Round, Step, Tie, Why, outcome_as_data, paid_by
from tally.pabulib import PabulibFile, read_pabulib
from tally.pabulib_writing import pabulib_of, write_pabulib
from tally.profile import Kind, Profile
from tally.rules import RULES, Rule, Unsupported, count
from tally.sections import FileError

__all__ = [
    "RULES",
    "BltFile",
    "Election",
    "ElectionFile",
    "FileError",
    "Kind",
    "Margin",
    "Measures",
    "Outcome",
    "PabulibFile",
    "Profile",
    "Project",
    "ProjectId",
    "Round",
    "Rule",
    "Step",
    "Tie",
    "Unsupported",
    "Why",
    "compare",
    "count",
    "explain",
    "margins",
    "measure",
    "outcome_as_data",
    "pabulib_of",
    "paid_by",
    "read_blt",
    "read_csv",
    "read_file",
    "read_pabulib",
    "write_blt",
    "write_csv",
    "write_pabulib",
]
