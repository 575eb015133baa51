"""Two programs, written apart, find the same in a bundle, to the byte."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from pb.bundle.rules import HEADS, LEAVES, MANIFEST, RESULT, VOIDS, choices_for, read_leaves, unpack, write_leaves
from pb.results.rules import election_of, profile_of
from pb.verification.forms import file_faults, read_contents
from pb.verification.models import Contents
from pb.verification.rules import recount, roots_at, void_faults, withheld_faults
from tests import second_reader
from tests.bundle.made import changed, make_bundle

READER = Path(second_reader.__file__)


def ours(packed: bytes) -> str:
    """What our own code finds, in the second reader's words."""
    bundle = read_contents(unpack(packed), [])
    assert bundle is not None
    heads, counts = bundle.log.heads, bundle.manifest.counts
    roots = roots_at(bundle.leaves, (head.size for head in heads))
    go_up = all(before.size < head.size for before, head in pairwise(heads)) and heads[-1].size == len(bundle.leaves)
    found = {
        "round": str(bundle.manifest.round),
        "checksums": not list(file_faults(bundle.files, bundle.manifest)),
        "heads": {"fit": [roots.get(head.size) == head.root for head in heads], "go_up": go_up},
        "numbers": counts.final + counts.superseded + counts.void == counts.log == len(bundle.leaves),
        "void": not list(void_faults(bundle)),
        "withheld": [entry.allocation for entry in bundle.manifest.withheld],
        "withheld_rightly": not list(withheld_faults(bundle)),
        "allocations": {str(a.number): counted(bundle, a, result) for a, result in bundle.listed},
    }
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def counted(bundle: Contents, allocation, result) -> dict:
    ballots = choices_for(allocation.number, bundle.ballots)
    election = election_of(allocation, result.withdrawn)
    profile = profile_of(allocation, ballots, result.withdrawn).for_election(election)
    found = {
        "ballots": len(ballots),
        "blank": sum(not choices for choices in ballots),
        "votes": dict(zip(profile.ids, profile.votes.tolist(), strict=True)),
    }
    if allocation.rule in second_reader.KNOWN:
        outcome = recount(allocation, result, ballots)
        part = outcome.part and [int(outcome.part[0]), outcome.part[1]]
        found |= {"winners": [int(winner) for winner in outcome.winners], "part": part}
    return found


def spoil(random: Random, files: dict[str, bytes]) -> None:
    """Change what both readers must see: a leaf, a head, a number, a list, or a file under its old checksum."""
    match random.randrange(6):
        case 0:
            files[LEAVES] = write_leaves([*read_leaves(files[LEAVES]), bytes(32)])
        case 1:
            log = json.loads(files[HEADS])
            log["heads"].append(log["heads"][0])
            files[HEADS] = json.dumps(log).encode()
        case 2:
            manifest = json.loads(files[MANIFEST])
            manifest["counts"]["final"] += 1
            files[MANIFEST] = json.dumps(manifest).encode()
        case 3:
            files[VOIDS] += b"00" * 32 + b",unreadable\n"
        case 4:
            manifest = json.loads(files[MANIFEST])
            manifest["withheld"] = manifest["withheld"][1:] or [{"allocation": 1, "reason": "because"}]
            files[MANIFEST] = json.dumps(manifest).encode()
        case _:
            files[RESULT] += b" "


@pytest.mark.parametrize(
    "rounds", [pytest.param(range(60), id="60"), pytest.param(range(60, 500), id="440 more", marks=pytest.mark.slow)]
)
def test_a_second_reader_finds_the_same_in_random_rounds(rounds):
    rules = set()
    for number in rounds:
        random = Random(f"round {number}")
        packed = make_bundle(random)
        assert second_reader.read_as_text(packed) == ours(packed), number
        spoilt = changed(packed, lambda files, random=random: spoil(random, files))
        assert second_reader.read_as_text(spoilt) == ours(spoilt) != ours(packed), number
        found = json.loads(ours(packed))
        assert found["checksums"], number
        assert found["numbers"], number
        rules |= {rule for rule in second_reader.KNOWN if f'"rule":"{rule}"' in unpack(packed)["rules.json"].decode()}
    assert rules == {*second_reader.KNOWN}


def test_the_second_reader_needs_nothing_of_ours_and_stays_short(tmp_path):
    packed = make_bundle(Random(1), voters=30)
    (path := tmp_path / "bundle.zip").write_bytes(packed)
    alone = [sys.executable, "-I", "-S", str(READER), str(path)]  # without this project and without packages
    done = subprocess.run(alone, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == ours(packed) + "\n"
    assert len(READER.read_text("utf-8").splitlines()) < 200
