"""The ballot box: the only code that touches the tables of schema `box`.

Each function works in the caller's transaction and never commits; a cast is answered only after COMMIT. Only
the database's clock says whether voting is open. Needs PostgreSQL's default isolation, READ COMMITTED: a
statement sees what was committed before it began, so it begins after the lock was granted.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import types
from ballots.plaintext import Ballot, decode_ballot
from ballots.seal import fingerprint, leaf, unseal_ballot
from ballots.tables import envelope, opened, round_


@dataclass(frozen=True)
class Box:
    """One round's box: everything about it but the envelopes. `closes_at` is the first instant it is over."""

    round_id: UUID
    public_key: bytes
    opens_at: datetime
    closes_at: datetime
    envelope_bytes: int
    rules_sha256: bytes
    closed_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public_key)


@dataclass(frozen=True)
class Receipt:
    """The voter's envelope is in the box under the name `leaf`; `version` counts their casts."""

    version: int
    leaf: bytes


@dataclass(frozen=True)
class Own:
    """A voter's envelope: how often they cast, its name in the log, and where it came from."""

    version: int
    leaf: bytes
    channel: str


async def prepare_box(session: AsyncSession, box: Box) -> None:
    """Set up the round's box when its ballot is confirmed."""
    await session.execute(insert(round_), {**asdict(box), "fingerprint": box.fingerprint})


async def get_box(session: AsyncSession, round_id: UUID) -> Box:
    """The round's box. Raises NoBox."""
    columns = (round_.c[field.name] for field in fields(Box))
    row = (await session.execute(select(*columns).where(round_.c.round_id == round_id))).one_or_none()
    if row is None:
        raise types.NoBox
    return Box(*row)


async def own_envelope(session: AsyncSession, round_id: UUID, box_ref: bytes) -> Own | None:
    """What this voter may know of their envelope; None for none."""
    mine = (envelope.c.round_id == round_id) & (envelope.c.box_ref == box_ref)
    row = (await session.execute(select(*(envelope.c[f.name] for f in fields(Own))).where(mine))).one_or_none()
    return None if row is None else Own(*row)


CAST = text("""
    WITH stored AS (INSERT INTO box.envelope (round_id, box_ref, channel, ciphertext, leaf, submission, version)
    SELECT round_id, :box_ref, :channel, :ciphertext, :leaf, :submission, 1
    FROM box.round
    WHERE round_id = :round_id
      AND opens_at <= clock_timestamp() AND clock_timestamp() < closes_at AND closed_at IS NULL
      AND (:seen = 0 OR EXISTS (SELECT FROM box.envelope WHERE round_id = :round_id AND box_ref = :box_ref))
    ON CONFLICT (round_id, box_ref) DO UPDATE
    SET channel = excluded.channel, ciphertext = excluded.ciphertext, leaf = excluded.leaf,
        submission = excluded.submission, version = envelope.version + 1
    WHERE envelope.version = :seen AND envelope.submission <> excluded.submission AND NOT envelope.locked
    RETURNING version, leaf, envelope.round_id),
    waiting AS (INSERT INTO box.queue (leaf, round_id) SELECT leaf, round_id FROM stored)
    SELECT version FROM stored""")

OWN = text("""
    SELECT envelope.*, opens_at, closes_at, clock_timestamp() < opens_at AS early,
        clock_timestamp() >= closes_at OR closed_at IS NOT NULL AS late
    FROM box.round LEFT JOIN box.envelope ON envelope.round_id = round.round_id AND box_ref = :box_ref
    WHERE round.round_id = :round_id""")


async def cast_envelope(
    session: AsyncSession,
    round_id: UUID,
    box_ref: bytes,
    ciphertext: bytes,
    submission: UUID,
    seen: int,
    channel: str = "web",
) -> Receipt:
    """Put the voter's envelope in the box, in place of the one they cast before.

    `seen` is the version their ticket was made for: with 0 a cast never replaces, with more it never starts.
    The same `submission` again changes nothing and gives the receipt that stands, even after the close.
    Raises NoBox, NotOpenYet, VotingClosed, ChangedElsewhere or AlreadyOnPaper.
    """
    await session.execute(select(func.pg_advisory_xact_lock_shared(lock_key(round_id))))
    values = {"round_id": round_id, "box_ref": box_ref, "ciphertext": ciphertext, "submission": submission}
    name = leaf(round_id, ciphertext)
    version = await session.scalar(CAST, {**values, "leaf": name, "seen": seen, "channel": channel})
    if version is not None:
        return Receipt(version, name)
    return await standing_receipt(session, round_id, box_ref, submission, seen)


