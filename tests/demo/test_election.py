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


POINTS = RIGHT.replace("approval", "cumulative").replace("voter_id;vote\n", "voter_id;vote;points\n").split("1;a,b")[0]
POINTS = POINTS.replace("num_votes;20", "num_votes;1") + "1;a;3\n"
for stated in ("600;14", "500;9", "300;8", "100;2"):
    POINTS = POINTS.replace(stated, stated.split(";")[0] + ";" + ("1" if stated == "600;14" else "0"))


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
        (RIGHT.replace("greedy", "secret"), "town.pb: The rule 'secret' is not one we know"),
        (RIGHT.replace("greedy", "equalshares-comparison"), "The rule equal-shares/comparison cannot be held."),
        (RIGHT.replace("greedy", "greedy-threshold"), "needs a minimum of votes"),
        (POINTS.replace("greedy", "phragmen"), "The rule phragmen cannot be held with points"),
    ],
)
async def test_a_bad_file_is_refused_before_anything_is_made(folder, text, words):
    status, said = hold(folder, "postgresql://nobody@127.0.0.1:1/nowhere", text)
    assert (status, len(said.splitlines())) == (1, 1)
    assert words in said


NOBODY_VOTED = TOWN.replace("num_votes;20", "num_votes;0").split("1;a,b")[0]
for votes in ("600;14", "500;9", "300;8", "100;2"):
    NOBODY_VOTED = NOBODY_VOTED.replace(votes, votes.split(";")[0] + ";0")
HELD = {
    "a currency in small letters": (RIGHT.replace("EUR", "pln"), "PLN1,000 used"),
    "a currency that is no code": (RIGHT.replace("EUR", "zł"), "3 projects funded, 1,000 used"),
    "a currency of other letters": (RIGHT.replace("EUR", "ÄÖÅ"), "3 projects funded, 1,000 used"),
    "no currency": (RIGHT.replace("currency;EUR\n", ""), "3 projects funded, 1,000 used"),
    "more choices than a paper allows": (RIGHT.replace("rule;", "max_length;5000\nrule;"), "counted 20 ballots"),
    "no votes": (NOBODY_VOTED.format(a=1, b=0), "counted 0 ballots: 3 projects funded"),
    "no votes and no choices": (
        NOBODY_VOTED.format(a=1, b=0).replace("rule;", "max_length;0\nrule;"),
        "counted 0 ballots",
    ),
    "names empty, long or of two lines": (
        RIGHT.replace("Kiosk", "")
        .replace("Path", "P" * 201)
        .replace("Bench", '"Ben\nch"')
        .replace("Kylä\n", "\u200b\n"),
        "counted 20 ballots",
    ),
}


@pytest.mark.parametrize("case", HELD)
async def test_whatever_can_be_counted_is_held(folder, database, case):
    text, words = HELD[case]
    status, said = hold(folder, database, text)
    assert (status, said.splitlines()[-1]) == (0, "The 3 winners equal the file's published ones.")
    assert words in said
    assert (folder / "town.pdf").stat().st_size > 10_000


OTHER_RULES = {
    "by equal shares": RIGHT.replace("greedy", "equalshares/add1").replace("Bench;1", "Bench;0"),
    "with a minimum": RIGHT.replace("greedy", "greedy-threshold\nmin_project_score_threshold;3").replace(
        "Sign;1", "Sign;0"
    ),
    "by rank": RIGHT.replace("approval", "ordinal"),
    "with points": POINTS.format(a=1, b=0),
}


@pytest.mark.parametrize("case", OTHER_RULES)
async def test_an_election_is_held_by_the_rule_its_file_names(folder, database, case):
    status, said = hold(folder, database, OTHER_RULES[case])
    assert status == 0, said
    assert "winners equal the file's published ones." in said


NOT_HELD = {
    "no money": (RIGHT.replace("budget;1000", "budget;0"), "The budget is 0, so there is nothing to vote on."),
    "a project dearer than the money": (RIGHT.replace("a;600", "a;1001"), "Kiosk costs more than its allocation has."),
    "no projects": (
        NOBODY_VOTED.replace("num_projects;4", "num_projects;0").split("a;600")[0] + "VOTES\nvoter_id;vote\n",
        "Kylä: no project is on the ballot.",
    ),
}


@pytest.mark.parametrize("case", NOT_HELD)
async def test_what_cannot_be_held_is_refused_in_one_sentence(folder, database, case):
    text, words = NOT_HELD[case]
    assert hold(folder, database, text) == (1, f"{folder}/town.pb: {words}")


@pytest.mark.skipif(not SHARED.exists(), reason=f"too large for the repository: no real elections in {SHARED}")
@pytest.mark.parametrize("name", ["Wesola", "Rembertow"])
async def test_a_real_election(folder, database, name):
    file = SHARED / f"Poland_Warszawa_2022_{name}.pb"
    status, said = run_pb(folder, "election", str(file), "--out", str(folder / "out.pdf"), database_url=database)
    assert status == 0, said
    assert "winners equal the file's published ones" in said
    assert (folder / "out.pdf").stat().st_size > 10_000
