"""What `.venv-peers` counts with pabutools, apart from the project: `python peer.py RULE FILE…`, a JSON line a file."""

import json
import resource
import sys
from time import perf_counter

from pabutools.election import Cardinality_Sat, Cost_Sat, parse_pabulib
from pabutools.rules import method_of_equal_shares, sequential_phragmen

RULES = {
    "equal-shares": lambda instance, profile: method_of_equal_shares(instance, profile, sat_class=Cost_Sat),
    "equal-shares/cardinality": lambda instance, profile: method_of_equal_shares(
        instance, profile, sat_class=Cardinality_Sat
    ),
    "add1": lambda instance, profile: method_of_equal_shares(
        instance, profile, sat_class=Cost_Sat, voter_budget_increment=1
    ),
    "phragmen": sequential_phragmen,
}


def main(rule: str, *paths: str) -> None:
    for path in paths:
        started = perf_counter()
        instance, profile = parse_pabulib(path)
        winners = RULES[rule](instance, profile)
        seconds = perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "peak": peak, "result": sorted(project.name for project in winners)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