async def standing_receipt(
    session: AsyncSession, round_id: UUID, box_ref: bytes, submission: UUID, seen: int
) -> Receipt:
    """The receipt of a submission that is in the box already; else raises why this one is not."""
    own = (await session.execute(OWN, {"round_id": round_id, "box_ref": box_ref})).one_or_none()
    if own is None:
        raise types.NoBox
    if own.submission == submission:
        return Receipt(own.version, own.leaf)
    if own.locked:
        raise types.AlreadyOnPaper
    if own.late:
        raise types.VotingClosed(own.closes_at)
    if own.early or (seen == 0 and own.version is None):  # or it opened just after the cast was refused
        raise types.NotOpenYet(own.opens_at)
    raise types.ChangedElsewhere


async def extend_box(session: AsyncSession, round_id: UUID, closes_at: datetime) -> None:
    """Move the close later, before it has come. Raises NoBox, VotingClosed, or ValueError if not later."""
    box = await get_box(session, round_id)
    if closes_at <= box.closes_at:
        raise ValueError("the new close must be later than the old one")
    still_open = round_.c.closed_at.is_(None) & (func.clock_timestamp() < round_.c.closes_at)
    extend = update(round_).where(round_.c.round_id == round_id, still_open).values(closes_at=closes_at)
    if await session.scalar(extend.returning(round_.c.round_id)) is None:
        raise types.VotingClosed(box.closes_at)


async def close_box(session: AsyncSession, round_id: UUID) -> datetime:
    """Close the box for good once the casts in flight are in, and say when; again gives the same instant.

    Raises NoBox, or StillOpen before `closes_at`.
    """
    await session.execute(select(func.pg_advisory_xact_lock(lock_key(round_id))))
    now = func.clock_timestamp()
    due = round_.c.closed_at.is_(None) & (now >= round_.c.closes_at)
    await session.execute(update(round_).where(round_.c.round_id == round_id, due).values(closed_at=now))
    return await closed_at(session, round_id)


async def closed_at(session: AsyncSession, round_id: UUID) -> datetime:
    """When the box was closed. Raises NoBox or StillOpen."""
    box = await get_box(session, round_id)
    if box.closed_at is None:
        raise types.StillOpen(box.closes_at)
    return box.closed_at


async def count_envelopes(session: AsyncSession, round_id: UUID) -> int:
    """The ballots in the box. A locked envelope is void and not one: its person voted on paper."""
    return await session.scalar(select(func.count()).select_from(envelope).where(valid(round_id))) or 0


async def open_box(session: AsyncSession, round_id: UUID, private_key: bytes) -> int:
    """Open every envelope and store the ballots sorted by code, equal codes too; the number of ballots.

    Raises NoBox, StillOpen until the box is closed, AlreadyOpened, or Unreadable with the leaf of an envelope
    at fault: then nothing is stored.
    """
    await session.execute(select(func.pg_advisory_xact_lock(lock_key(round_id))))
    closed = await closed_at(session, round_id)
    if await session.scalar(select(exists().where(opened.c.round_id == round_id))):
        raise types.AlreadyOpened(closed)
    sealed = select(envelope.c.ciphertext).where(valid(round_id)).order_by(envelope.c.leaf)
    ciphertexts = (await session.scalars(sealed)).all()
    ballots = await asyncio.to_thread(unseal_ballots, private_key, round_id, ciphertexts)
    papers = sorted((ballot.code, *paper) for ballot in ballots for paper in ballot.choices.items())
    rows = [
        {"round_id": round_id, "id": place, "code": code, "allocation": allocation, "choices": list(choices)}
        for place, (code, allocation, choices) in enumerate(papers, start=1)
    ]
    if rows:
        await session.execute(insert(opened), rows)
    return len(ballots)


async def list_opened(session: AsyncSession, round_id: UUID, allocation: int) -> list[tuple[int, ...]]:
    """Each opened ballot's choices for one allocation, in the order of the codes."""
    here = (opened.c.round_id == round_id) & (opened.c.allocation == allocation)
    rows = await session.scalars(select(opened.c.choices).where(here).order_by(opened.c.id))
    return [tuple(choices) for choices in rows]


def unseal_ballots(private_key: bytes, round_id: UUID, ciphertexts: Iterable[bytes]) -> list[Ballot]:
    """The ballots in these envelopes. Raises Unreadable with the leaf of the first one at fault."""
    ballots = []
    for ciphertext in ciphertexts:
        try:
            ballots.append(decode_ballot(round_id, unseal_ballot(private_key, round_id, ciphertext)))
        except types.Unreadable:
            raise types.Unreadable(leaf(round_id, ciphertext).hex()) from None
    return ballots


def valid(round_id: UUID) -> ColumnElement[bool]:
    return (envelope.c.round_id == round_id) & ~envelope.c.locked


def lock_key(round_id: UUID, of: str = "box") -> int:
    """The round's advisory lock: casts share it; closing and opening wait for them and hold it alone. Or the log's."""
    half = round_id.bytes[:8] if of == "box" else round_id.bytes[8:]
    return int.from_bytes(half, "big", signed=True)
