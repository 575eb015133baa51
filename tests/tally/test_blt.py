"""`.blt`: what is written is read again, real wards read, and every malformed file is refused with file and line."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.blt import BltFile, read_blt, write_blt
from tally.election import Election, Project
from tally.profile import Kind, Profile
from tally.sections import FileError

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "ranked" / "edinburgh2017"
WARDS = sorted(SHARED.glob("*.blt"))

GOOD = """\
# the board
4 2
-3
2 1 3 2 0
1 1 2 0  # by post
3 0

1 4 0
0
"Ada ""Ace"" Li"
"Åsa #1"
"Cid"
"Dee"
"Board 2026"
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "ward.blt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_blt(path)

    return read


def content(file):
    return file.election, file.profile.ids, file.profile.ballots, file.title, file.withdrawn


def test_candidates_seats_ballots_and_title_are_kept(read):
    file = read(GOOD)
    assert file.election == Election.for_seats(['Ada "Ace" Li', "Åsa #1", "Cid", "Dee"], 2).without({"3"})
    assert file.profile.kind is Kind.RANKED
    assert file.profile.ballots == {("1", "2"): 3, (): 3, ("4",): 1}
    assert (file.title, file.withdrawn) == ("Board 2026", (Project("3", 1, "Cid"),))


@pytest.mark.parametrize(
    "text",
    [GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, GOOD.rstrip("\n"), GOOD + "\n# end\n", GOOD.replace(" ", "\t ")],
    ids=["CRLF", "BOM", "no last line break", "comment after the title", "tabs"],
)
def test_line_breaks_and_blanks_change_nothing(read, text):
    text = text.replace('Ada\t ""Ace""\t Li', 'Ada ""Ace"" Li').replace("Åsa\t ", "Åsa ").replace("Board\t ", "Board ")
    assert content(read(text)) == content(read(GOOD))


def test_a_missing_title_is_an_empty_one(read):
    assert read(GOOD.replace('"Board 2026"\n', "")).title == ""


