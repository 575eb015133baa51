"""Equal Shares and Phragmén beside pabutools, a program by others, on made-up elections without ties (`--slow`)."""

import json
import random
import subprocess

import pytest

from tally import Election, Profile, Project, count, pabulib_of, write_pabulib
from tests.bench.measuring import PEERS, ROOT

pytestmark = pytest.mark.slow  # `./run test --slow` makes what it is compared with
SEED = 20261124
MANY = 60


def made_up(seed):
    """20 to 200 voters who like some kinds of projects better; costs that no two projects share."""
    rng = random.Random(seed)
    projects = rng.randint(5, 25)
    costs = rng.sample(range(1_000, 90_000), projects)
    liked = [[rng.random() ** 3 for _ in range(projects)] for _ in range(3)]
    ballots = []
    for _ in range(rng.randint(20, 200)):
        taste = rng.choice(liked)
        ballots.append([str(n) for n in range(projects) if rng.random() < taste[n]])
    listed = tuple(Project(str(n), 100 * cost) for n, cost in enumerate(costs))
    return Election(listed, 100 * (sum(costs) // rng.randint(2, 5))), Profile.of(ballots)


@pytest.mark.parametrize("rule", ["equal-shares", "equal-shares/cardinality", "phragmen"])
def test_the_winners_are_those_of_pabutools(tmp_path, rule):
    elections = {tmp_path / f"{seed}.pb": made_up(SEED + seed) for seed in range(MANY)}
    for path, (election, profile) in elections.items():
        write_pabulib(pabulib_of(election, profile, {"rule": "unknown"}), path)
    words = [str(PEERS), str(ROOT / "tests/bench/peer.py"), rule, *map(str, elections)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = [set(json.loads(line)["result"]) for line in done.stdout.splitlines()]
    assert len(found) == MANY
    compared = 0
    for (election, profile), theirs in zip(elections.values(), found, strict=True):
        outcome = count(election, profile, rule)
        if not outcome.ties:
            compared += 1
            assert set(outcome.winners) == theirs
    assert compared > MANY // 2
