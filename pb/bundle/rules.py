"""The files of a bundle: how each is written and read. The same round gives the same zip, to the byte.

docs/secret-ballot.md says what is in each file. Nothing here needs a database.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from ballots import to_vote
from ballots.types import BallotType
from pb.bundle.models import AllocationResult, Counts, Manifest, Result, Withheld, as_json
from pb.results.rules import election_of, profile_of, read_outcome
from pb.rounds.rules import AllocationRules, WhyWithheld, read_rules, why_withheld
from tally import pabulib_of, write_pabulib
from tally.pabulib import Table
from tally.rules import LABELS

MANIFEST, RULES, RESULT = "manifest.json", "rules.json", "result.json"
HEADS, LEAVES, VOIDS, BALLOTS = "tree-heads.json", "leaves.csv", "void.csv", "ballots.csv"
NAMES = (MANIFEST, RULES, RESULT, HEADS, LEAVES, VOIDS, BALLOTS)
ROW = re.compile(r"([^,\n]*),([1-9][0-9]{0,8}),((?:[1-9][0-9]{0,8}(?: [1-9][0-9]{0,8})*)?)")
VOID = re.compile("([0-9a-f]{64}),(unreadable|not allowed)")

Listed = tuple[str, int, tuple[int, ...]]  # a paper in the list: ballot code, allocation, choices


@dataclass(frozen=True)
class Published:
    """What a bundle is made of. `meta`: what Pabulib's META says of the whole round. `log`: as `log_as_data` has it."""

    rules: str
    meta: Mapping[str, str]
    log: Mapping[str, object]
    leaves: Sequence[bytes]
    casts: tuple[int, int]  # final, superseded
    voids: Sequence[tuple[bytes, str]]  # leaf and why it is void, in the order of the leaves
    ballots: Iterable[Listed]
    results: Sequence[AllocationResult]


def write_bundle(published: Published, sign: Callable[[bytes], bytes]) -> bytes:
    """The zip. `sign` signs with the key of the round's log."""
    rules = read_rules(published.rules)
    withheld = why_withheld(rules, {result.allocation: result.voters for result in published.results})
    ballots = sorted(row for row in published.ballots if row[1] not in withheld)
    files = {
        RULES: published.rules.encode(),
        HEADS: as_json(published.log),
        LEAVES: write_leaves(published.leaves),
        VOIDS: write_voids(published.voids),
        BALLOTS: write_ballots(ballots),
        RESULT: as_json(Result(allocations=tuple(published.results)).model_dump(mode="json")),
    }
    for allocation, result in zip(rules.allocations, published.results, strict=True):
        if allocation.number not in withheld:
            choices = choices_for(allocation.number, ballots)
            meta = {**published.meta, "description": rules.title, "subunit": allocation.name}
            files[pabulib_name(allocation.number)] = write_votes(allocation, choices, result, meta)
    files[MANIFEST] = write_manifest(rules.round_id, published, files, withheld, sign)
    return pack(files)


def write_manifest(
    round_id: UUID,
    published: Published,
    files: Mapping[str, bytes],
    withheld: Mapping[int, WhyWithheld],
    sign: Callable[[bytes], bytes],
) -> bytes:
    final, superseded = published.casts
    counts = Counts(final=final, superseded=superseded, void=len(published.voids), log=len(published.leaves))
    manifest = Manifest(
        round=round_id,
        counts=counts,
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        withheld=tuple(Withheld(allocation=number, reason=why.value) for number, why in sorted(withheld.items())),
        signature=bytes(64).hex(),
    )
    manifest = manifest.model_copy(update={"signature": sign(manifest.signed).hex()})
    return as_json(manifest.model_dump(mode="json"))


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip that is the same for the same files: sorted, not compressed, without times."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as bundle:
        for name in sorted(files):
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # on every machine as on Unix
            bundle.writestr(entry, files[name])
    return packed.getvalue()


def unpack(packed: bytes) -> dict[str, bytes]:
    """The files in the zip. Raises ValueError with a sentence unless `pack` makes the same zip of them."""
    try:
        with ZipFile(BytesIO(packed)) as bundle:
            if any(entry.compress_type != ZIP_STORED for entry in bundle.infolist()):
                raise ValueError("a file is compressed")
            files = {name: bundle.read(name) for name in bundle.namelist()}
        again = pack(files)
    except Exception as error:  # anybody may have made the file, and zipfile refuses it in many ways
        raise ValueError(f"The zip cannot be read: {error}.") from error
    if again != packed:
        raise ValueError("The zip is not packed as a bundle is: something beside the files in it was changed.")
    return files


