"""Reading `.pb`: what is kept, and that every malformed file is refused with file and line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import FileError, Kind, Project, read_pabulib
from tally.pabulib import whole_cents

GOOD = """\
META
key;value
description;Piha "ja" puisto
num_projects;3
num_votes;4
budget;1000.50
vote_type;approval
rule;greedy
min_length;1
max_length;2
currency;EUR
PROJECTS
project_id;cost;votes;name;selected
1;600;2;"Penkki; ja pöytä";1
2;400.51;2;"Kaksi
riviä";0
3;100.00;1;Kukat;2
VOTES
voter_id;age;vote
a;20;1,2
b;;2
c;;3,1
d;90;
"""


POINTS = """\
META
key;value
num_projects;3
num_votes;4
budget;10
vote_type;cumulative
rule;greedy
min_points;1
max_points;6
min_sum_points;5
max_sum_points;9
PROJECTS
project_id;cost;votes;score
x;1;2;7
y;2;2;9
z;3;1;3
VOTES
voter_id;vote;points
a;x,y;5,4
b;y;5
c;z,x;3,2
d;;
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "town.pb"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_pabulib(path)

    return read


def test_everything_a_count_needs_is_kept(read):
    file = read(GOOD)
    assert file.election.budget == 100050
    assert file.election.projects == (
        Project("1", 60000, "Penkki; ja pöytä"),
        Project("2", 40051, "Kaksi\nriviä"),
        Project("3", 10000, "Kukat"),
    )
    assert file.profile.ballots == {("1", "2"): 1, ("2",): 1, ("1", "3"): 1, (): 1}
    assert (file.selected, file.has_selected) == (("1",), True)
    assert (file.vote_type, file.rule, file.currency) == ("approval", "greedy", "EUR")
    assert file.meta["description"] == 'Piha "ja" puisto'
    assert file.titles["3"] == "Kukat"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n").replace("Kaksi\r\nriviä", "Kaksi\nriviä"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD.replace("VOTES", "\nVOTES\n") + "\n\n",
    ],
    ids=["CRLF", "BOM", "no last line break", "empty lines"],
)
def test_line_breaks_and_byte_order_marks_change_nothing(read, text):
    assert told(read(text)) == told(read(GOOD))


def told(file):
    """All that a file says, to be compared."""
    said = (file.meta, file.election, file.selected, file.has_selected, file.projects, file.voters)
    return *said, file.profile.kind, file.profile.ballots


def test_points_stand_beside_the_projects(read):
    file = read(POINTS)
    assert file.profile.kind is Kind.POINTS
    assert file.profile.ballots == {(("x", 5), ("y", 4)): 1, (("y", 5),): 1, (("x", 2), ("z", 3)): 1, (): 1}
    assert (file.profile.votes.tolist(), file.profile.supporters.tolist()) == ([7, 9, 3], [2, 2, 1])


def test_no_points_are_no_support(read):
    text = POINTS.replace("min_points;1", "min_points;0").replace("b;y;5", "b;y,z;5,0")
    assert read(text).profile.supporters.tolist() == [2, 2, 1]


def test_voters_are_kept_only_when_asked_for(read, tmp_path):
    file = read(GOOD)
    kept = read_pabulib(tmp_path / "town.pb", keep_voters=True)
    assert told(file)[:5] == told(kept)[:5]
    assert file.voters is None
    assert kept.voters.columns == ("voter_id", "age", "vote")
    assert kept.voters.rows == (("a", "20", "1,2"), ("b", "", "2"), ("c", "", "3,1"), ("d", "90", ""))
    assert kept.projects.rows[0] == ("1", "600", "2", "Penkki; ja pöytä", "1")


def test_a_minimum_of_votes_and_an_area_are_kept(read):
    text = GOOD.replace("min_length;1", "min_project_score_threshold;2").replace(";votes;name;", ";neighborhood;name;")
    election = read(text.replace("1;600;2;", "1;600;Keskusta;").replace("3;100.00;1;", "3;100.00;;")).election
    assert election.min_votes == 2
    assert [project.area for project in election.projects] == ["Keskusta", "2", ""]


