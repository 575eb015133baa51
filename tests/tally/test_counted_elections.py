"""One folder of tests/elections for each question a count has to answer.

A folder holds election.pb, or election.json with ballots as {"a b": voters}, and the part of the outcome that
answers the question in expected.json.
"""

import json
from pathlib import Path

import pytest

from tally import RULES, Election, Profile, Project, Unsupported, count_file, outcome_as_data

ELECTIONS = Path(__file__).parents[1] / "elections"
FOLDERS = sorted(path.parent for path in ELECTIONS.glob("*/expected.json"))


def counted(folder):
    if (folder / "election.pb").exists():
        return outcome_as_data(count_file(folder / "election.pb")[1])
    given = json.loads((folder / "election.json").read_text("utf-8"))
    projects = tuple(Project(id_, cost) for id_, cost in given["projects"].items())
    profile = Profile({tuple(ballot.split()): voters for ballot, voters in given["ballots"].items()})
    return outcome_as_data(RULES[given["rule"]](Election(projects, given["budget"]), profile))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_outcome_is_the_expected_one(folder):
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    if "unsupported" in expected:
        with pytest.raises(Unsupported, match=expected["unsupported"]):
            counted(folder)
    else:
        outcome = counted(folder)
        assert {key: outcome[key] for key in expected} == expected
