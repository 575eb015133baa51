"""What the JSON files of a bundle hold. No tables: nothing of it is kept in the database."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ballots.merkle import Head

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
Number = Annotated[int, Field(ge=0, lt=2**31)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class LoggedHead(Shape):
    """A head as `pb.log.rules.head_as_data` writes it."""

    round: UUID
    size: Number
    root: Hex32
    at: datetime
    signature: Hex64

    @property
    def head(self) -> Head:
        return Head(self.round, self.size, bytes.fromhex(self.root), self.at, bytes.fromhex(self.signature))


class Log(Shape):
    """All heads, and the key that tells their signatures."""

    round: UUID
    key: Hex32
    heads: tuple[LoggedHead, ...]


class Counts(Shape):
    """All casts: the ballots that count, those that a later cast replaced, those opened and void."""

    final: Number
    superseded: Number
    void: Number
    log: Number


class Withheld(Shape):
    allocation: int
    reason: str


class Manifest(Shape):
    """What the bundle holds, with the SHA-256 of every other file, signed by the key of the round's log."""

    v: Literal[1] = 1
    round: UUID
    counts: Counts
    files: dict[str, Hex32]
    withheld: tuple[Withheld, ...]
    signature: Hex64

    @property
    def signed(self) -> bytes:
        """What is signed: `pb/bundle/v1|`, then the manifest without its signature."""
        return b"pb/bundle/v1|" + as_json(self.model_dump(mode="json", exclude={"signature"}))


class AllocationResult(Shape):
    """One allocation's published count; `outcome` is tally's outcome as data, `withdrawn` lists ballot numbers."""

    allocation: int
    eligible: Number
    voters: Number
    blank: Number
    withdrawn: tuple[int, ...]
    outcome: dict[str, Any]


class Result(Shape):
    allocations: tuple[AllocationResult, ...]


def as_json(data: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, and a line's end."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
