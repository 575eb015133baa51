"""`pb tally`: one JSON line or one table for each file, whatever the files and whoever reads."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tally.command import amount, tally_files
from tests.tally.test_pabulib import GOOD

ROOT = Path(__file__).parents[2]


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.pb"
    path.write_text(GOOD, "utf-8")
    return str(path)


def tally(*paths, as_json=True):
    out = io.StringIO()
    return tally_files(paths, as_json, out), out.getvalue()


def test_a_json_line_has_these_keys_in_this_order(town):
    status, text = tally(town)
    assert status == 0
    assert list(json.loads(text).items()) == [
        ("file", town),
        ("rule", "greedy"),
        ("budget", 100050),
        ("spent", 70000),
        ("winners", ["1", "3"]),
        ("ties", [{"projects": ["1", "2"], "place": 1, "decided": True}]),
    ]


def test_a_bad_or_unsupported_file_gives_its_error_and_the_others_go_on(town, tmp_path):
    other = tmp_path / "other.pb"
    other.write_text(GOOD.replace("rule;greedy", "rule;equalshares"), "utf-8")
    status, text = tally("no such.pb", str(other), town)
    lines = [json.loads(line) for line in text.splitlines()]
    assert status == 1
    assert [list(line) for line in lines[:2]] == [["file", "error"]] * 2
    assert lines[0]["error"] == "no such.pb, line 1: expected a readable file (No such file or directory)."
    assert lines[1]["error"] == "The rule 'equalshares' is not supported yet, only greedy."
    assert lines[2]["winners"] == ["1", "3"]


@pytest.mark.parametrize("vote_type", ["cumulative", "ordinal", "guess"])
def test_votes_we_cannot_count_are_refused(tmp_path, vote_type):
    path = tmp_path / "town.pb"
    path.write_text(GOOD.replace("approval", vote_type), "utf-8")
    status, text = tally(str(path), as_json=False)
    assert status == 1
    assert f"Votes of the type '{vote_type}' are not supported yet" in text


def test_the_table_explains_each_project_the_money_and_the_ties(town):
    status, text = tally(town, as_json=False)
    assert status == 0
    assert [" ".join(line.split()) for line in text.splitlines()] == [
        f'{town}: Piha "ja" puisto',
        "Rule greedy, 4 ballots of which 1 blank.",
        "1 Penkki; ja pöytä 2 600.00 EUR funded",
        "2 Kaksi riviä 2 400.51 EUR not funded: 400.50 EUR left, 0.01 EUR missing",
        "3 Kukat 1 100.00 EUR funded",
        "Used 700.00 EUR of 1,000.50 EUR, left 300.50 EUR.",
        "Tie at place 1: 1, 2 have 2 votes each; decided by the published order.",
        "The winners are NOT those the file names as selected.",
    ]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_title_and_file_name_can_be_printed(tmp_path, as_json, encoding):
    path = tmp_path / "rivi\nvaihto ł.pb"
    path.write_text(GOOD.replace("Kukat", "Kukat \x1b[31m ł €"), "utf-8")
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert tally_files([str(path), "bad \udcff.pb"], as_json, out) == 1
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
    code = f"import sys, tally.command as c; sys.exit(c.tally_files([{town!r}] * 9, True, sys.stdout))"
    done = run_python(code, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_command_imports_no_more_than_the_standard_library():
    code = "import sys, tally.command; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = run_python(code, stdout=subprocess.PIPE).stdout.decode().split()
    assert "tally" in loaded
    assert not {"pyrankvote", "numpy", "litestar", "sqlalchemy", "pb", "ballots"} & set(loaded)


def test_amounts_show_the_currency():
    assert [amount(0, ""), amount(5, "EUR"), amount(123456789, "PLN")] == [
        "0.00",
        "0.05 EUR",
        "1,234,567.89 PLN",
    ]
