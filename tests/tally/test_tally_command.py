"""`pb tally`: one JSON line or one table for each file, whatever the files and whoever reads."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tally import Election, Kind, Profile, Project, write_csv
from tally.command import Asked, amount, tally_files
from tests.tally.test_pabulib import GOOD

ROOT = Path(__file__).parents[2]


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.pb"
    path.write_text(GOOD, "utf-8")
    return str(path)


def tally(*paths, as_json=True, **asked):
    out = io.StringIO()
    return tally_files(paths, Asked(as_json=as_json, **asked), out), out.getvalue()


def lines_of(text):
    return [" ".join(line.split()) for line in text.splitlines()]


BLT = """3 1
4 1 2 0
3 2 0
2 3 2 0
0
"Ann"
"Ben"
"Cat"
"The board"
"""


@pytest.fixture
def board(tmp_path):
    path = tmp_path / "board.blt"
    path.write_text(BLT, "utf-8")
    return str(path)


def test_a_json_line_has_these_keys_in_this_order(town):
    status, text = tally(town)
    assert status == 0
    *told, (last, seconds) = json.loads(text).items()
    assert (last, seconds >= 0) == ("seconds", True)
    assert told == [
        ("file", town),
        ("rule", "greedy"),
        ("budget", 100050),
        ("spent", 70000),
        ("winners", ["1", "3"]),
        ("ties", [{"projects": ["1", "2"], "place": 1, "decided": True}]),
    ]


def test_a_bad_or_unsupported_file_gives_its_error_and_the_others_go_on(town, tmp_path):
    other = tmp_path / "other.pb"
    other.write_text(GOOD.replace("rule;greedy", "rule;by lot"), "utf-8")
    status, text = tally("no such.pb", str(other), town)
    lines = [json.loads(line) for line in text.splitlines()]
    assert status == 1
    assert [list(line) for line in lines[:2]] == [["file", "error"]] * 2
    assert lines[0]["error"] == "no such.pb, line 1: expected a readable file (No such file or directory)."
    assert lines[1]["error"] == "The rule 'by lot' is not one we know: choose another with --rule."
    assert lines[2]["winners"] == ["1", "3"]


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("no such", "There is no rule 'no such'. These are: greedy, threshold, "),
        ("irv", "The rule irv does not count approval ballots. These do: greedy, threshold, no-skip, per-euro"),
        ("threshold", "The rule threshold cannot count this: it needs a minimum of votes."),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_in_a_sentence(town, rule, error):
    status, text = tally(town, as_json=False, rule=rule)
    assert status == 1
    assert text.startswith(f"{town}: {error}")
    assert text.count("\n") == 1
    assert json.loads(tally(town, rule=rule)[1])["error"].startswith(error)


def test_another_rule_than_the_files_can_be_asked_for(town):
    line = json.loads(tally(town, rule="equal-shares")[1])
    assert (line["rule"], line["winners"]) == ("equal-shares", ["2", "3"])


def test_a_name_with_another_ending_is_refused(tmp_path):
    (tmp_path / "town.txt").write_text(GOOD, "utf-8")
    status, text = tally(str(tmp_path / "town.txt"), as_json=False)
    assert (status, text.count("\n")) == (1, 1)
    assert text.endswith("line 1: expected a file whose name ends in .pb, .blt or .csv.\n")


def test_a_blt_elects_for_seats(board):
    status, text = tally(board, as_json=False)
    assert status == 0
    assert lines_of(text) == [
        f"{board}: The board",
        "Rule irv, 9 ballots of which 0 blank.",
        "2 Ben 5 won",
        "1 Ann 4 out",
        "3 Cat 2 out",
        "1 of 1 seat filled.",
        "Second count by pyrankvote: agrees.",
    ]


def test_a_csv_is_counted_by_its_kind_of_ballots(tmp_path):
    election = Election((Project("a", 100), Project("b", 200)), 250)
    for kind, rule in ((Kind.APPROVAL, "greedy"), (Kind.RANKED, "rank-points")):
        write_csv(election, Profile.counted({("b", "a"): 2, ("b",): 1}, kind), tmp_path / "town.csv")
        line = json.loads(tally(str(tmp_path / "town.csv"))[1])
        assert (line["rule"], line["winners"], line["spent"]) == (rule, ["b"], 200)


def test_asked_to_explain_it_says_why_and_what_was_missing(town):
    text = lines_of(tally(town, as_json=False, explain=True)[1])
    assert text[2:8] == [
        "1 Penkki; ja pöytä 2 600.00 EUR won",
        "won with 2 votes: 1,000.50 EUR was left and it cost 600.00 EUR.",
        "2 Kaksi riviä 2 400.51 EUR too dear: 400.50 EUR left, 0.01 EUR missing",
        "lost: 400.50 EUR was left and it cost 400.51 EUR, so 0.01 EUR was missing. "
        "It would have won with 1 more vote. It would have won at 400.50 EUR.",
        "3 Kukat 1 100.00 EUR won",
        "won with 1 vote: 400.50 EUR was left and it cost 100.00 EUR.",
    ]


def test_asked_to_explain_as_json_it_gives_the_trace(town, board):
    line = json.loads(tally(town, explain=True)[1])
    assert list(line)[6:] == ["seconds", "projects", "trace"]
    assert list(line["projects"]) == ["1", "2", "3"]
    assert list(line["trace"]) == ["steps", "rounds", "part", "share", "unit", "quota"]
    assert [step["why"] for step in line["trace"]["steps"]] == ["funded", "too dear", "funded"]
    assert len(json.loads(tally(board, explain=True)[1])["trace"]["rounds"]) == 2


def test_asked_to_compare_it_sets_the_rules_side_by_side(town, board):
    compared = json.loads(tally(town, compare=True)[1])["comparison"]
    assert {"greedy", "no-skip", "per-euro", "knapsack", "equal-shares", "phragmen"} <= set(compared)
    assert not {"threshold", "irv"} & set(compared)
    areas = {"": {"winners": 2, "spent": 70000}}
    assert compared["greedy"] == {
        "winners": ["1", "3"],
        "spent": 70000,
        "voters": 4,
        "without_winner": 2,
        "own_winners": 3,
        "areas": areas,
    }
    table = tally(town, as_json=False, compare=True)[1]
    assert "The same votes by other rules:" in table
    assert "2 winners, 700.00 EUR used, 2 voters without a winner, 0.75 own winners on average" in table
    assert {"irv", "stv"} <= set(json.loads(tally(board, compare=True)[1])["comparison"])


def test_the_table_explains_each_project_the_money_and_the_ties(town):
    status, text = tally(town, as_json=False)
    assert status == 0
    assert lines_of(text) == [
        f'{town}: Piha "ja" puisto',
        "Rule greedy, 4 ballots of which 1 blank.",
        "1 Penkki; ja pöytä 2 600.00 EUR won",
        "2 Kaksi riviä 2 400.51 EUR too dear: 400.50 EUR left, 0.01 EUR missing",
        "3 Kukat 1 100.00 EUR won",
        "Used 700.00 EUR of 1,000.50 EUR, left 300.50 EUR.",
        "Tie at place 1: 1, 2; decided by the published order.",
        "The winners are NOT those the file names as selected.",
    ]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_title_and_file_name_can_be_printed(tmp_path, as_json, encoding):
    path = tmp_path / "rivi\nvaihto ł.pb"
    path.write_text(GOOD.replace("Kukat", "Kukat \x1b[31m ł €"), "utf-8")
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert tally_files([str(path), "bad \udcff.pb"], Asked(as_json=as_json, explain=True, compare=True), out) == 1
    out.flush()
    text = out.buffer.getvalue().decode(encoding)
    assert "\x1b" not in text
    if as_json:
        assert [json.loads(line)["file"] for line in text.splitlines()] == [str(path), "bad \udcff.pb"]


def run_python(code, **streams):
    return subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, **streams)


def test_nobody_reading_on_is_not_a_crash(town):
    reading, writing = os.pipe()
    os.close(reading)
    code = f"import sys, tally.command as c; sys.exit(c.tally_files([{town!r}] * 9, c.Asked(), sys.stdout))"
    done = run_python(code, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_command_imports_no_more_than_it_needs(town, board):
    code = """