def test_one_voter_without_an_id_is_read_and_a_row_of_blanks_is_not(read):
    assert read(GOOD.replace("d;90;", ";90;").replace("b;;2", "b;;2\n ;;\n\u00a0; ;")).profile.voters == 4
    with pytest.raises(FileError, match="each voter once, found ''") as caught:
        read(GOOD.replace("d;90;", ";90;").replace("b;;2", ";;2"))
    assert caught.value.line == 23


def test_ordinal_votes_keep_their_order(read):
    file = read(GOOD.replace("approval", "ordinal"))
    assert ("3", "1") in file.profile.ballots


def test_a_file_without_selected_says_so(read):
    file = read(GOOD.replace(";selected", ";chosen"))
    assert (file.selected, file.has_selected) == ((), False)


BAD = {
    "empty": (GOOD, "", 1, "section META, found the end"),
    "no META": ("META\n", "", 1, "section META"),
    "comma as delimiter": (";", ",", 2, "header of META"),
    "no header of META": ("key;value\n", "", 2, "columns key, value"),
    "meta with three fields": ("rule;greedy", "rule;greedy;", 8, "2 fields"),
    "key twice": ("rule;greedy", "budget;5", 8, "each key once, found 'budget'"),
    "no budget": ("budget;1000.50\n", "", 11, "META to give budget"),
    "empty budget": ("1000.50", "", 6, "META to give budget"),
    "no num_votes": ("num_votes;4\n", "", 11, "META to give num_votes"),
    "negative budget": ("1000.50", "-1", 6, "a budget"),
    "budget with a thousandth": ("1000.50", "1000.501", 6, "found '1000.501'"),
    "budget in words": ("1000.50", "tuhat", 6, "found 'tuhat'"),
    "num_projects not a number": ("num_projects;3", "num_projects;many", 4, "found 'many'"),
    "num_projects too high": ("num_projects;3", "num_projects;4", 18, "num_projects in line 4 says"),
    "num_votes too high": ("num_votes;4", "num_votes;5", 23, "5 rows here, as num_votes in line 5 says"),
    "num_votes too low": ("num_votes;4", "num_votes;3", 23, "3 rows here"),
    "no PROJECTS": ("PROJECTS\n", "", 12, "2 fields"),
    "no VOTES": ("VOTES\n", "", 18, "5 fields"),
    "VOTES twice": ("c;;3,1", "VOTES", 22, "the end of the file, found 'VOTES'"),
    "META after PROJECTS": ("VOTES\n", "META\nkey;value\n", 18, "section VOTES, found 'META'"),
    "no cost column": ("project_id;cost", "project_id;price", 13, "columns project_id, cost"),
    "column twice": ("votes;name", "votes;votes", 13, "header of PROJECTS"),
    "no vote column": ("age;vote", "age;choice", 19, "columns voter_id, vote"),
    "project twice": ("3;100", "1;100", 17, "each project once, found '1'"),
    "project without id": ("3;100", ";100", 17, "a project_id"),
    "project id with a comma": ("3;100", '"3,4";100', 17, "a project_id without commas"),
    "cost of zero": ("100.00", "0.00", 17, "a cost in whole cents, above 0 and of at most 12 digits, found '0.00'"),
    "negative cost": ("100.00", "-100", 17, "found '-100'"),
    "cost NaN": ("100.00", "NaN", 17, "found 'NaN'"),
    "cost infinite": ("100.00", "inf", 17, "found 'inf'"),
    "cost with exponent": ("100.00", "1e2", 17, "found '1e2'"),
    "cost with decimal comma": ("100.00", "100,00", 17, "found '100,00'"),
    "cost empty": ("100.00", "", 17, "found ''"),
    "cost in other digits": ("100.00", "\u0661", 17, "found '\u0661'"),
    "votes not a number": ("600;2", "600;two", 14, "a whole number of votes, found 'two'"),
    "votes that disagree": ("600;2", "600;3", 14, "2 votes for '1' as VOTES has, found 3"),
    "project with too few fields": (";Kukat;2", ";Kukat", 17, "5 fields as in the header, found 4"),
    "vote with too many fields": ("b;;2", "b;;2;1", 21, "3 fields as in the header, found 4"),
    "vote for an unknown project": ("b;;2", "b;;7", 21, "listed projects, found '7'"),
    "vote that ends in a comma": ("b;;2", "b;;2,", 21, "listed projects, found ''"),
    "project twice in a vote": ("3,1", "3,3", 22, "each project once in a vote, found '3,3'"),
    "voter twice": ("b;;2", "a;;2", 21, "each voter once, found 'a'"),
    "too long a vote": ("3,1", "3,1,2", 22, "at most 2 of the projects in a vote, found 3"),
    "too short a vote": ("min_length;1", "min_length;2", 21, "at least 2 of the projects in a vote, found 1"),
    "two choices of one": ("approval", "choose-1", 20, "at most 1 of the projects in a vote, found 2"),
    "max_length not a number": ("max_length;2", "max_length;two", 10, "a whole number as max_length"),
    "quote that never ends": ("b;;2", 'b;;"2', 21, "listed projects"),
    "NUL in META": ("puisto", "pui\0sto", 3, "text without NUL characters"),
    "NUL in a title": ("Kukat", "Ku\0kat", 17, "text without NUL characters"),
    "NUL in a field nobody reads": ("a;20", "a;2\0", 20, "text without NUL characters"),
    "bare carriage return": ("Kukat", "Ku\rkat", 17, "rows of ;-separated fields"),
    "bare carriage return in a field nobody reads": ("a;20", "a;2\r0", 20, "rows of ;-separated fields"),
    "a type of votes that we do not know": ("approval", "guess", 7, "a vote_type among approval, choose-1, knapsack"),
    "unknown project after a vote for the last listed": ("a;20;1,2\nb;;2", "a;20;3\nb;;7", 21, "found '7'"),
    "unknown project, then a row too long": ("b;;2\nc;;3,1", "b;;7\nc;;3;1", 21, "found '7'"),
    "unknown project, then bad CSV": ("b;;2\nc;", "b;;7\nc\r;", 21, "found '7'"),
    "points without a column for them": ("approval", "cumulative", 19, "columns voter_id, vote, points"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_malformed_file_is_refused_with_file_and_line(read, tmp_path, fault):
    old, new, line, expected = BAD[fault]
    text = GOOD.replace("max_length;2\n", "") if fault == "two choices of one" else GOOD
    line -= text != GOOD
    assert old in text
    with pytest.raises(FileError, match=re.escape(expected)) as caught:
        read(text.replace(old, new) if old == ";" else text.replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'town.pb'}, line {line}: expected ")


BAD_POINTS = {
    "fewer points than projects": ("5,4", "9", 19, "as many points as projects, found '9'"),
    "points for nothing": ("d;;", "d;;5", 22, "as many points as projects, found '5'"),
    "points missing": ("b;y;5", "b;y;", 20, "as many points as projects, found ''"),
    "points in words": ("b;y;5", "b;y;five", 20, "whole points, found 'five'"),
    "points in parts": ("5,4", "5,4.5", 19, "whole points, found '5,4.5'"),
    "negative points": ("5,4", "5,-4", 19, "whole points, found '5,-4'"),
    "points of ten digits": ("b;y;5", "b;y;1000000000", 20, "whole points"),
    "too many points": ("b;y;5", "b;y;7", 20, "at most 6 points for a project, found '7'"),
    "too few points": ("5,4", "5,0", 19, "at least 1 points for a project, found '5,0'"),
    "too many points in all": ("5,4", "6,4", 19, "at most 9 points in a vote, found '6,4'"),
    "too few points in all": ("b;y;5", "b;y;4", 20, "at least 5 points in a vote, found '4'"),
    "a score that disagrees": ("y;2;2;9", "y;2;2;8", 15, "9 score for 'y' as VOTES has, found 8"),
    "a score in words": ("y;2;2;9", "y;2;2;nine", 15, "a whole number of score, found 'nine'"),
    "votes that disagree": ("y;2;2;9", "y;2;3;9", 15, "2 votes for 'y' as VOTES has, found 3"),
    "max_points in words": ("max_points;6", "max_points;six", 9, "a whole number as max_points"),
    "unknown project, then uneven points": ("b;y;5\nc;z,x;3,2", "b;q;5\nc;z;3,2", 20, "found 'q'"),
    "too many points, then uneven points": ("b;y;5\nc;z,x;3,2", "b;y;7\nc;z;3,2", 20, "at most 6 points"),
}


@pytest.mark.parametrize("fault", BAD_POINTS)
def test_points_that_break_the_rules_are_refused_with_their_line(read, fault):
    old, new, line, expected = BAD_POINTS[fault]
    assert old in POINTS
    with pytest.raises(FileError, match=re.escape(expected)) as caught:
        read(POINTS.replace(old, new, 1))
    assert caught.value.line == line


def test_a_file_without_projects_has_only_blank_votes(read):
    text = "META\nkey;value\nnum_projects;0\nnum_votes;1\nbudget;5\nvote_type;approval\nrule;greedy\n"
    text += "PROJECTS\nproject_id;cost\nVOTES\nvoter_id;vote\na;"
    assert read(text).profile.ballots == {(): 1}
    with pytest.raises(FileError, match="a vote for listed projects, found 'x'"):
        read(text + "x\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.encode("latin-1"), 14),
        (GOOD.encode("utf-16"), 1),
        (b"\x1f\x8b\x08\x00", 1),
        (GOOD.encode() + b"\xff", 24),
    ],
    ids=["Latin-1", "UTF-16", "gzip", "last byte"],
)
def test_a_mis_encoded_file_is_refused_with_its_line(read, text, line):
    with pytest.raises(FileError, match="UTF-8 text, found the byte 0x") as caught:
        read(text)
    assert caught.value.line == line


def test_a_knapsack_vote_may_cost_the_whole_budget_and_not_a_cent_more(read):
    knapsack = GOOD.replace("approval", "knapsack").replace("1000.50", "1000.51")
    assert read(knapsack).profile.ballots[("1", "2")] == 1
    with pytest.raises(FileError, match="a knapsack vote within the budget, found '1,2'") as caught:
        read(knapsack.replace("1000.51", "1000.50"))
    assert caught.value.line == 20


def test_a_file_cut_anywhere_is_refused(read):
    text = GOOD.replace("d;90;", "d;90;3").replace("100.00;1", "100.00;2").rstrip("\n").encode()
    read(text)
    for end in range(len(text)):
        with pytest.raises(FileError):
            read(text[:end])


@pytest.mark.parametrize("name", ["missing.pb", ".", "no\nsuch.pb"])
def test_what_is_not_a_readable_file_is_refused_in_one_line(tmp_path, name):
    with pytest.raises(FileError, match="expected a readable file") as caught:
        read_pabulib(tmp_path / name)
    assert "\n" not in str(caught.value)


PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from([b";", b"\n", b'"', b",", b"\r", b"\x00", b"-", b"META\n", b"VOTES\n", b"1", b"\xff", b"\n\n"]),
)