BAD = {
    "empty": (GOOD, "", 1, "the number of candidates and the number of seats, found the end of the file"),
    "three numbers first": ("4 2", "4 2 1", 2, "number of seats, found '4 2 1'"),
    "seats in words": ("4 2", "4 two", 2, "found 'two'"),
    "an absurd number of candidates": ("4 2", "4000000000 2", 2, "found '4000000000'"),
    "other digits": ("4 2", "4 \u0662", 2, "found '\u0662'"),
    "a ballot on the withdrawn line": (
        "-3",
        "-3 1",
        3,
        "only numbers below 0, of the withdrawn, found '-3 1'",
    ),
    "nobody withdrawn": ("-3", "-5", 3, "from 1 to 4, found '5'"),
    "withdrawn twice": ("-3", "-3 -3", 3, "each candidate at most once"),
    "withdrawn by two signs": ("-3", "--3", 3, "from 1 to 4, found '-3'"),
    "withdrawn after a ballot": ("3 0\n", "-3\n", 6, "a number of voters above 0, found '-3'"),
    "no voters": ("3 0\n", "0 1 0\n", 6, "a number of voters above 0, found '0'"),
    "half a voter": ("3 0\n", "0.5 1 0\n", 6, "a number of voters above 0, found '0.5'"),
    "a ballot with a name": ("3 0\n", "(id) 3 0\n", 6, "a number of voters above 0, found '(id)'"),
    "too many voters": ("3 0\n", "3000000000 0\n", 6, "found '3000000000'"),
    "a ballot without an end": ("1 4 0", "1 4", 8, "0 at the end of the ballot, found '4'"),
    "a ballot of one number": ("1 4 0", "1", 8, "0 at the end of the ballot, found '1'"),
    "two ballots on a line": ("1 4 0", "1 4 0 1 2 0", 8, "from 1 to 4, found '0'"),
    "equal ranks": ("1 4 0", "1 4=2 0", 8, "one candidate at each rank and no rank skipped, found '4=2'"),
    "a skipped rank": ("1 4 0", "1 - 4 0", 8, "one candidate at each rank and no rank skipped, found '-'"),
    "no such candidate": ("1 4 0", "1 5 0", 8, "a candidate's number from 1 to 4, found '5'"),
    "a candidate twice": ("1 4 0", "1 4 2 4 0", 8, "each candidate at most once, found '4 2 4'"),
    "a withdrawn candidate twice": ("2 1 3 2 0", "2 3 1 3 0", 4, "each candidate at most once"),
    "no end of the ballots": ("\n0\n", "\n", 9, "a ballot, or 0 after the last one"),
    "cut after the ballots": (GOOD[GOOD.index('"') :], "", 9, "the name of candidate 1 of 4"),
    "two names missing": ('"Cid"\n"Dee"\n', "", 12, "the name of candidate 4 of 4, found the end of the file"),
    "a name without quotes": ('"Cid"', "Cid", 12, "the name of candidate 3 of 4 in double quotes"),
    "a quote inside a name": ('"Cid"', '"C"id"', 12, 'found \'"C"id"\''),
    "a name without an end": ('"Cid"', '"Cid', 12, "in double quotes"),
    "two names on a line": ('"Cid"', '"Cid" "Dee"', 12, "a line to itself"),
    "a title without quotes": ('"Board 2026"', "Board", 14, "a title in double quotes"),
    "something after the title": ("2026", '2026"\n"Eve', 15, "the end of the file, found '\"Eve\"'"),
    "a bare carriage return": ("Cid", "C\rid", 12, "in double quotes"),
    "NUL": ("Cid", "C\0id", 12, "text without NUL characters"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_malformed_file_is_refused_with_file_and_line(read, tmp_path, fault):
    old, new, line, expected = BAD[fault]
    assert old in GOOD
    with pytest.raises(FileError, match=re.escape(expected)) as caught:
        read(GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'ward.blt'}, line {line}: expected ")


def test_other_encodings_and_absent_files_are_refused(read, tmp_path):
    with pytest.raises(FileError, match="line 11: expected UTF-8 text"):
        read(GOOD.encode("latin-1"))
    with pytest.raises(FileError, match="a readable file"):
        read_blt(tmp_path / "absent.blt")


NAMES = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=6)


@st.composite
def files(draw):
    everyone = Election.for_seats(draw(st.lists(NAMES, max_size=4)), draw(st.integers(0, 5)))
    gone = draw(st.sets(st.sampled_from(everyone.ids))) if everyone.ids else set()
    election = everyone.without(gone)
    choice = st.sampled_from(election.ids) if election.ids else st.nothing()
    ballots = draw(st.dictionaries(st.lists(choice, unique=True).map(tuple), st.integers(1, 10**9 - 1), max_size=5))
    profile = Profile.counted(ballots, Kind.RANKED).for_election(election)
    return BltFile(election, profile, draw(NAMES), tuple(p for p in everyone.projects if p.id in gone))


@given(file=files())
def test_what_is_written_is_read_again(tmp_path_factory, file):
    path = tmp_path_factory.getbasetemp() / "again.blt"
    write_blt(file, path)
    assert content(read_blt(path)) == content(file)


@pytest.mark.parametrize("text", [GOOD.replace("-3\n", ""), GOOD])
def test_writing_says_the_ballots_once_and_keeps_the_numbers(read, tmp_path, text):
    file = read(text)
    write_blt(file, tmp_path / "new.blt")
    written = (tmp_path / "new.blt").read_text(encoding="utf-8")
    assert written.splitlines()[-5:] == GOOD.splitlines()[-5:]
    assert written.count("\n") == 1 + bool(file.withdrawn) + len(file.profile.ballots) + 1 + 5


RANKED = Profile.of([("1",)], Kind.RANKED)
TWO = Election.for_seats(["Ada", "Ben"], 1)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (BltFile(TWO, Profile.of([("1",)])), "ranked ballots only"),
        (BltFile(TWO, Profile.of([("3",)], Kind.RANKED)), "unknown projects: 3"),
        (BltFile(TWO.without({"2"}), RANKED, withdrawn=(Project("3", 1),)), "numbered from 1"),
        (BltFile(TWO.at_costs({"2": 5}), RANKED), "no other terms"),
        (BltFile(Election(TWO.projects[::-1], 1), RANKED), "no other terms"),
        (BltFile(Election(TWO.projects, 1, min_votes=2), RANKED), "no other terms"),
        (BltFile(TWO, RANKED, withdrawn=(Project("2", 1, "Ben"),)), "no other terms"),
        (BltFile(TWO, RANKED, "Board\n2026"), "the line break in 'Board 2026'"),
    ],
)
def test_what_the_format_cannot_say_is_not_written(tmp_path, file, reason):
    with pytest.raises(ValueError, match=reason):
        write_blt(file, tmp_path / "no.blt")
    assert not (tmp_path / "no.blt").exists()


@pytest.mark.skipif(not WARDS, reason=f"too large for the repository: no real wards in {SHARED}")
@pytest.mark.parametrize("path", WARDS, ids=lambda path: path.stem)
def test_a_real_ward_reads_and_is_written_as_it_was(path, tmp_path):
    file = read_blt(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    ballots = [line for line in lines[1:] if re.fullmatch(r"[0-9 ]+ 0", line)]
    assert f"{len(file.election.projects)} {file.election.budget}" == lines[0]
    assert file.profile.voters == sum(int(line.split()[0]) for line in ballots)
    assert file.title.startswith("Ward ")
    write_blt(file, tmp_path / "again.blt")
    assert content(read_blt(tmp_path / "again.blt")) == content(file)
