"""`pb verify`: each thing that can be wrong in a bundle is named, also where the key of the log signed it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from ballots.seal import sign, verifying_key
from pb.bundle.models import Manifest, as_json
from pb.bundle.rules import (
    BALLOTS,
    HEADS,
    LEAVES,
    MANIFEST,
    RESULT,
    RULES,
    VOIDS,
    choices_for,
    read_ballots,
    read_leaves,
    unpack,
    write_ballots,
    write_bundle,
    write_leaves,
    write_voids,
)
from pb.rounds.rules import Rules
from pb.verification.service import verify_bundle
from tests.bundle.made import SEED, changed, make_log, make_result
from tests.bundle.town import BUNDLE, RANDOM, TOWN, head_over, make_town
from tests.processes import ROOT, run_pb


def faults(change: Callable[[dict[str, bytes]], None], kept: bytes | None = None) -> str:
    """What is found in the bundle when somebody with the key of the log made this change."""
    return "\n".join(verify_bundle(changed(BUNDLE, change, by_insider=True), kept).faults)


def edit(name: str, *path: str | int, value: Any) -> Callable[[dict[str, bytes]], None]:
    """Put a value into a JSON file."""

    def change(files: dict[str, bytes]) -> None:
        data = inner = json.loads(files[name])
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        files[name] = as_json(data)

    return change


def edit_ballots(change: Callable[[list], None]) -> Callable[[dict[str, bytes]], None]:
    def changes(files: dict[str, bytes]) -> None:
        rows = read_ballots(files[BALLOTS])
        change(rows)
        files[BALLOTS] = write_ballots(rows)

    return changes


def test_a_sound_bundle_has_no_faults_and_says_what_was_checked():
    verdict = verify_bundle(BUNDLE)
    assert verdict.faults == ()
    said = "\n".join(verdict.checked)
    assert f"The key of the log, which signed it: {verifying_key(SEED).hex()}" in said
    assert "30 ballots, 3 superseded and 2 void = 35 in the log." in said
    assert "Allocation 1, 'Lammi': 30 ballots counted again by greedy, the same result." in said


def test_the_same_round_gives_the_same_bundle():
    assert write_bundle(TOWN, partial(sign, SEED)) == BUNDLE
    assert sorted(unpack(BUNDLE)) == [
        *("allocation-1.pb", "allocation-2.pb", BALLOTS, LEAVES, MANIFEST, RESULT, RULES, HEADS, VOIDS)
    ]


def test_the_ballots_of_a_small_allocation_are_not_published_and_its_result_is():
    bundle = write_bundle(make_town(30, lammi=9), partial(sign, SEED))
    files = unpack(bundle)
    assert {allocation for _, allocation, _ in read_ballots(files[BALLOTS])} == {1}
    assert "allocation-2.pb" not in files
    manifest = json.loads(files[MANIFEST])
    assert manifest["withheld"] == [{"allocation": 2, "reason": "fewer than 10 ballots"}]
    assert [result["voters"] for result in json.loads(files[RESULT])["allocations"]] == [30, 9]
    verdict = verify_bundle(bundle)
    assert verdict.faults == ()
    said = "Allocation 2, 'Lammi': its result was not counted again; its ballots are withheld (fewer than 10 ballots)."
    assert said in verdict.checked


COVERED = write_bundle(make_town(30, lammi=23), partial(sign, SEED))
FOR_THE_CITY = "so that a group of fewer than 10 voters does not show in the lists for the whole city"


def test_seven_voters_without_an_area_are_not_seen_apart():
    files = unpack(COVERED)
    assert {allocation for _, allocation, _ in read_ballots(files[BALLOTS])} == {1}
    assert json.loads(files[MANIFEST])["withheld"] == [{"allocation": 2, "reason": FOR_THE_CITY}]
    assert verify_bundle(COVERED).faults == ()


@pytest.mark.parametrize(
    ("withheld", "sentence"),
    [
        ([], f"Allocation 2: its ballots are published and must be withheld ({FOR_THE_CITY})."),
        ([(2, "fewer than 10 ballots")], "manifest.json does not name each withheld allocation once"),
        ([(2, FOR_THE_CITY), (2, FOR_THE_CITY)], "manifest.json does not name each withheld allocation once"),
        ([(1, FOR_THE_CITY), (2, FOR_THE_CITY)], "Allocation 1: its ballots are withheld and need not be."),
    ],
)
def test_what_is_withheld_without_need_or_for_another_reason_is_named(withheld, sentence):
    told = [{"allocation": number, "reason": reason} for number, reason in withheld]
    changes = changed(COVERED, edit(MANIFEST, "withheld", value=told), by_insider=True)
    assert sentence in " ".join(verify_bundle(changes).faults)


def test_that_a_ballot_is_missing_is_named_though_an_area_is_withheld():
    counts = {"final": 31, "superseded": 2, "void": 2, "log": 35}
    changes = changed(COVERED, edit(MANIFEST, "counts", value=counts), by_insider=True)
    assert verify_bundle(changes).faults == ("ballots.csv has 30 ballots, and manifest.json says 31.",)


def test_two_equal_codes_are_both_listed_and_reported():
    code, rows = TOWN.ballots[0][0], sorted([*TOWN.ballots, (TOWN.ballots[0][0], 1, (1, 2))])
    results = [
        make_result(RANDOM, a, choices_for(a.number, rows)) for a in Rules.model_validate_json(TOWN.rules).allocations
    ]
    more = [*TOWN.leaves, bytes(32)]
    log = make_log(RANDOM, Rules.model_validate_json(TOWN.rules).round_id, more)
    twice = replace(TOWN, log=log, leaves=more, casts=(31, 3), ballots=rows, results=results)
    verdict = verify_bundle(write_bundle(twice, partial(sign, SEED)))
    assert verdict.faults == ()
    assert f"The code {code} stands on more than one ballot; all of them are counted." in verdict.checked


OTHER_KEY = verifying_key(bytes(32)).hex()
NAMED = [
    (edit(HEADS, "key", value=OTHER_KEY), "manifest.json is not signed by the key of the log."),
    (edit(HEADS, "round", value=str(uuid4())), "The files are not all of one round."),
    (edit(HEADS, "heads", value=[]), "leaves.csv has 35 leaves, and the last head is not of as many."),
    (edit(HEADS, "heads", 0, "signature", value="00" * 64), "The head of 0 leaves is not signed"),
    (edit(HEADS, "heads", 0, "root", value="00" * 32), "The head of 0 leaves does not fit the leaves in leaves.csv."),
    (edit(HEADS, "heads", 0, "root", value="zz"), "tree-heads.json cannot be read: heads.0.root: "),
    (edit(MANIFEST, "counts", "final", value=31), "31 final, 3 superseded and 2 void envelopes do not make 35"),
    (
        edit(MANIFEST, "counts", value={"final": 29, "superseded": 4, "void": 2, "log": 35}),
        "ballots.csv has 30 ballots",
    ),
    (
        edit(MANIFEST, "counts", value={"final": 30, "superseded": 4, "void": 1, "log": 35}),
        "void.csv has 2 envelopes, and manifest.json says that 1 are void.",
    ),
    (
        edit(MANIFEST, "withheld", value=[{"allocation": 2, "reason": "fewer than 10 ballots"}]),
        "Allocation 2: its ballots are withheld and need not be.",
    ),
    (
        edit(RESULT, "allocations", 1, "voters", value=9),
        "Allocation 2: its ballots are published and must be withheld (fewer than 10 ballots).",
    ),
    (
        edit(RESULT, "allocations", 1, "voters", value=25),
        f"Allocation 2: its ballots are published and must be withheld ({FOR_THE_CITY}).",
    ),
    (edit(RULES, "allocations", 0, "amount_cents", value=2000), "the ballots counted again do not give the result"),
    (edit(RULES, "allocations", 0, "tie_order", value=[1, 2, 3]), "does not list each project once"),
    (
        edit(RULES, "allocations", 0, "rule", value="lot"),
        "Allocation 1 cannot be counted again: There is no rule 'lot'.",
    ),
    (edit(RULES, "allocations", 0, "max_choices", value=1), "its paper does not allow these choices (too_many)."),
    (edit(RULES, "allocations", 1, "amount_cents", value=5500), "its paper does not allow these choices (over_money)."),
    (edit(RULES, "allocations", 1, "area_id", value=None), "no voter gets just the papers under the code"),
    (edit(RULES, "allocations", 1, "number", value=3), "the ballots of allocation 2 are not published."),
    (edit(RESULT, "allocations", 0, "voters", value=29), "result.json has 29 ballots, "),
    (edit(RESULT, "allocations", 0, "eligible", value=5), "do not ascend."),
    (edit(RESULT, "allocations", 0, "outcome", "winners", value=["1"]), "do not give the result in result.json."),
    (edit(RESULT, "allocations", 0, "outcome", "winners", value=["1"]), "allocation-1.pb does not mark the winners"),
    (edit(RESULT, "allocations", 0, "outcome", "steps", value=7), "the outcome of allocation 1 is none."),
    (edit(RESULT, "allocations", 0, "withdrawn", value=[9]), "a withdrawn project is not on the ballot."),
    (edit(RESULT, "allocations", value=[]), "result.json has not one result for each allocation"),
    (lambda files: files.pop("allocation-2.pb"), "allocation-2.pb is missing."),
    (lambda files: files.pop(RESULT), "result.json is missing."),
    (lambda files: files.update({"allocation-9.pb": b""}), "'allocation-9.pb' does not belong in this bundle."),
    (lambda files: files.update({"allocation-1.pb": b"META\n"}), "allocation-1.pb, line 1: expected "),
    (lambda files: files.update({"allocation-1.pb": files["allocation-2.pb"]}), "has not the ballots in ballots.csv."),
    (lambda files: files.update({"allocation-1.pb": files["allocation-2.pb"]}), "has not the projects, the money"),
    (lambda files: files.update({LEAVES: b"index,leaf\n1,00\n"}), "leaves.csv cannot be read: line 2 is not leaf 0."),
    (lambda files: files.update({LEAVES: b"leaf\n"}), "it must start with index,leaf"),
    (lambda files: files.update({LEAVES: write_leaves([bytes(32)] * 35)}), "leaves.csv lists an envelope twice."),
    (lambda files: files.pop(VOIDS), "void.csv is missing."),
    (lambda files: files.update({VOIDS: b"leaf,why\n00,lost\n"}), "line 2 is not a leaf and why it is void."),
    (lambda files: files.update({VOIDS: write_voids(TOWN.voids[::-1])}), "void.csv is not in the order of the leaves"),
    (lambda files: files.update({VOIDS: write_voids([TOWN.voids[0]] * 2)}), "or lists an envelope twice."),
    (
        lambda files: files.update({VOIDS: write_voids([(bytes(32), "unreadable"), TOWN.voids[1]])}),
        f"void.csv: the envelope {'00' * 32} is not in leaves.csv.",
    ),
    (lambda files: files.update({BALLOTS: files[BALLOTS] + b"A,01,\n"}), "is not a code, an allocation and choices"),
    (edit_ballots(list.reverse), "line 3: it is not in the order of the codes."),
    (edit_ballots(lambda rows: rows.append(("ZZZZZZZZZZZZ0", 1, ()))), "'ZZZZZZZZZZZZ0' is not a ballot code."),
    (edit_ballots(lambda rows: rows.append((rows[-1][0], 3, ()))), "the ballots of allocation 3 are not published."),
    (edit_ballots(lambda rows: rows.append((rows[-1][0], 1, (9,)))), "does not allow these choices (unknown_project)."),
]


@pytest.mark.parametrize(("change", "sentence"), NAMED)
def test_a_fault_is_named_though_the_key_signed_it(change, sentence):
    assert sentence in faults(change)


def test_a_manifest_with_a_number_that_is_not_whole_is_not_read():
    (fault,) = verify_bundle(changed(BUNDLE, edit(MANIFEST, "counts", "final", value=30.0))).faults
    assert fault.startswith("manifest.json cannot be read: counts.final: ")


def test_a_manifest_signed_by_another_key_is_named():
    def change(files: dict[str, bytes]) -> None:
        manifest = Manifest.model_validate_json(files[MANIFEST])
        forged = manifest.model_copy(update={"signature": sign(bytes(32), manifest.signed).hex()})
        files[MANIFEST] = as_json(forged.model_dump(mode="json"))

    (fault,) = verify_bundle(changed(BUNDLE, change)).faults
    assert fault == "manifest.json is not signed by the key of the log."


def test_two_signed_heads_of_one_size_in_a_bundle_are_a_split_view():
    def change(files: dict[str, bytes]) -> None:
        log = json.loads(files[HEADS])
        log["heads"].append(head_over([*TOWN.leaves[:-1], bytes(32)]))
        files[HEADS] = as_json(log)

    assert "Split view: two signed heads of 35 leaves have different roots." in faults(change)


def test_every_fault_is_named_not_just_the_first():
    def change(files: dict[str, bytes]) -> None:
        files[LEAVES] = write_leaves(read_leaves(files[LEAVES])[::-1])
        edit_ballots(list.reverse)(files)
        files["new.txt"] = b""

    said = faults(change)
    for sentence in ("does not fit the leaves", "not in the order of the codes", "'new.txt' does not belong"):
        assert sentence in said
    assert len(re.findall("not in the order", said)) > 20


def test_the_command_checks_without_database_and_says_it_in_sentences(tmp_path):
    bundle, head = tmp_path / "bundle.zip", tmp_path / "head.json"
    bundle.write_bytes(BUNDLE)
    head.write_bytes(as_json(head_over(list(TOWN.leaves[:7]))))
    status, said = run_pb(tmp_path, "verify", str(bundle), str(head), database_url="postgresql://x@127.0.0.1:1/x")
    assert (status, said.splitlines()[-1]) == (0, "The log holds what you saved of it, up to 7 leaves.")
    head.write_bytes(as_json(head_over([bytes(32)])))
    assert run_pb(tmp_path, "verify", str(bundle), str(head)) == (
        1,
        "Split view: the key of the log signed a head of 1 leaves that is not in this log.",
    )
    bundle.write_bytes(b"PK")
    assert run_pb(tmp_path, "verify", str(bundle)) == (1, "The zip cannot be read: File is not a zip file.")
    status, said = run_pb(tmp_path, "verify", str(tmp_path / "none.zip"))
    assert (status, said[:4]) == (1, "pb: ")


def test_the_check_imports_neither_web_nor_database(tmp_path):
    (bundle := tmp_path / "bundle.zip").write_bytes(BUNDLE)
    code = "import sys; from pb.cli import main\ntry: main()\nfinally: print(*sys.modules, sep='\\n')"
    words = [sys.executable, "-c", code, "verify", str(bundle)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "pb.verification.service" in done.stdout
    for heavy in ("litestar", "sqlalchemy", "jinja2", "asyncpg"):
        assert f"\n{heavy}\n" not in done.stdout