@given(
    st.sampled_from([GOOD, POINTS, GOOD.replace("approval", "ordinal"), GOOD.replace("approval", "knapsack")]),
    st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 9), PIECES), min_size=1, max_size=4),
)
def test_no_damage_ends_in_anything_but_a_file_or_a_refusal(tmp_path_factory, text, damages):
    text = text.encode()
    for place, length, piece in damages:
        text = text[:place] + piece + text[place + length :]
    path = tmp_path_factory.getbasetemp() / "damaged.pb"
    path.write_bytes(text)
    file, error = read_or_refusal(path)
    kept, same = read_or_refusal(path, keep_voters=True)
    assert str(error) == str(same)
    if error is None:
        assert kept.profile.ballots == file.profile.ballots
        assert file.profile.voters == int(file.meta["num_votes"])
        assert len(file.election.projects) == int(file.meta["num_projects"])
    else:
        assert str(error).isprintable()
        assert 1 <= error.line <= text.count(b"\n") + 1


def read_or_refusal(path, keep_voters=False):
    try:
        return read_pabulib(path, keep_voters), None
    except FileError as error:
        return None, error


@given(st.integers(0, 10**12 - 1), st.integers(0, 99))
def test_amounts_are_read_to_the_cent(whole, cents):
    assert whole_cents(f"{whole}.{cents:02}") == whole * 100 + cents
    assert whole_cents(f" {whole}.{cents:02}000 ") == whole * 100 + cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("7", 700),
        ("7.5", 750),
        ("0", 0),
        ("0.01", 1),
        ("1.001", None),
        ("", None),
        (".5", None),
        ("1.", None),
    ],
)
def test_amounts_as_pabulib_writes_them(text, cents):
    assert whole_cents(text) == cents
