"""What must hold in a bundle, from the log to the count; each check gives a sentence for each fault.

Source: docs/secret-ballot.md, "The bundle". Sentences are English, as those of every command.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import tally
from ballots.check import check_choices
from ballots.codes import read_ballot_code
from ballots.merkle import Peaks
from ballots.seal import is_signed
from ballots.types import InvalidBallot
from pb.bundle.models import AllocationResult, LoggedHead
from pb.bundle.rules import BALLOTS, LEAVES, MANIFEST, NAMES, VOIDS, choices_for, pabulib_name, voters_of
from pb.results.rules import election_of, profile_of, read_outcome
from pb.rounds.rules import AllocationRules, why_withheld
from pb.verification.models import Contents, Row, Saved
from tally import FileError, Outcome, read_pabulib
from tally.sections import excerpt


def contents_faults(bundle: Contents) -> Iterator[str]:
    """Every fault of a bundle that could be read."""
    for check in (round_faults, head_faults, count_faults, void_faults, ballot_faults, paper_faults, result_faults):
        yield from check(bundle)
    for allocation, result in bundle.listed:
        yield from recount_faults(bundle, allocation, result)
        yield from pabulib_faults(bundle, allocation, result)


def round_faults(bundle: Contents) -> Iterator[str]:
    ids = {bundle.manifest.round, bundle.log.round, bundle.rules.round_id, *(h.round for h in bundle.log.heads)}
    if len(ids) > 1:
        yield "The files are not all of one round."
    key, signature = bytes.fromhex(bundle.log.key), bytes.fromhex(bundle.manifest.signature)
    if not is_signed(key, bundle.manifest.signed, signature):
        yield f"{MANIFEST} is not signed by the key of the log."
    shown = {pabulib_name(allocation.number) for allocation, _ in bundle.listed}
    for name in sorted({*bundle.files} - shown - {*NAMES}):
        yield f"{excerpt(name)} does not belong in this bundle."


def head_faults(bundle: Contents) -> Iterator[str]:
    """Heads signed, ascending, and each with the root over as many leaves; the last one over all."""
    heads, leaves = bundle.log.heads, bundle.leaves
    if len(set(leaves)) != len(leaves):
        yield f"{LEAVES} lists an envelope twice."
    if not heads or heads[-1].size != len(leaves):
        yield f"{LEAVES} has {len(leaves)} leaves, and the last head is not of as many."
    for before, head in pairwise(heads):
        if before.size == head.size and before.root != head.root and signed(before, bundle) and signed(head, bundle):
            yield f"Split view: two signed heads of {head.size} leaves have different roots."
        elif before.size >= head.size:
            yield f"A head of {head.size} leaves comes after one of {before.size}."
    roots = roots_at(leaves, (head.size for head in heads))
    for head in heads:
        if not signed(head, bundle):
            yield f"The head of {head.size} leaves is not signed by the key of the log."
        if roots.get(head.size) != head.root:
            yield f"The head of {head.size} leaves does not fit the leaves in {LEAVES}."


def signed(head: LoggedHead, bundle: Contents) -> bool:
    return is_signed(bytes.fromhex(bundle.log.key), head.head.signed, head.head.signature)


def roots_at(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, str]:
    """The root over the first leaves, for each of these sizes that there are leaves for."""
    tree, roots = Peaks(), {}
    for size in sorted({size for size in sizes if size <= len(leaves)}):
        tree = tree.grown(leaves[tree.size : size])
        roots[size] = tree.root.hex()
    return roots


def saved_faults(bundle: Contents, saved: Saved) -> Iterator[str]:
    """Whether the bundle's log holds what somebody kept of it."""
    if saved.key not in (None, bundle.log.key):
        yield "The saved file names another key than the bundle: compare both with the key on the round's log page."
    roots = roots_at(bundle.leaves, (head.size for head in saved.heads))
    for head in saved.heads:
        if head.round != bundle.log.round:
            yield f"The saved head of {head.size} leaves is of another round."
        elif not signed(head, bundle):
            yield f"The saved head of {head.size} leaves is not signed by the key of the log, so it proves nothing."
        elif roots.get(head.size) != head.root:
            yield f"Split view: the key of the log signed a head of {head.size} leaves that is not in this log."
    if saved.leaf and saved.leaf not in enumerate(leaf.hex() for leaf in bundle.leaves):
        yield "The envelope of the saved receipt is not in its place in the log."


