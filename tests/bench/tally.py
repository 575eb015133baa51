"""`./run bench tally`: counting beside pabutools, HiGHS, pyrankvote and a bare loop over the same file's lines.

Every figure comes from its own process with its imports done. Ours is the median of five runs, a slow peer runs once.
The real elections stand beside the project; those that are absent are said to be.
"""

import gc
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from tally import Election, Kind, Profile, Project, count, read_file
from tally.optimal import knapsack
from tally.runoff import instant_runoff
from tests.bench.measuring import DATA, PEERS, ROOT, in_process, line, report
from tests.bench.synthetic import costs_and_weights

HERE = "tests.bench.tally"
SEED = 20261124
__all__ = ["report"]


def file_to_result(path, rule):
    """From the file on the disk to the winners; without a minimum of votes, which pabutools does not know."""
    file = read_file(Path(path))
    return list(count(replace(file.election, min_votes=0), file.profile, rule).winners)


def bare_loop(path):
    """What reading and splitting the same lines takes, with nothing done about them."""
    fields = 0
    with Path(path).open(encoding="utf-8") as file:
        for row in file:
            fields += len(row.split(";"))
    return fields


def knapsack_election(projects=300):
    random = np.random.default_rng(SEED)
    costs, weights = costs_and_weights(projects, random)
    votes = np.maximum(1, np.rint(weights * 500_000 * random.lognormal(0, 0.5, projects))).astype(np.int64)
    listed = tuple(Project(str(n), cost) for n, cost in enumerate(costs.tolist()))
    ballot = tuple((str(n), number) for n, number in enumerate(votes.tolist()))
    return Election(listed, int(costs.sum()) // 4), Profile.counted({ballot: 1}, Kind.POINTS)


def our_knapsack():
    outcome = knapsack(*knapsack_election())
    return [outcome.value, outcome.proven]


def highs_knapsack():
    """The same as an integer program, without the choice between equally good sets."""
    import highspy

    election, profile = knapsack_election()
    votes = profile.for_election(election).votes.tolist()
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.5)
    taken = [model.addBinary(obj=float(number)) for number in votes]
    model.addConstr(sum(p.cost * x for p, x in zip(election.projects, taken, strict=True)) <= election.budget)
    model.changeObjectiveSense(highspy.ObjSense.kMaximize)
    model.run()
    chosen = np.array(model.getSolution().col_value[: len(votes)]) > 0.5
    return [int(np.array(votes)[chosen].sum()), True]


def ranked_ballots(voters=100_000, projects=20):
    random = np.random.default_rng(SEED)
    weights = np.arange(1, projects + 1) ** -0.8
    keys = random.exponential(size=(voters, projects)) / weights  # the smallest keys are a draw without putting back
    order, lengths = np.argsort(keys, axis=1), random.integers(1, 7, voters).tolist()
    return [[str(c) for c in row[:length]] for row, length in zip(order.tolist(), lengths, strict=True)]


def ranked_election(projects=20):
    return Election(tuple(Project(str(n), 1) for n in range(projects)), 1)


BALLOTS: list[list[str]] = []
PROFILES: list[Profile] = []


def prepare_ballots():
    """Draw the ballots, apart from what is measured."""
    BALLOTS.extend(ranked_ballots())
    PROFILES.append(Profile.of(BALLOTS, Kind.RANKED))
    gc.collect()
    gc.freeze()


def our_runoff(build):
    """From a profile, or with `build` from lists of names, as pyrankvote gets them."""
    if not BALLOTS:
        return prepare_ballots()
    profile = Profile.of(BALLOTS, Kind.RANKED) if build == "build" else PROFILES[0]
    return list(instant_runoff(ranked_election(), profile).winners)


def pyrankvote_runoff():
    import pyrankvote

    if not BALLOTS:
        return prepare_ballots()
    candidates = {str(n): pyrankvote.Candidate(str(n)) for n in range(20)}
    ballots = [pyrankvote.Ballot([candidates[name] for name in ballot]) for ballot in BALLOTS]
    winners = pyrankvote.instant_runoff_voting(list(candidates.values()), ballots).get_winners()
    return [winner.name for winner in winners]


def run():
    """Print all lines."""
    real_files()
    with tempfile.TemporaryDirectory() as folder:
        synthetic(Path(folder))
    ours, peer = in_process(HERE, "our_knapsack"), in_process(HERE, "highs_knapsack")
    same(ours, peer)
    line("optimal knapsack, 300 projects, beside HiGHS", ours, peer, 1)
    peer = in_process(HERE, "pyrankvote_runoff")
    for build, what, wanted in (("count", "profile to result", 10), ("build", "lists of names to result", 1)):
        ours = in_process(HERE, "our_runoff", build)
        same(ours, peer)
        line(f"instant-runoff, 100,000 x 20, {what}, beside pyrankvote", ours, peer, wanted)


def real_files():
    for name, rule, ask, wanted in (
        ("Poland_Lodz_2022", "equal-shares", "equal-shares", 300),
        ("Poland_Warszawa_2026", "equal-shares", "equal-shares", 80),
        ("Poland_Wieliczka_2023_Green_Budget", "equal-shares/add1", "add1", 40),
    ):
        path = DATA / f"{name}.pb"
        if not path.exists():
            print(f"{name}: not beside the project, not measured")
            continue
        ours = in_process(HERE, "file_to_result", str(path), rule)
        peer = in_process("tests/bench/peer.py", ask, str(path), python=PEERS)
        note = "same winners" if sorted(ours["result"]) == peer["result"] else "other winners"
        line(f"{rule}, {name}.pb to result, beside pabutools", ours, peer, wanted, note)


def synthetic(folder):
    small, large = folder / "small.pb", folder / "large.pb"
    for path, voters in ((small, 100_000), (large, 1_000_000)):  # apart: a process starts with its parent's peak
        subprocess.run([sys.executable, "-m", "tests.bench.synthetic", path, str(voters)], check=True, cwd=ROOT)
    for rule in ("equal-shares", "greedy", "phragmen"):
        little, much = (in_process(HERE, "file_to_result", str(path), rule) for path in (small, large))
        bare = in_process(HERE, "bare_loop", str(large))
        line(f"{rule}, 1,000,000 x 200 to result, beside a bare loop", much, bare, 0.1)
        line(f"{rule}, growth: 100,000 beside 1,000,000 voters", much, little, 1 / 12)


def same(ours, peer):
    if ours["result"] != peer["result"]:
        raise RuntimeError(f"the results differ: {ours['result']} and {peer['result']}")
