"""A change of one bit, row, head or file in a bundle is named, by whomever it was made."""

import json
from collections.abc import Callable
from random import Random

import pytest

from pb.bundle.models import as_json
from pb.bundle.rules import BALLOTS, HEADS, LEAVES, MANIFEST, VOIDS, pack, unpack
from pb.verification.service import verify_bundle
from tests.bundle.made import changed, make_bundle

Files = dict[str, bytes]
LISTS = [BALLOTS, LEAVES, VOIDS]


def one_bit(random: Random, content: bytes) -> bytes:
    at, bits = random.randrange(len(content)), bytearray(content)
    bits[at] ^= 1 << random.randrange(8)
    return bytes(bits)


def a_bit(random: Random, files: Files) -> str:
    name = random.choice([name for name, content in files.items() if content])
    files[name] = one_bit(random, files[name])
    return name


def a_row(random: Random, files: Files) -> str:
    """One row of a list added (a copy of another one), removed, or swapped with the next."""
    name = random.choice([name for name in LISTS if files[name].count(b"\n") > 2])
    header, *rows = files[name].splitlines(keepends=True)
    at = random.randrange(len(rows) - 1)
    match random.choice(["add", "remove", "swap"]):
        case "add":
            rows.insert(random.randrange(len(rows) + 1), rows[at])
        case "remove":
            del rows[at]
        case _:
            rows[at : at + 2] = reversed(rows[at : at + 2])
    files[name] = b"".join([header, *rows])
    return name


def a_head(random: Random, files: Files) -> str:
    """A head shown again, removed (by an insider the last), or with another size, root, moment or signature."""
    log = json.loads(files[HEADS])
    heads, at = log["heads"], random.randrange(len(log["heads"]))
    match random.choice(["replay", "remove", "size", "root", "at", "signature"]):
        case "replay":
            heads.insert(random.randrange(len(heads) + 1), heads[at])
        case "remove":
            del heads[-1]
        case "size":
            heads[at]["size"] += 1
        case "at":
            heads[at]["at"] = heads[at]["at"].replace("2027", "2026")
        case field:
            heads[at][field] = one_bit(random, bytes.fromhex(heads[at][field])).hex()
    files[HEADS] = as_json(log)
    return HEADS


def a_file(random: Random, files: Files) -> str:
    name = random.choice([name for name in files if name != MANIFEST])
    if random.random() < 0.5:
        del files[name]
        return name
    files["new.txt"] = b"new"
    return "new.txt"


def a_listed_bit(random: Random, files: Files) -> str:
    """One bit of a list: an insider may give a round another title, and nothing in the bundle speaks against it."""
    name = random.choice(LISTS)
    files[name] = one_bit(random, files[name])
    return name


Kinds = list[Callable[[Random, Files], str]]


def faults_of(number: int, kinds: Kinds, by_insider: bool) -> tuple[str, str]:
    """The file that a mutation changed, and the faults found; before it there was none."""
    random = Random(f"mutation {number}")
    packed = mutated = make_bundle(Random(f"round {number % 20}"), voters=random.randint(15, 40))
    assert verify_bundle(packed).faults == ()
    names: list[str] = []
    mutate = kinds[number % len(kinds)]
    while mutated == packed:  # two equal rows swapped change nothing
        mutated = changed(packed, lambda files: names.append(mutate(random, files)), by_insider=by_insider)
    return names[-1], " ".join(verify_bundle(mutated).faults)


FEW_AND_MANY = [pytest.param(range(50), id="50"), pytest.param(range(50, 1000), id="950 more", marks=pytest.mark.slow)]


@pytest.mark.parametrize("numbers", FEW_AND_MANY)
def test_what_a_stranger_changes_is_named(numbers):
    for number in numbers:
        name, faults = faults_of(number, [a_bit, a_row, a_head, a_file], by_insider=False)
        assert name in faults, (number, name, faults)


@pytest.mark.parametrize("numbers", FEW_AND_MANY)
def test_what_somebody_with_the_key_of_the_log_changes_is_named(numbers):
    for number in numbers:
        name, faults = faults_of(number, [a_listed_bit, a_row, a_head, a_file], by_insider=True)
        assert faults, (number, name)


@pytest.mark.parametrize("numbers", FEW_AND_MANY)
def test_no_bit_of_the_zip_itself_can_change(numbers):
    for number in numbers:
        random = Random(f"bit {number}")
        packed = make_bundle(Random(f"round {number % 20}"), voters=12)
        (fault, *_) = verify_bundle(one_bit(random, packed)).faults
        assert fault.startswith("The zip "), (number, fault)


def test_a_zip_packed_otherwise_is_refused():
    packed = make_bundle(Random(1))
    assert pack(unpack(packed)) == packed
    for other in (packed + b"\0", b"\0" + packed, packed[:-1], b"", b"PK"):
        (fault,) = verify_bundle(other).faults
        assert fault.startswith("The zip ")