import io, sys, tally.command as c
for path in {paths!r}:
    c.tally_files([path], c.Asked(), io.StringIO())
print(*{{name.split('.')[0] for name in sys.modules}})
"""
    loaded = run_python(code.format(paths=[town]), stdout=subprocess.PIPE).stdout.decode().split()
    assert {"tally", "numpy"} <= set(loaded)
    assert not {"pyrankvote", "litestar", "sqlalchemy", "pb", "ballots"} & set(loaded)
    loaded = run_python(code.format(paths=[town, board]), stdout=subprocess.PIPE).stdout.decode().split()
    assert "pyrankvote" in loaded


def test_amounts_show_the_currency():
    assert [amount(0, ""), amount(5, "EUR"), amount(123456789, "PLN")] == [
        "0.00",
        "0.05 EUR",
        "1,234,567.89 PLN",
    ]


def test_a_ballot_is_told_what_it_paid_for(town):
    status, text = tally(town, rule="equal-shares", ballot="3, 1, none")
    assert status == 0
    assert json.loads(text)["paid"] == {"3": 10000}
    _, text = tally(town, as_json=False, rule="equal-shares", ballot="3,1")
    assert "A ballot for 3,1 paid 100.00 EUR in all:\n  3  Kukat  100.00 EUR\n" in text