def count_faults(bundle: Contents) -> Iterator[str]:
    """final + superseded + void = the log's size, and as many final ballots as the list shows."""
    counts = bundle.manifest.counts
    if counts.final + counts.superseded + counts.void != counts.log or counts.log != len(bundle.leaves):
        yield (
            f"{MANIFEST}: {counts.final} final, {counts.superseded} superseded and {counts.void} void envelopes "
            f"do not make {counts.log}, or {LEAVES} has not as many leaves."
        )
    papers = Counter((code, allocation) for code, allocation, _ in bundle.ballots)
    ballots: Counter[str] = Counter()
    for (code, _), times in papers.items():
        ballots[code] = max(ballots[code], times)
    all_listed = not bundle.withheld or any(allocation.area_id is None for allocation, _ in bundle.listed)
    known = all_listed and max(ballots.values(), default=1) == 1
    if ballots.total() > counts.final or (known and ballots.total() < counts.final):
        yield f"{BALLOTS} has {ballots.total()} ballots, and {MANIFEST} says {counts.final}."


def void_faults(bundle: Contents) -> Iterator[str]:
    """Each void envelope is in the log and listed once, and they are as many as the manifest says."""
    names = [leaf for leaf, _ in bundle.voids]
    if names != sorted({*names}):
        yield f"{VOIDS} is not in the order of the leaves, or lists an envelope twice."
    for leaf in sorted({*names} - {*bundle.leaves}):
        yield f"{VOIDS}: the envelope {leaf.hex()} is not in {LEAVES}."
    if len(names) != bundle.manifest.counts.void:
        yield f"{VOIDS} has {len(names)} envelopes, and {MANIFEST} says that {bundle.manifest.counts.void} are void."


def ballot_faults(bundle: Contents) -> Iterator[str]:
    """Each paper in its place, under a code, and allowed by the rules."""
    papers = {a.number: a.paper for a in bundle.rules.allocations if a.number not in bundle.withheld}
    before: Row = ("", 0, ())
    for line, row in enumerate(bundle.ballots, start=2):
        code, allocation, choices = row
        if row < before:
            yield f"{BALLOTS}, line {line}: it is not in the order of the codes."
        before = row
        if not well_formed(code):
            yield f"{BALLOTS}, line {line}: {excerpt(code)} is not a ballot code."
        if allocation not in papers:
            yield f"{BALLOTS}, line {line}: the ballots of allocation {allocation} are not published."
            continue
        try:
            check_choices(papers[allocation], choices)
        except InvalidBallot as error:
            yield f"{BALLOTS}, line {line}: its paper does not allow these choices ({error.problem})."


def well_formed(code: str) -> bool:
    try:
        return read_ballot_code(code) == code
    except ValueError:
        return False


def paper_faults(bundle: Contents) -> Iterator[str]:
    """The papers under each code are those that some voter gets; of equal codes that is not known."""
    allowed = {frozenset(papers.keys() - bundle.withheld) for papers in bundle.rules.papers_per_voter()}
    papers: dict[str, list[int]] = {}
    for code, allocation, _ in bundle.ballots:
        papers.setdefault(code, []).append(allocation)
    for code, allocations in papers.items():
        if len(set(allocations)) == len(allocations) and frozenset(allocations) not in allowed:
            yield f"{BALLOTS}: no voter gets just the papers under the code {excerpt(code)}."


