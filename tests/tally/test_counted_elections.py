"""One folder of tests/elections for each question a count has to answer.

A folder holds election.pb, or election.json with ballots as {"a b": voters}, and the part of the outcome that
answers the question in expected.json.
"""

import json
from pathlib import Path

import pytest

from tally import RULES, Election, Kind, Profile, Project, count, outcome_as_data, read_file

ELECTIONS = Path(__file__).parents[1] / "elections"
FOLDERS = sorted(path.parent for path in ELECTIONS.glob("*/expected.json"))


def counted(folder):
    if (folder / "election.pb").exists():
        file = read_file(folder / "election.pb")
        return outcome_as_data(count(file.election, file.profile, file.rule))
    given = json.loads((folder / "election.json").read_text("utf-8"))
    projects = tuple(Project(id_, cost) for id_, cost in given["projects"].items())
    kind = Kind.RANKED if Kind.RANKED in RULES[given["rule"]].kinds else Kind.APPROVAL
    profile = Profile.counted({tuple(ballot.split()): voters for ballot, voters in given["ballots"].items()}, kind)
    return outcome_as_data(count(Election(projects, given["budget"]), profile, given["rule"]))


def as_told(outcome, expected):
    """The outcome cut down to what is expected to be said."""
    if isinstance(expected, dict):
        return {key: as_told(outcome[key], expected[key]) for key in expected}
    if isinstance(expected, list) and len(outcome) == len(expected):
        return [as_told(*pair) for pair in zip(outcome, expected, strict=True)]
    return outcome


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_outcome_is_the_expected_one(folder):
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    assert as_told(counted(folder), expected) == expected


def test_the_winners_of_assen_are_those_the_file_names():
    file = read_file(ELECTIONS / "assen_2024" / "election.pb")
    assert set(counted(ELECTIONS / "assen_2024")["winners"]) == file.selected
