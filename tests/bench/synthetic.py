"""A made-up city of any size, the same for the same seed: approvals by popularity, costs lognormal."""

import sys
from pathlib import Path

import numpy as np

SEED = 20261124
MEAN_LENGTH = 5
HEAD = """META
key;value
description;Synthetic, seed {seed}
country;Finland
unit;Synthetic
instance;2026
num_projects;{projects}
num_votes;{voters}
budget;{budget}
vote_type;approval
rule;equalshares
date_begin;2026
date_end;2026
currency;EUR
PROJECTS
project_id;cost;name
"""


def costs_and_weights(projects, random):
    """Whole-cent costs, lognormal between 3 k and 2 M, and popularity falling as rank^-0.8."""
    costs = np.clip(random.lognormal(np.log(60_000), 1.2, projects), 3_000, 2_000_000)
    weights = np.arange(1, projects + 1) ** -0.8
    return np.rint(costs * 100).astype(np.int64), weights / weights.sum()


def write_synthetic(path: Path, voters: int, projects: int = 200, seed: int = SEED) -> None:
    """An approval election in `.pb`: mean 5 approvals a voter, budget a quarter of all costs."""
    random = np.random.default_rng(seed)
    costs, weights = costs_and_weights(projects, random)
    order = random.permutation(projects)  # popularity does not follow the published order
    budget = int(costs.sum()) // 4
    with path.open("w", encoding="utf-8") as file:
        file.write(
            HEAD.format(seed=seed, projects=projects, voters=voters, budget=f"{budget // 100}.{budget % 100:02}")
        )
        for number, cost in enumerate(costs.tolist(), start=1):
            file.write(f"{number};{cost // 100}.{cost % 100:02};Project {number}\n")
        file.write("VOTES\nvoter_id;vote\n")
        lengths = 1 + random.poisson(MEAN_LENGTH - 1, voters)
        drawn = order[np.searchsorted(np.cumsum(weights), random.random(int(lengths.sum()) * 2))] + 1
        at = 0
        for voter, length in enumerate(lengths.tolist(), start=1):
            vote = list(dict.fromkeys(drawn[at : at + 2 * length].tolist()))[:length]
            at += 2 * length
            file.write(f"{voter};{','.join(map(str, vote))}\n")


if __name__ == "__main__":
    write_synthetic(Path(sys.argv[1]), int(sys.argv[2]))