def result_faults(bundle: Contents) -> Iterator[str]:
    """A result for each allocation, and their ballots withheld where they must be."""
    if [r.allocation for r in bundle.results] != [a.number for a in bundle.rules.allocations]:
        yield "result.json has not one result for each allocation, in their order."
    else:
        yield from withheld_faults(bundle)
    for result in bundle.results:
        if not result.blank <= result.voters <= result.eligible:
            yield f"Allocation {result.allocation}: its blank ballots, voters and eligible do not ascend."


def withheld_faults(bundle: Contents) -> Iterator[str]:
    """The ballots withheld are those that must be, each for its reason, and no others."""
    due = why_withheld(bundle.rules, {result.allocation: result.voters for result in bundle.results})
    for number in sorted({*due} - {*bundle.withheld}):
        yield f"Allocation {number}: its ballots are published and must be withheld ({due[number]})."
    for number in sorted({*bundle.withheld} - {*due}):
        yield f"Allocation {number}: its ballots are withheld and need not be."
    said = [(entry.allocation, entry.reason) for entry in bundle.manifest.withheld]
    if due.keys() == bundle.withheld.keys() and said != sorted(due.items()):
        yield f"{MANIFEST} does not name each withheld allocation once, in order, for its reason."


def recount_faults(bundle: Contents, allocation: AllocationRules, result: AllocationResult) -> Iterator[str]:
    """The published ballots counted again under the frozen rule."""
    ballots, name = choices_for(allocation.number, bundle.ballots), f"Allocation {allocation.number}"
    if not {*result.withdrawn} <= {*allocation.tie_order}:
        yield f"{name}: a withdrawn project is not on the ballot."
    found = len(ballots), sum(not choices for choices in ballots)
    if found != (result.voters, result.blank):
        yield f"{name}: result.json has {result.voters} ballots, {result.blank} blank; the list {found[0]}, {found[1]}."
    try:
        again = recount(allocation, result, ballots)
    except ValueError as error:
        yield f"{name} cannot be counted again: {error}"
        return
    if not agree(read_outcome(result.outcome), again):
        yield f"{name}: the ballots counted again do not give the result in result.json."


def recount(allocation: AllocationRules, result: AllocationResult, ballots: Iterable[Sequence[int]]) -> Outcome:
    election = election_of(allocation, result.withdrawn)
    return tally.count(election, profile_of(allocation, ballots, result.withdrawn), allocation.rule)


def agree(published: Outcome, again: Outcome) -> bool:
    """Whether two counts are the same; where time ended a search before its proof, the winners tell."""
    return published == again or (not (published.proven and again.proven) and published.winners == again.winners)


def pabulib_faults(bundle: Contents, allocation: AllocationRules, result: AllocationResult) -> Iterator[str]:
    """The Pabulib file holds this election and these ballots."""
    name = pabulib_name(allocation.number)
    if name not in bundle.files:
        yield f"{name} is missing."
        return
    with TemporaryDirectory() as folder:
        (path := Path(folder) / name).write_bytes(bundle.files[name])
        try:
            file = read_pabulib(path, keep_voters=True)
        except FileError as error:
            yield f"{name}, line {error.line}: expected {error.expected}."
            return
    election = election_of(allocation, result.withdrawn)
    printed, listed = (
        (e.budget, e.min_votes, e.max_length, [(p.id, p.cost, p.title.strip()) for p in e.projects])
        for e in (file.election, election)
    )
    if printed != listed:
        yield f"{name} has not the projects, the money and the terms of {excerpt(allocation.name)}."
    if file.voters != voters_of(allocation, choices_for(allocation.number, bundle.ballots), result.withdrawn):
        yield f"{name} has not the ballots in {BALLOTS}."
    if set(file.selected) != set(read_outcome(result.outcome).winners):
        yield f"{name} does not mark the winners in result.json."
