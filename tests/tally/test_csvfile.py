"""The table for spreadsheets: what is written is read again, and every malformed file is refused with its line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.csvfile import read_csv, write_csv
from tally.election import Election, Project
from tally.profile import Kind, Profile
from tally.sections import FileError

GOOD = """\
type,ranked
budget,1000.00
min_votes,20
part_funding,yes
max_length,2
project,park,path,pier
title,Old park,"Path, ""lit""
and wide",
area,North,North,South
group,,a,a
cost,900.00,400.00,250.50
12,1,2,
3,,,
1,2,,1
12,1,2,
"""
ELECTION = Election(
    (
        Project("park", 90000, "Old park", "North"),
        Project("path", 40000, 'Path, "lit"\nand wide', "North", "a"),
        Project("pier", 25050, "", "South", "a"),
    ),
    100000,
    min_votes=20,
    part_funding=True,
    max_length=2,
)
BALLOTS = {("park", "path"): 24, (): 3, ("pier", "park"): 1}


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "town.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_csv(path)

    return read


def test_the_election_and_its_ballots_are_read(read):
    election, profile = read(GOOD)
    assert election == ELECTION
    assert (profile.kind, profile.ids, profile.ballots) == (Kind.RANKED, ELECTION.ids, BALLOTS)


def padded(text):
    """As a spreadsheet saves it: every row as wide as the widest, an empty row between."""
    return re.sub(r"^(type|budget|min_votes|part_funding|max_length),(\w+)(\.00)?$", r"\1,\2,,", text, flags=re.M)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n").replace("\r\nand", "\nand"),
        GOOD.rstrip("\n"),
        padded(GOOD) + ",,,\n\n",
        "".join([*GOOD.splitlines(keepends=True)[1:6], "type,ranked\n", *GOOD.splitlines(keepends=True)[6:]]),
    ],
    ids=["BOM", "CRLF", "no last line break", "padded", "another order of the head"],
)
def test_what_spreadsheets_change_does_not_matter(read, text):
    election, profile = read(text)
    assert (election, profile.ballots) == (ELECTION, BALLOTS)


BAD = {
    "empty": (GOOD, "", 1, "a row of type before the ballots"),
    "no cost": ("cost,900.00,400.00,250.50\n", "", 11, "a row of cost before the ballots"),
    "an unknown row": ("area,", "place,", 9, "cost, area, group or a number of voters in the first column, found 'pl"),
    "a row twice": ("area,", "title,", 9, "found 'title'"),
    "a head row after a ballot": ("1,2,,1", "area,N,N,N", 14, "expected a number of voters in the first column"),
    "another type": ("ranked", "cumulative", 1, "a type among approval, points, ranked, found 'cumulative'"),
    "no type": ("type,ranked", "type,", 1, "found ''"),
    "a type without a cell": ("type,ranked", "type", 1, "1 cells after the first, found 0"),
    "a budget below 0": ("1000.00", "-1.00", 2, "an amount in whole cents, 0 or more"),
    "a thousandth": ("1000.00", "1000.001", 2, "such as 900.00, found '1000.001'"),
    "two budgets": ("1000.00", "1000.00,5", 2, "1 cells after the first, found 2"),
    "half a vote": ("min_votes,20", "min_votes,20.5", 3, "a whole number as min_votes, found '20.5'"),
    "some part funding": ("yes", "maybe", 4, "yes or no as part_funding, found 'maybe'"),
    "an absurd length": ("max_length,2", "max_length," + "2" * 5000, 5, "a whole number as max_length"),
    "a project twice": ("park,path", "park,park", 6, "each project in one column"),
    "a title too many": ("South", "South,East", 9, "3 cells after the first, found 4"),
    "a cost too few": ("900.00,", "", 11, "3 cells after the first, found 2"),
    "a cost of nothing": ("900.00", "0.00", 11, "an amount in whole cents, above 0, such as 900.00, found '0.00'"),
    "a cost with a comma": ("900.00", '"900,00"', 11, "found '900,00'"),
    "a row cut short": ("12,1,2,\n3", "12,1,2\n3", 12, "3 cells after the first, found 2"),
    "no voters": ("3,,,", "0,,,", 13, "at least one voter, found 0"),
    "voters below 0": ("3,,,", "-3,,,", 13, "found '-3'"),
    "a ballot without voters": ("3,,,", ",1,,", 13, "found ''"),
    "a rank in words": ("1,2,,1", "1,2,,first", 14, "a whole number or nothing for each project, found 'first'"),
    "a rank twice": ("1,2,,1", "1,1,,1", 14, "the ranks 1, 2, … once each, found '1, 1'"),
    "a rank skipped": ("1,2,,1", "1,3,,1", 14, "the ranks 1, 2, … once each, found '3, 1'"),
    "semicolons": (GOOD, GOOD.replace(",", ";"), 1, "found 'type;ranked'"),
    "a quote that never ends": ("Old park", '"Old park', 7, "rows of comma-separated cells"),
    "NUL": ("Old", "O\0d", 7, "text without NUL characters"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_malformed_file_is_refused_with_file_and_line(read, tmp_path, fault):
    old, new, line, expected = BAD[fault]
    assert old in GOOD
    with pytest.raises(FileError, match=re.escape(expected)) as caught:
        read(GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'town.csv'}, line {line}: expected ")


def test_an_approval_is_a_1(read):
    text = GOOD.replace("ranked", "approval").replace("12,1,2,", "12,1,1,").replace("1,2,,1", "1,1,,1")
    assert read(text)[1].ballots == {("park", "path"): 24, (): 3, ("park", "pier"): 1}
    with pytest.raises(FileError, match="expected 1 or nothing for each project, found '2'"):
        read(GOOD.replace("ranked", "approval"))


def test_no_points_are_not_the_same_as_no_vote(read):
    text = GOOD.replace("ranked", "points").replace("1,2,,1", "1,0,,7")
    assert read(text)[1].ballots[(("park", 0), ("pier", 7))] == 1


TEXTS = st.text(st.one_of(st.sampled_from('",;\r\n= '), st.characters(exclude_categories=["Cs"])), max_size=5).map(
    lambda text: text.replace("\0", "")
)
COUNTS = st.integers(1, 10**6)


@st.composite
def tables(draw):
    ids = draw(st.lists(TEXTS, max_size=4, unique=True))
    projects = tuple(Project(id_, draw(st.integers(1, 10**9)), *draw(st.tuples(TEXTS, TEXTS, TEXTS))) for id_ in ids)
    election = Election(
        projects,
        draw(st.integers(0, 10**12)),
        draw(st.integers(0, 3)),
        draw(st.booleans()),
        draw(st.none() | st.integers(0, 4)),
    )
    kind = draw(st.sampled_from(Kind))
    ballot = st.permutations(ids).flatmap(lambda order: st.integers(0, len(ids)).map(lambda n: tuple(order[:n])))
    if kind is Kind.POINTS:
        ballot = st.dictionaries(st.sampled_from(ids), st.integers(0, 99)).map(dict.items).map(tuple) if ids else ballot
    return election, Profile.counted(draw(st.dictionaries(ballot, COUNTS, max_size=5)), kind)


@given(table=tables())
def test_what_is_written_is_read_again(tmp_path_factory, table):
    path = tmp_path_factory.getbasetemp() / "again.csv"
    write_csv(*table, path)
    election, profile = read_csv(path)
    assert (election, profile.kind, profile.ballots) == (table[0], table[1].kind, table[1].ballots)


def test_the_file_is_as_described(tmp_path):
    write_csv(ELECTION, Profile.counted(BALLOTS, Kind.RANKED), tmp_path / "town.csv")
    written = (tmp_path / "town.csv").read_bytes().decode("utf-8-sig")
    expected = GOOD.replace("12,1,2,\n", "24,1,2,\n", 1).removesuffix("12,1,2,\n")
    assert written.replace("\r\n", "\n") == expected


def test_terms_that_are_not_set_and_empty_rows_are_left_out(tmp_path):
    write_csv(Election((Project("a", 5),), 7), Profile.of([("a",)]), tmp_path / "town.csv")
    written = (tmp_path / "town.csv").read_text(encoding="utf-8-sig")
    assert written.split() == ["type,approval", "budget,0.07", "project,a", "cost,0.05", "1,1"]


def test_what_a_table_cannot_hold_is_not_written(tmp_path):
    path = tmp_path / "town.csv"
    for title in ("a\0b", "\ud800"):
        with pytest.raises(ValueError, match=r"NUL|surrogates"):
            write_csv(Election((Project("a", 1, title),), 1), Profile.of([]), path)
    with pytest.raises(ValueError, match="unknown projects: b"):
        write_csv(Election((Project("a", 1),), 1), Profile.of([("b",)]), path)
    assert not path.exists()
