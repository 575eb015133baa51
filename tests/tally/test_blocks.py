"""The fast reading of votes as bytes beside what was written: any ids, quotes, line breaks, faults in any line."""

import tracemalloc
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tally import FileError, read_pabulib
from tally.blocks import Names, columns, numbers_of, parts_of
from tally.pabulib_votes import BLOCK

LETTERS = st.sampled_from("aab01 -é€𝄞")
ROOTS = st.sampled_from(["", "", "x", "same beginning ", "0", "00", "é" * 30])
IDS = st.tuples(ROOTS, st.text(LETTERS, max_size=10)).map(lambda parts: "".join(parts).strip() or "0")
FIELDS = st.text(st.sampled_from("ab1;,é "), max_size=9)


def block_of(texts):
    """Fields with a separator between, a line each."""
    block = "".join(f"{text};x\n" for text in texts).encode()
    return columns(block, ";", 2, [0])[0]


@given(st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_columns_are_found_or_the_block_is_not_plain(rows):
    lines = [";".join(row) for row in rows]
    found = columns(("\n".join(lines) + "\n").encode(), ";", 3, [2, 0])
    if all(len(line.split(";")) == 3 for line in lines):
        for n, column in zip([2, 0], found, strict=True):
            texts = [bytes(column.buffer[s:e]).decode() for s, e in zip(column.start, column.end, strict=True)]
            assert texts == [line.split(";")[n] for line in lines]
    else:
        assert found is None


@pytest.mark.parametrize("block", ["", "a;b", "a;b\n\n", "\n", "a\nb;c;d\n", "a;b;c\nd\n", "a;b\nc;d"])
def test_a_block_of_uneven_or_unfinished_lines_is_not_plain(block):
    assert columns(block.encode(), ";", 2, [0, 1]) is None


@given(st.lists(st.text(st.sampled_from("ab,"), max_size=9), min_size=1, max_size=6))
def test_a_field_is_split_at_its_commas(texts):
    parts = parts_of(block_of(texts))
    plain = [text.split(",") if text else [] for text in texts]
    assert np.diff(parts.starts).tolist() == [len(row) for row in plain]
    found = [bytes(parts.buffer[s : s + n]).decode() for s, n in zip(parts.start, parts.length, strict=True)]
    assert found == [part for row in plain for part in row]


@given(st.lists(IDS | st.text(LETTERS, min_size=1, max_size=70), unique=True), st.lists(IDS, min_size=1))
def test_names_are_found_exactly(names, texts):
    texts = [*texts, *names, *(name[:-1] for name in names), *(name + "a" for name in names)]
    found = Names(names).places(parts_of(block_of(text or "?" for text in texts)))
    assert found.tolist() == [names.index(text or "?") if (text or "?") in names else -1 for text in texts]


def test_many_names_with_the_same_beginning_are_told_apart():
    names = [f"{'project ' * 9}{n:05}" for n in range(700)]
    assert Names(names).places(parts_of(block_of(names))).tolist() == list(range(700))


def test_names_whose_words_have_the_same_sum_are_told_apart():
    names = ["aaaaaaab" + "aaaaaaac" + "aaaaaaab", "aaaaaaac" + "aaaaaaaa" + "aaaaaaac"]
    assert Names(names).places(parts_of(block_of(names))).tolist() == [0, 1]


@given(st.lists(st.from_regex(r"[0-9]{0,11}|[0-9]*[-+.a٣ ][0-9]*", fullmatch=True).filter(bool), min_size=1))
def test_numbers_are_whole_and_have_up_to_nine_digits(texts):
    plain = [int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1 for text in texts]
    assert numbers_of(parts_of(block_of(texts))).tolist() == plain


def quoted(text, always):
    return '"' + text.replace('"', '""') + '"' if always or set(text) & set(';"\n') else text


HEAD = """META
key;value
num_projects;{projects}
num_votes;{votes}
budget;100
vote_type;{vote_type}
rule;greedy
PROJECTS
project_id;cost
"""


@dataclass(frozen=True)
class MadeUp:
    """The text of a file, its ballots and voters in turn, and the line where each vote starts."""

    text: str
    vote_type: str
    ballots: list[tuple]
    voters: list[str]
    lines: list[int]


@st.composite
def files(draw):
    """A file written in one of many ways."""
    ids = draw(st.lists(IDS | st.sampled_from(['q"q', "s;s"]), min_size=1, max_size=5, unique=True))
    kind = draw(st.sampled_from(["approval", "ordinal", "cumulative"]))
    blanks, quotes = draw(st.sampled_from(["", "", " ", "\u00a0"])), draw(st.booleans())
    voters = draw(st.lists(st.text(LETTERS, min_size=1, max_size=70), max_size=8, unique=True))
    text = HEAD.format(projects=len(ids), votes=len(voters), vote_type=kind)
    text += "".join(f"{quoted(id_, quotes)};1\n" for id_ in ids) + "VOTES\n"
    text += "note;vote;voter_id" + (";points\n" if kind == "cumulative" else "\n")
    ballots, lines = [], []
    for voter in voters:
        text += draw(st.sampled_from(["", "", "", "\n", " ;;\n" if kind != "cumulative" else ";;;\n"]))
        ballot = draw(st.lists(st.sampled_from(ids), unique=True))
        note = draw(st.sampled_from(["", "note", "two\nlines", "", ""]))
        points = draw(st.lists(st.integers(0, 99), min_size=len(ballot), max_size=len(ballot)))
        lines.append(text.count("\n") + 1)
        fields = [note, f"{blanks},{blanks}".join(ballot), "v" + voter]
        fields += [",".join(map(str, points))] if kind == "cumulative" else []
        text += ";".join(quoted(field, quotes and draw(st.booleans())) for field in fields) + "\n"
        ballots.append(tuple(zip(ballot, points, strict=True)) if kind == "cumulative" else tuple(ballot))
    text = text if draw(st.booleans()) else text.rstrip("\n")
    text = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))
    text = draw(st.sampled_from(["", "", "\ufeff"])) + text
    return MadeUp(text, kind, ballots, ["v" + voter for voter in voters], lines)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("blocks") / "town.pb"


