"""The trustees' commands as they are run at a terminal: the sheets can be read, typed, and open what they must."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from pb.language import LANGUAGES
from pb.pdf import count_pages
from pb.trustees.rules import rehearsal_export
from pb.trustees.service import hold_ceremony
from tests.cast import NOW
from tests.processes import run_pb
from tests.results.paper import findings, text_of

SHEETS = ["share-1.pdf", "share-2.pdf", "share-3.pdf"]


@pytest.fixture(scope="module")
def held(tmp_path_factory) -> Path:
    """A ceremony in Finnish, and its rehearsal."""
    folder = tmp_path_factory.mktemp("ceremony")
    status, said = run_pb(
        folder / "home", "ceremony", "Kulttuuria kaikille 2027", "--out", str(folder), city="Ääniniemi"
    )
    assert status == 0, said
    key = bytes.fromhex(json.loads((folder / "ceremony.json").read_text())["key"])
    (folder / "rehearsal.json").write_bytes(rehearsal_export(uuid4(), key)[0])
    return folder


def words_on(sheet: Path) -> str:
    """The words of a share as a person reads them from the sheet: the only run of so many words of SLIP-39's list."""
    text = text_of(sheet.read_bytes()).split()
    marked = "".join("w" if word in WORDLIST else "." for word in text)
    assert marked.count("w" * 33) == 1
    return " ".join(text[marked.rindex("w" * 33) :][:33])


def test_a_ceremony_leaves_three_sheets_and_nothing_secret_beside_them(held):
    made = {path.name: path for path in held.iterdir() if path.is_file()}
    assert sorted(made) == ["ceremony.json", "rehearsal.json", *SHEETS]
    assert sorted(json.loads(made["ceremony.json"].read_text())) == ["key", "signing_key", "v"]
    assert all(made[sheet].stat().st_mode & 0o777 == 0o600 for sheet in SHEETS)
    assert not (held / "home").exists() or not list((held / "home").rglob("*.key"))


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_is_one_accessible_page_that_names_the_round_and_the_city(held, sheet, tmp_path):
    content = (held / sheet).read_bytes()
    text = text_of(content)
    assert findings(content, tmp_path) == []
    assert "Kulttuuria kaikille 2027" in text
    assert "Ääniniemi" in text
    assert count_pages(content) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_is_one_page_in_each_language_also_with_a_long_title(language):
    sheets = hold_ceremony("Kulttuuria ja liikuntaa kaikille asukkaille " * 4, language, NOW)
    assert [count_pages(sheets[sheet]) for sheet in SHEETS] == [1, 1, 1]


@pytest.mark.parametrize(("one", "other"), [(0, 1), (2, 0)])
def test_the_words_of_two_sheets_open_the_rehearsal(held, one, other, tmp_path):
    export, kept = tmp_path / "rehearsal.json", tmp_path / "share.txt"
    export.write_bytes((held / "rehearsal.json").read_bytes())
    kept.write_text(words_on(held / SHEETS[one]).upper())
    shares = ["--share", str(kept), "--share", words_on(held / SHEETS[other])]
    status, said = run_pb(tmp_path / "home", "open", str(export), *shares)
    assert status == 0, said
    assert "A rehearsal: made-up votes only." in said
    assert "Rehearsal: 4 ballots opened, 1 envelopes void" in said
    (opened,) = tmp_path.glob("opened-*.json")
    assert len(json.loads(opened.read_text())["ballots"]) == 4
    assert not (tmp_path / "home").exists()  # no database, no secrets


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (lambda one, two: [one], "One share opens nothing."),
        (lambda one, two: [one, one], "Share 2 is the same sheet"),
        (lambda one, two: [one, two.replace(" ", " acid ", 1)], "Share 2 was misread"),
        (lambda one, two: ["missing.txt", two], "No such file"),
    ],
)
def test_what_is_wrong_with_the_shares_is_said_in_a_sentence(held, shares, said, tmp_path):
    given = shares(words_on(held / SHEETS[0]), words_on(held / SHEETS[1]))
    words = [word for share in given for word in ("--share", share)]
    status, printed = run_pb(tmp_path / "home", "open", str(held / "rehearsal.json"), *words)
    assert status == 1
    assert said in printed
    assert "Traceback" not in printed


def test_a_ceremony_never_writes_over_an_earlier_one(held):
    before = {sheet: (held / sheet).read_bytes() for sheet in SHEETS}
    status, said = run_pb(held / "home", "ceremony", "Toinen", "--out", str(held))
    assert (status, "exists" in said, "Traceback" in said) == (1, True, False)
    assert {sheet: (held / sheet).read_bytes() for sheet in SHEETS} == before


def test_a_file_that_is_no_export_is_refused(held, tmp_path):
    status, said = run_pb(tmp_path / "home", "open", str(held / "ceremony.json"), "--share", "a b", "--share", "c d")
    assert (status, "Traceback" in said) == (1, False)
    words = [word for sheet in SHEETS[:2] for word in ("--share", words_on(held / sheet))]
    status, said = run_pb(tmp_path / "home", "open", str(held / "ceremony.json"), *words)
    assert (status, "This is not an export of sealed ballots" in said) == (1, True)
