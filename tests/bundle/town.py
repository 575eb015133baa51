"""One made-up round with two purses, and its bundle."""

from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

from ballots.seal import sign
from ballots.types import BallotType
from pb.bundle.rules import Published, choices_for, write_bundle
from pb.rounds.rules import ProjectRules, Rules, rules_text
from tests.bundle.made import META, SEED, START, make_ballots, make_head, make_log, make_result, make_voids
from tests.results.made import allocation

RANDOM = Random(7)


def make_town(voters: int = 30, lammi: int = 20) -> Published:
    """A purse for all (projects 1 to 4, the last withdrawn by chance) and one for Lammi, where so many vote."""
    area = uuid4()
    first = allocation(BallotType.APPROVAL, [40, 30, 50, 20]).model_copy(update={"max_choices": 3})
    second = allocation(BallotType.KNAPSACK, [60, 50]).model_copy(update={"number": 2, "area_id": area})
    numbers = (
        ProjectRules(id=p.id, number=p.number + 4, title=p.title, cost_cents=p.cost_cents) for p in second.projects
    )
    second = second.model_copy(update={"projects": tuple(numbers), "tie_order": (5, 6)})
    terms: dict[str, Any] = {"title": "Kierros", "service": "Kulttuuri", "currency": "EUR", "seed": ""}
    rules = Rules(round_id=uuid4(), opens=START, closes=START, allocations=(first, second), **terms)
    here = rules.model_copy(update={"allocations": (first, second.model_copy(update={"area_id": None}))})
    everywhere = rules.model_copy(update={"allocations": (first,)})
    ballots = sorted(make_ballots(RANDOM, here, lammi) + make_ballots(RANDOM, everywhere, voters - lammi))
    leaves = [RANDOM.randbytes(32) for _ in range(voters + 5)]
    return Published(
        rules=rules_text(rules),
        meta=META,
        log=make_log(RANDOM, rules.round_id, leaves),
        leaves=leaves,
        casts=(voters, 3),
        voids=make_voids(RANDOM, leaves, 2),
        ballots=ballots,
        results=[make_result(RANDOM, a, choices_for(a.number, ballots)) for a in rules.allocations],
    )


TOWN = make_town()
BUNDLE = write_bundle(TOWN, partial(sign, SEED))


def head_over(leaves: list[bytes], seed: bytes = SEED) -> dict[str, object]:
    """A head of the town's log, as if it had these leaves."""
    return make_head(Rules.model_validate_json(TOWN.rules).round_id, leaves, seed=seed)