def write(path, text):
    path.write_bytes(text.encode())
    return path


@given(files())
def test_whatever_way_votes_are_written_they_are_read(path, made_up):
    ranked = made_up.vote_type == "ordinal"
    file = read_pabulib(write(path, made_up.text))
    assert file.profile.ballots == Counter(b if ranked else tuple(sorted(b)) for b in made_up.ballots)
    kept = read_pabulib(path, keep_voters=True)
    assert kept.profile.ballots == file.profile.ballots
    assert [row[2] for row in kept.voters.rows] == made_up.voters


FAULTS = {
    "an unknown project": (";nobody;new", "listed projects, found 'nobody'"),
    "too many fields": (";;new;;", "fields as in the header"),
    "an unquoted carriage return": ("a\rb;;new", "rows of ;-separated fields"),
    "a voter again": (";;{}", "each voter once"),
}


@given(files(), st.sampled_from(list(FAULTS)), st.data())
def test_a_fault_in_any_line_is_named_with_this_line(path, made_up, fault, data):
    rows, points = made_up.text.split("\n"), made_up.vote_type == "cumulative"
    assume(made_up.voters)
    at = data.draw(st.sampled_from([*made_up.lines[1:], len(rows) + (rows[-1] != "")]))
    new, expected = FAULTS[fault]
    new = new.format(made_up.voters[0]) + (";5" if fault == "an unknown project" else ";") * points
    with pytest.raises(FileError) as caught:
        read_pabulib(write(path, "\n".join([*rows[: at - 1], new, *rows[at - 1 :]])))
    assert expected in caught.value.expected
    assert caught.value.line == at


def large(votes, head_votes=None):
    projects = "".join(f"{n};1\n" for n in range(100))
    head = HEAD.format(projects=100, votes=head_votes or len(votes), vote_type="approval")
    return f"{head}{projects}VOTES\nvoter_id;vote\n" + "".join(votes)


VOTERS = 400_000


def votes_of(distinct):
    """Votes for two projects, more than one block of them."""
    return [f"{n};{n % distinct % 100},{(n % distinct // 100 + n % distinct + 1) % 100}\n" for n in range(VOTERS)]


def test_memory_grows_with_the_distinct_votes(path):
    write(path, large(votes_of(50)))
    assert path.stat().st_size > BLOCK
    tracemalloc.start()
    profile = read_pabulib(path).profile
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (profile.voters, len(profile.counts)) == (VOTERS, 50)
    assert profile.ballots[("1", "2")] == VOTERS // 50
    assert kept < 2**20
    assert peak < 100 * 2**20


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x;1,100\n", "a vote for listed projects, found '100'"),
        ("x;1;1\n", "2 fields as in the header, found 3"),
        ("7;1\n", "each voter once, found '7' again"),
        ('x;"1,100"\n', "a vote for listed projects, found '100'"),
    ],
    ids=["unknown", "fields", "voter", "quote"],
)
def test_a_fault_in_a_later_block_is_named_with_its_line(path, line, expected):
    votes = votes_of(5000)
    text = large([*votes[:-1], line], VOTERS)
    with pytest.raises(FileError) as caught:
        read_pabulib(write(path, text))
    assert caught.value.expected.startswith(expected)
    assert caught.value.line == text.count("\n") - (line[-1] != "\n")


def test_blanks_in_a_later_block_are_read_too(path):
    votes = votes_of(5000)
    profile = read_pabulib(
        write(path, large([*votes[:-3], "x; 1 ,2\n", '"y";2,1\n', "\n", ";\n", "z;\n"], VOTERS))
    ).profile
    assert profile.voters == VOTERS
