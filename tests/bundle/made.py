"""Bundles of made-up rounds, without a database: everything in them is drawn by one `Random`."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from ballots.codes import DIGITS, check_character
from ballots.merkle import Head, root_of
from ballots.seal import sign, verifying_key
from ballots.types import BallotType
from pb.bundle.models import AllocationResult, Manifest, as_json
from pb.bundle.rules import MANIFEST, Listed, Published, choices_for, pack, unpack, write_bundle
from pb.log.rules import head_as_data
from pb.rounds.rules import AllocationRules, ProjectRules, Rules, rules_text
from pb.verification.rules import recount
from tally import outcome_as_data

SEED = bytes(range(32))  # of the log's key
START = datetime(2027, 3, 1, 6, tzinfo=UTC)
AREAS = [UUID(int=1), UUID(int=2)]
META = {"country": "Finland", "unit": "Vanajaniemi", "instance": "2027", "currency": "EUR"}
FOR_SETS = ["greedy", "threshold", "no-skip", "per-euro", "knapsack", "equal-shares", "equal-shares/add1", "phragmen"]
RANKED = ["irv", "irv", "stv", "rank-points", "expanding-approvals"]
PART = ("greedy", "threshold", "no-skip", "per-euro", "phragmen", "rank-points")


def make_bundle(random: Random, voters: int | None = None) -> bytes:
    return write_bundle(make_published(random, voters), partial(sign, SEED))


def make_published(random: Random, voters: int | None = None) -> Published:
    """A round of up to four allocations, some for one area, with withdrawn projects, equal votes and blank ballots."""
    round_id = UUID(int=random.getrandbits(128))
    areas = [None, *random.choices([None, *AREAS], k=random.randrange(4))]
    allocations, first = [], 1
    for number, area in enumerate(areas, start=1):
        allocations.append(make_allocation(random, number, area, first))
        first += len(allocations[-1].projects)
    rules = Rules(
        round_id=round_id,
        title="Kulttuuria; kaikille",
        service="Kulttuuri",
        currency="EUR",
        opens=START,
        closes=START + timedelta(days=14),
        seed="",
        allocations=tuple(allocations),
    )
    voters = random.randrange(45) if voters is None else voters
    ballots = make_ballots(random, rules, voters)
    superseded, void = random.randrange(9), random.randrange(5)
    leaves = [random.randbytes(32) for _ in range(voters + superseded + void)]
    return Published(
        rules=rules_text(rules),
        meta=META,
        log=make_log(random, round_id, leaves),
        leaves=leaves,
        casts=(voters, superseded),
        voids=make_voids(random, leaves, void),
        ballots=ballots,
        results=[make_result(random, a, choices_for(a.number, ballots)) for a in allocations],
    )


def make_voids(random: Random, leaves: Sequence[bytes], void: int) -> list[tuple[bytes, str]]:
    return [(leaf, random.choice(["unreadable", "not allowed"])) for leaf in sorted(random.sample(leaves, void))]


def make_allocation(random: Random, number: int, area: UUID | None, first: int) -> AllocationRules:
    kind = random.choice(list(BallotType))
    points = kind is BallotType.POINTS
    for_sets = [name for name in FOR_SETS if not points or name != "phragmen"]
    rule = random.choice(RANKED if kind is BallotType.RANKED else for_sets)
    numbers = list(range(first, first + random.randint(1, 7)))
    amount = random.randint(5, 30) * 100_00
    cost = random.randint(100, amount // 100)
    costs = [cost if rule == "stv" else random.randint(100, amount // 100) for _ in numbers]
    projects = [
        ProjectRules(id=UUID(int=n), number=n, title=f'Hanke "{n}"', cost_cents=euros * 100)
        for n, euros in zip(numbers, costs, strict=True)
    ]
    return AllocationRules(
        number=number,
        name=f"Tasku {number}",
        area_id=area,
        service="Kulttuuri",
        amount_cents=amount,
        ballot_type=kind,
        max_choices=None if kind is BallotType.KNAPSACK else random.randint(1, 5),
        max_points=1 if points and random.random() < 0.3 else None,
        rule=rule,
        min_votes=random.randint(1, 5) if rule == "threshold" else 0,
        part_funding=rule in PART and random.random() < 0.3,
        projects=tuple(projects),
        tie_order=tuple(random.sample(numbers, len(numbers))),
    )


def make_ballots(random: Random, rules: Rules, voters: int) -> list[Listed]:
    """As the box lists them: by code."""
    ballots, code = [], ""
    for _ in range(voters):
        code = code if code and random.random() < 0.01 else make_code(random)
        area = random.choice([None, *AREAS])
        ballots += [(code, a.number, make_choices(random, a)) for a in rules.allocations_for(area)]
    return sorted(ballots)


def make_code(random: Random) -> str:
    code = "".join(random.choices(DIGITS, k=12))
    return code + check_character(code)


def make_choices(random: Random, allocation: AllocationRules) -> tuple[int, ...]:
    """What a voter may mark: few wide choices, so that votes are often equal."""
    if allocation.ballot_type is BallotType.POINTS:
        purse = [n for n in sorted(allocation.paper.costs) for _ in range(allocation.paper.most_each)]
        most = min(len(purse), allocation.max_choices or 0)
        return tuple(sorted(random.sample(purse, random.randint(0, most))))
    paper, chosen, left = allocation.paper, [], allocation.amount_cents
    for number in random.sample(sorted(paper.costs), random.randint(0, min(len(paper.costs), paper.max_choices or 9))):
        if paper.type is not BallotType.KNAPSACK or paper.costs[number] <= left:
            chosen.append(number)
            left -= paper.costs[number]
    return tuple(chosen if paper.type is BallotType.RANKED else sorted(chosen))


def make_result(random: Random, allocation: AllocationRules, ballots: Sequence[tuple[int, ...]]) -> AllocationResult:
    numbers = [p.number for p in allocation.projects]
    result = AllocationResult(
        allocation=allocation.number,
        eligible=len(ballots) + random.randrange(20),
        voters=len(ballots),
        blank=sum(not choices for choices in ballots),
        withdrawn=tuple(number for number in numbers if random.random() < 0.1),
        outcome={},
    )
    outcome = json.loads(json.dumps(outcome_as_data(recount(allocation, result, ballots))))
    return result.model_copy(update={"outcome": outcome})


def make_log(random: Random, round_id: UUID, leaves: Sequence[bytes]) -> dict[str, object]:
    """As the log's page has it: heads at some sizes, and one over all."""
    sizes = sorted({0, len(leaves), *random.sample(range(len(leaves) + 1), min(4, len(leaves)))})
    heads = [make_head(round_id, leaves[:size], START + timedelta(minutes=size)) for size in sizes]
    return {"round": str(round_id), "key": verifying_key(SEED).hex(), "heads": heads}


def make_head(round_id: UUID, leaves: Sequence[bytes], at: datetime = START, seed: bytes = SEED) -> dict[str, object]:
    head = Head(round_id, len(leaves), root_of(leaves), at)
    return head_as_data(replace(head, signature=sign(seed, head.signed)))


def changed(bundle: bytes, change: Callable[[dict[str, bytes]], None], *, by_insider: bool = False) -> bytes:
    """The bundle with its files changed; an insider has the key and makes the manifest fit."""
    files = unpack(bundle)
    change(files)
    if by_insider and MANIFEST in files:
        manifest = Manifest.model_validate_json(files[MANIFEST])
        sums = {name: hashlib.sha256(files[name]).hexdigest() for name in files if name != MANIFEST}
        manifest = manifest.model_copy(update={"files": sums})
        signed = manifest.model_copy(update={"signature": sign(SEED, manifest.signed).hex()})
        files[MANIFEST] = as_json(signed.model_dump(mode="json"))
    return pack(files)
