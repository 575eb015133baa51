"""A second reader of bundles, written apart from the first, from its description. The standard library is enough.

    python tests/second_reader.py BUNDLE.zip

prints canonical JSON of what it finds: whether checksums, heads, numbers, void envelopes and what is withheld hold, and
for each allocation whose ballots are published the votes, and the winners under the rules that it knows. It does not
check signatures.
"""

import csv
import hashlib
import io
import json
import pathlib
import sys
import zipfile
from fractions import Fraction


def sha256(data):
    return hashlib.sha256(data).digest()


def merkle_root(leaves):
    """RFC 6962, section 2.1, over hashes that are leaf hashes already."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return sha256(b"\x01" + merkle_root(leaves[:middle]) + merkle_root(leaves[middle:]))


def read_table(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def checksums_hold(files, manifest):
    others = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"}
    return others == manifest["files"]


def check_heads(heads, leaves):
    """For each head whether its root is the one over its first leaves, and whether the sizes go up to the end."""
    fits = [h["size"] <= len(leaves) and merkle_root(leaves[: h["size"]]).hex() == h["root"] for h in heads]
    sizes = [head["size"] for head in heads]
    return {"fit": fits, "go_up": sizes == sorted(set(sizes)) and sizes[-1:] == [len(leaves)]}


def numbers_hold(counts, leaves):
    return counts["final"] + counts["superseded"] + counts["void"] == counts["log"] == len(leaves)


def void_holds(void, counts, leaves):
    names = [bytes.fromhex(row["leaf"]) for row in void]
    return names == sorted(set(names)) and set(names) <= set(leaves) and len(names) == counts["void"]


def must_be_withheld(allocations, voters):
    """Short lists; and whole areas, smallest first, until those whom only the city's lists show are none or enough."""
    few, group = "fewer than 10 ballots", "a group of fewer than 10 voters"
    reasons = {number: few for number, ballots in voters.items() if ballots < 10}
    shown = {a["area_id"]: voters[a["number"]] for a in allocations if a["number"] not in reasons}
    city = shown.pop(None, 0)
    while 0 < city - sum(shown.values()) < 10:
        smallest = min(shown, key=shown.get)
        del shown[smallest]
        for number in [a["number"] for a in allocations if a["area_id"] == smallest]:
            reasons[number] = f"so that {group} does not show in the lists for the whole city"
    return [{"allocation": number, "reason": reasons[number]} for number in sorted(reasons)]


def standing(ballot, withdrawn):
    return [project for project in ballot if project not in withdrawn]


def add_up(ballots, order):
    votes = dict.fromkeys(order, 0)
    for ballot in ballots:
        for project in ballot:
            votes[project] += 1
    return votes


def fund(ranking, votes, costs, allocation, stops):
    """Down the ranking: what has the votes and fits wins; what does not fit is skipped, ends it, or gets the rest."""
    left, winners, part = allocation["amount_cents"], [], None
    for project in ranking:
        if votes[project] < allocation["min_votes"]:
            continue
        if costs[project] <= left:
            winners.append(project)
            left -= costs[project]
        elif allocation["part_funding"] and left > 0:
            part = [project, left]
            break
        elif stops:
            break
    return winners, part


def by_votes(ballots, order, costs, allocation):
    votes = add_up(ballots, order)
    ranking = sorted(order, key=lambda project: (-votes[project], order.index(project)))
    return fund(ranking, votes, costs, allocation, stops=allocation["rule"] == "no-skip")


def by_votes_per_euro(ballots, order, costs, allocation):
    votes = add_up(ballots, order)
    ranking = sorted(order, key=lambda p: (Fraction(-votes[p], costs[p]), order.index(p)))
    return fund(ranking, votes, costs, allocation, stops=False)


def instant_runoff(ballots, order, costs, allocation):
    """Until one has more than half of the ballots that still name somebody, the last of those with fewest drops out."""
    still_in = list(order)
    while True:
        firsts = dict.fromkeys(still_in, 0)
        for ballot in ballots:
            first = next((project for project in ballot if project in firsts), None)
            if first is not None:
                firsts[first] += 1
        in_play = sum(firsts.values())
        for project in still_in:
            if firsts[project] * 2 > in_play:
                return [project], None
        if in_play == 0:
            return [], None
        fewest = min(firsts.values())
        still_in.remove([project for project in still_in if firsts[project] == fewest][-1])


KNOWN = {
    "greedy": by_votes,
    "threshold": by_votes,
    "no-skip": by_votes,
    "per-euro": by_votes_per_euro,
    "irv": instant_runoff,
}


def count(allocation, result, ballots):
    """One allocation: its ballots, its votes, and its winners if the rule is one of ours."""
    withdrawn = set(result["withdrawn"])
    order = [project for project in allocation["tie_order"] if project not in withdrawn]
    costs = {project["number"]: project["cost_cents"] for project in allocation["projects"]}
    stand = [standing(ballot, withdrawn) for ballot in ballots]
    found = {
        "ballots": len(ballots),
        "blank": sum(not ballot for ballot in ballots),
        "votes": {str(project): votes for project, votes in add_up(stand, order).items()},
    }
    if allocation["rule"] in KNOWN:
        found["winners"], found["part"] = KNOWN[allocation["rule"]](stand, order, costs, allocation)
    return found


def read_bundle(packed):
    """What the bundle holds, as plain data."""
    with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    manifest, rules = json.loads(files["manifest.json"]), json.loads(files["rules.json"])
    leaves = [bytes.fromhex(row["leaf"]) for row in read_table(files["leaves.csv"])]
    withheld = [entry["allocation"] for entry in manifest["withheld"]]
    results = {result["allocation"]: result for result in json.loads(files["result.json"])["allocations"]}
    ballots = {}
    for row in read_table(files["ballots.csv"]):
        ballots.setdefault(int(row["allocation"]), []).append([int(number) for number in row["choices"].split()])
    return {
        "round": manifest["round"],
        "checksums": checksums_hold(files, manifest),
        "heads": check_heads(json.loads(files["tree-heads.json"])["heads"], leaves),
        "numbers": numbers_hold(manifest["counts"], leaves),
        "void": void_holds(read_table(files["void.csv"]), manifest["counts"], leaves),
        "withheld": withheld,
        "withheld_rightly": manifest["withheld"]
        == must_be_withheld(rules["allocations"], {number: result["voters"] for number, result in results.items()}),
        "allocations": {
            str(a["number"]): count(a, results[a["number"]], ballots.get(a["number"], []))
            for a in rules["allocations"]
            if a["number"] not in withheld
        },
    }


def read_as_text(packed):
    return json.dumps(read_bundle(packed), sort_keys=True, separators=(",", ":"))


if __name__ == "__main__":
    print(read_as_text(pathlib.Path(sys.argv[1]).read_bytes()))
