"""What a check reads: the parsed bundle, and what somebody kept of the log. No tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ConfigDict

from pb.bundle.models import AllocationResult, Hex32, Log, LoggedHead, Manifest, Number, Shape
from pb.rounds.rules import AllocationRules, Rules

Row = tuple[str, int, tuple[int, ...]]  # ballot code, allocation, choices


@dataclass(frozen=True)
class Contents:
    """A bundle whose files could all be read."""

    files: Mapping[str, bytes]
    manifest: Manifest
    log: Log
    leaves: list[bytes]
    voids: list[tuple[bytes, str]]  # leaf, why
    rules: Rules
    ballots: list[Row]
    results: tuple[AllocationResult, ...]

    @property
    def withheld(self) -> dict[int, str]:
        """The allocations whose ballots are not published, with the reason."""
        return {entry.allocation: entry.reason for entry in self.manifest.withheld}

    @property
    def listed(self) -> list[tuple[AllocationRules, AllocationResult]]:
        """The allocations whose ballots are published, with their results."""
        results = {result.allocation: result for result in self.results}
        shown = (a for a in self.rules.allocations if a.number in results and a.number not in self.withheld)
        return [(allocation, results[allocation.number]) for allocation in shown]


class Receipt(Shape):
    """A voter's proof that the log has their envelope; more than this may stand in the file."""

    model_config = ConfigDict(extra="ignore")

    leaf: Hex32
    index: Number
    head: LoggedHead
    key: Hex32


@dataclass(frozen=True)
class Saved:
    """What a saved file says of the log: heads; the key, where it names it; a leaf and its place."""

    heads: tuple[LoggedHead, ...]
    key: str | None = None
    leaf: tuple[int, str] | None = None


def read_saved(content: bytes) -> Saved:
    """A saved head, receipt.json, heads.json, or a file with a head on each line. Raises ValueError."""
    try:
        data = json.loads(content)
    except ValueError:
        return Saved(tuple(map(LoggedHead.model_validate_json, content.splitlines())))
    if isinstance(data, dict) and "heads" in data:
        log = Log.model_validate_json(content)
        return Saved(log.heads, log.key)
    if isinstance(data, dict) and "head" in data:
        receipt = Receipt.model_validate_json(content)
        return Saved((receipt.head,), receipt.key, (receipt.index, receipt.leaf))
    return Saved((LoggedHead.model_validate_json(content),))
