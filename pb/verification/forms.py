"""Reading a bundle that anybody may have made: what cannot be read, is missing, added or changed is named."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from pb.bundle.models import AllocationResult, Log, Manifest, Result
from pb.bundle.rules import (
    BALLOTS,
    HEADS,
    LEAVES,
    MANIFEST,
    RESULT,
    RULES,
    VOIDS,
    read_ballots,
    read_leaves,
    read_voids,
)
from pb.results.rules import election_of, read_outcome
from pb.rounds.rules import Rules, read_rules
from pb.verification.models import Contents
from tally.sections import excerpt, one_line


def read_frozen(content: bytes) -> Rules:
    """The rules, if every allocation of theirs can be counted. Raises ValueError."""
    rules = read_rules(content.decode())
    if len({allocation.number for allocation in rules.allocations}) != len(rules.allocations):
        raise ValueError("two allocations have one number")
    for allocation in rules.allocations:
        if sorted(allocation.tie_order) != sorted(project.number for project in allocation.projects):
            raise ValueError(f"the tie order of allocation {allocation.number} does not list each project once")
        assert allocation.paper, election_of(allocation)  # each raises ValueError where nobody could vote or count
    return rules


def read_result(content: bytes) -> tuple[AllocationResult, ...]:
    """The allocations' results, each with an outcome of tally's. Raises ValueError."""
    results = Result.model_validate_json(content).allocations
    for result in results:
        try:
            hash(read_outcome(result.outcome))
        except Exception as error:  # anybody may have made the file, and what is no outcome fails in many ways
            raise ValueError(f"the outcome of allocation {result.allocation} is none") from error
    return results


READERS: dict[str, Callable[[bytes], Any]] = {
    MANIFEST: Manifest.model_validate_json,
    HEADS: Log.model_validate_json,
    LEAVES: read_leaves,
    VOIDS: read_voids,
    RULES: read_frozen,
    BALLOTS: read_ballots,
    RESULT: read_result,
}


def read_contents(files: Mapping[str, bytes], faults: list[str]) -> Contents | None:
    """The parsed bundle, or None where a file cannot be read; what is wrong with the files is added to `faults`."""
    read = {name: read_part(name, reader, files[name], faults) for name, reader in READERS.items() if name in files}
    faults += [f"{name} is missing." for name in READERS if name not in files]
    if manifest := read.get(MANIFEST):
        faults += file_faults(files, manifest)
    if len(read) < len(READERS) or None in read.values():
        return None
    return Contents(files, *(read[name] for name in READERS))


def read_part(name: str, reader: Callable[[bytes], Any], content: bytes, faults: list[str]) -> Any:
    """What the reader makes of the file, or None, with the fault."""
    try:
        return reader(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        faults.append(one_line(f"{name} cannot be read: {place or 'JSON'}: {first['msg']}."))
    except ValueError as error:
        faults.append(one_line(f"{name} cannot be read: {error}."))
    return None


def file_faults(files: Mapping[str, bytes], manifest: Manifest) -> Iterator[str]:
    """What the manifest says of the other files, against the files."""
    for name in sorted({*manifest.files} - {*files} - {*READERS}):
        yield f"{excerpt(name)} is missing: the manifest names it."
    for name in sorted({*files} - {*manifest.files} - {MANIFEST}):
        yield f"{excerpt(name)} is in the bundle, and the manifest does not name it."
    for name in sorted({*files} & {*manifest.files}):
        if hashlib.sha256(files[name]).hexdigest() != manifest.files[name]:
            yield f"{excerpt(name)} was changed: its SHA-256 is not the one in the manifest."
