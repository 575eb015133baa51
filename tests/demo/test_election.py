"""`pb election`: every ballot of a file goes through the box, and the published winners come out."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from tests.processes import ROOT, run_pb

SHARED = ROOT.parent / "shared" / "data" / "pabulib"
HEAD = """META
key;value
description;Kylän kierros
unit;Kylä
currency;EUR
num_projects;4
num_votes;20
budget;1000
rule;greedy
vote_type;approval
PROJECTS
project_id;cost;votes;name;selected
a;600;14;Kiosk;{a}
b;500;9;Path;{b}
c;300;8;Bench;1
d;100;2;Sign;1
VOTES
voter_id;vote
"""
VOTES = ["a,b"] * 5 + ["a,c"] * 8 + ["b,d"] * 2 + ["b"] * 2 + ["a"] + [""] * 2
TOWN = HEAD + "".join(f"{n};{vote}\n" for n, vote in enumerate(VOTES, start=1))
RIGHT, WRONG = TOWN.format(a=1, b=0), TOWN.format(a=0, b=1)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the file, the report and the secrets are."""
    path = Path(tempfile.mkdtemp(prefix="kukkaro-test-"))
    yield path
    shutil.rmtree(path)


def hold(folder: Path, database: str, text: str) -> tuple[int, str]:
    (folder / "town.pb").write_text(text, "utf-8")
    words = ["election", str(folder / "town.pb"), "--out", str(folder / "town.pdf")]
    return run_pb(folder, *words, database_url=database)


async def test_the_published_winners_come_out_with_a_report(folder, database):
    status, said = hold(folder, database, RIGHT)
    assert status == 0, said
    assert said.splitlines()[1:] == [
        "cast 20 ballots through the box",
        "counted 20 ballots: 3 projects funded, €1,000 used: a, c, d",
        f"report: {folder}/town.pdf",
        "The 3 winners equal the file's published ones.",
    ]
    with pikepdf.open(folder / "town.pdf") as report:
        assert str(report.Root.Lang) == "en"


async def test_other_winners_than_the_published_ones_are_named(folder, database):
    status, said = hold(folder, database, WRONG)
    assert (status, said.splitlines()[-1]) == (1, "The winners DIFFER from the file's published ones: a, b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RIGHT[: RIGHT.index("VOTES\n")], "town.pb, line 16: expected the section VOTES, found the end of the file."),
        (RIGHT.replace("b,d", "b,x", 1), "town.pb, line 32: "),
        (RIGHT.replace("greedy", "equalshares"), "town.pb: The rule 'equalshares' is not supported yet"),
    ],
)
async def test_a_bad_file_is_refused_before_anything_is_made(folder, text, words):
    status, said = hold(folder, "postgresql://nobody@127.0.0.1:1/nowhere", text)
    assert (status, len(said.splitlines())) == (1, 1)
    assert words in said


@pytest.mark.skipif(not SHARED.exists(), reason=f"no real elections in {SHARED}")
@pytest.mark.parametrize("name", ["Wesola", "Rembertow"])
async def test_a_real_election(folder, database, name):
    file = SHARED / f"Poland_Warszawa_2022_{name}.pb"
    status, said = run_pb(folder, "election", str(file), "--out", str(folder / "out.pdf"), database_url=database)
    assert status == 0, said
    assert "winners equal the file's published ones" in said
    assert (folder / "out.pdf").stat().st_size > 10_000