def write_leaves(leaves: Sequence[bytes]) -> bytes:
    return "".join(["index,leaf\n", *(f"{n},{leaf.hex()}\n" for n, leaf in enumerate(leaves))]).encode()


def read_leaves(content: bytes) -> list[bytes]:
    """The leaves in the log's order. Raises ValueError."""
    leaves = []
    for number, line in enumerate(lines_under("index,leaf", content)):
        index, _, leaf = line.partition(",")
        if index != str(number) or not re.fullmatch("[0-9a-f]{64}", leaf):
            raise ValueError(f"line {number + 2} is not leaf {number}")
        leaves.append(bytes.fromhex(leaf))
    return leaves


def write_voids(voids: Iterable[tuple[bytes, str]]) -> bytes:
    return "".join(["leaf,why\n", *(f"{leaf.hex()},{why}\n" for leaf, why in voids)]).encode()


def read_voids(content: bytes) -> list[tuple[bytes, str]]:
    """Each void envelope's leaf and why it is void. Raises ValueError."""
    voids = []
    for number, line in enumerate(lines_under("leaf,why", content), start=2):
        if not (row := VOID.fullmatch(line)):
            raise ValueError(f"line {number} is not a leaf and why it is void")
        voids.append((bytes.fromhex(row[1]), row[2]))
    return voids


def write_ballots(ballots: Iterable[Listed]) -> bytes:
    rows = (f"{code},{allocation},{' '.join(map(str, choices))}\n" for code, allocation, choices in ballots)
    return "".join(["code,allocation,choices\n", *rows]).encode()


def read_ballots(content: bytes) -> list[Listed]:
    """The papers as listed. Raises ValueError."""
    ballots = []
    for number, line in enumerate(lines_under("code,allocation,choices", content), start=2):
        if not (row := ROW.fullmatch(line)):
            raise ValueError(f"line {number} is not a code, an allocation and choices")
        ballots.append((row[1], int(row[2]), tuple(map(int, row[3].split()))))
    return ballots


def lines_under(header: str, content: bytes) -> list[str]:
    first, *lines = content.decode("ascii").split("\n")
    if first != header or not lines or lines.pop():
        raise ValueError(f"it must start with {header} and end with a line's end")
    return lines


def choices_for(allocation: int, ballots: Iterable[Listed]) -> list[tuple[int, ...]]:
    return [choices for _, number, choices in ballots if number == allocation]


def pabulib_name(allocation: int) -> str:
    return f"allocation-{allocation}.pb"


def write_votes(
    allocation: AllocationRules, ballots: Sequence[Sequence[int]], result: AllocationResult, meta: Mapping[str, str]
) -> bytes:
    """The ballots as counted, as a Pabulib file; voters are numbered in the order of `ballots`."""
    labels = {ours: label for label, ours in LABELS.items()}
    known = {**meta, "rule": labels.get(allocation.rule, "unknown")}
    if allocation.ballot_type is BallotType.KNAPSACK:
        known["vote_type"] = "knapsack"
    if allocation.ballot_type is BallotType.POINTS:
        known |= {"max_points": str(allocation.paper.most_each), "max_sum_points": str(allocation.max_choices)}
    election, profile = election_of(allocation, result.withdrawn), profile_of(allocation, ballots, result.withdrawn)
    file = pabulib_of(election, profile, known, read_outcome(result.outcome))
    with TemporaryDirectory() as folder:
        path = Path(folder) / pabulib_name(allocation.number)
        write_pabulib(replace(file, voters=voters_of(allocation, ballots, result.withdrawn)), path)
        return path.read_bytes()


def voters_of(allocation: AllocationRules, ballots: Iterable[Sequence[int]], withdrawn: Collection[int]) -> Table:
    """A row for each ballot, withdrawn projects crossed out, as Pabulib's VOTES."""
    stand = ([number for number in ballot if number not in withdrawn] for ballot in ballots)
    votes = (to_vote(allocation.ballot_type, ballot) for ballot in stand)
    if allocation.ballot_type is not BallotType.POINTS:
        return Table(("voter_id", "vote"), tuple((str(n), ",".join(vote)) for n, vote in enumerate(votes, start=1)))
    rows = []
    for n, vote in enumerate(votes, start=1):
        most_first = sorted(vote, key=lambda pair: -pair[1])  # as Pabulib's own check wants it
        rows.append((str(n), *(",".join(str(pair[column]) for pair in most_first) for column in (0, 1))))
    return Table(("voter_id", "vote", "points"), tuple(rows))
