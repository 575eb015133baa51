"""The ballot box: the only code that touches the tables of schema `box`, but for the log's.

No function commits; a cast is answered only after COMMIT. Only the database's clock says whether voting is open. Needs
READ COMMITTED, the default: a statement sees what was committed before it, so it begins after the lock was granted.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import types
from ballots.opening import Opened
from ballots.seal import fingerprint, leaf
from ballots.tables import envelope, log, opened, round_, void


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
    channel: str


async def prepare_box(session: AsyncSession, box: Box) -> None:
    """Set up the round's box when its ballot is confirmed."""
    await session.execute(insert(round_), {**asdict(box), "fingerprint": box.fingerprint})


async def get_box(session: AsyncSession, round_id: UUID) -> Box:
    """The round's box. Raises NoBox."""
    row = (await session.execute(text(BOX), {"round_id": round_id})).one_or_none()
    if row is None:
        raise types.NoBox
    return Box(*row)


async def own_envelope(session: AsyncSession, round_id: UUID, box_ref: bytes) -> Receipt | None:
    """What this voter may know of their envelope; None for none."""
    mine = (envelope.c.round_id == round_id) & (envelope.c.box_ref == box_ref)
    row = (await session.execute(select(*(envelope.c[f.name] for f in fields(Receipt))).where(mine))).one_or_none()
    return None if row is None else Receipt(*row)


BOX = f"SELECT {', '.join(f.name for f in fields(Box))} FROM box.round WHERE round_id = :round_id"

CAST = text("""
    WITH stored AS (INSERT INTO box.envelope (round_id, box_ref, channel, ciphertext, leaf, submission, version)
    SELECT round_id, :box_ref, :channel, :ciphertext, :leaf, :submission, 1
    FROM box.round WHERE round_id = :round_id
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
    entered: bool = False,
) -> Receipt:
    """Put the voter's envelope in the box, in place of the one they cast before.

    `seen` is the version their ticket was made for: with 0 a cast never replaces, with more it never starts. The same
    `submission` again changes nothing and gives the receipt that stands, even after the close. `entered`: the round's
    shared lock is held already. Raises NoBox, NotOpenYet, VotingClosed, ChangedElsewhere or AlreadyOnPaper.
    """
    if not entered:
        await session.execute(select(func.pg_advisory_xact_lock_shared(lock_key(round_id))))
    values = {"round_id": round_id, "box_ref": box_ref, "ciphertext": ciphertext, "submission": submission}
    name = leaf(round_id, ciphertext)
    version = await session.scalar(CAST, {**values, "leaf": name, "seen": seen, "channel": channel})
    if version is not None:
        return Receipt(version, name, channel)
    return await own_receipt(session, round_id, box_ref, submission, seen)


async def own_receipt(session: AsyncSession, round_id: UUID, box_ref: bytes, submission: UUID, seen: int) -> Receipt:
    """The receipt of a submission that is in the box already; else raises why this one is not."""
    own = (await session.execute(OWN, {"round_id": round_id, "box_ref": box_ref})).one_or_none()
    if own is None:
        raise types.NoBox
    if own.submission == submission:
        return Receipt(own.version, own.leaf, own.channel)
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
    box = await get_box(session, round_id)
    if box.closed_at is None:
        raise types.StillOpen(box.closes_at)
    return box.closed_at


async def count_envelopes(session: AsyncSession, round_id: UUID) -> int:
    """The ballots in the box. A locked envelope is void and not one: its person voted on paper."""
    return await session.scalar(select(func.count()).select_from(envelope).where(valid(round_id))) or 0


async def count_superseded(session: AsyncSession, round_id: UUID) -> int:
    """How many casts a later one of the same voter replaced."""
    return await session.scalar(select(func.sum(envelope.c.version - 1)).where(envelope.c.round_id == round_id)) or 0


async def take_envelopes(session: AsyncSession, round_id: UUID) -> list[bytes]:
    """The final envelopes of a closed box, in the order of their names; nothing changes the box before the commit.

    Raises NoBox, StillOpen until the box is closed, AlreadyOpened, or NotLogged.
    """
    await session.execute(select(func.pg_advisory_xact_lock(lock_key(round_id))))
    box = await get_box(session, round_id)
    if box.closed_at is None:
        raise types.StillOpen(box.closes_at)
    if await session.scalar(select(or_(*(exists().where(t.c.round_id == round_id) for t in (opened, void))))):
        raise types.AlreadyOpened(box.closed_at)
    logged = exists().where(log.c.round_id == round_id, log.c.leaf == envelope.c.leaf)
    if strange := await session.scalar(select(envelope.c.leaf).where(valid(round_id), ~logged).limit(1)):
        raise types.NotLogged(strange.hex())
    return list(await session.scalars(select(envelope.c.ciphertext).where(valid(round_id)).order_by(envelope.c.leaf)))


async def store_opened(session: AsyncSession, round_id: UUID, found: Opened) -> None:
    """Keep what the envelopes held, once. Raises as `take_envelopes`, or ValueError if these are other envelopes."""
    names = {leaf(round_id, ciphertext) for ciphertext in await take_envelopes(session, round_id)}
    voids = dict(found.void)
    if len(names) != len(found.ballots) + len(voids) or len(voids) < len(found.void) or not names.issuperset(voids):
        raise ValueError("this is not what is in the box")
    marked = ((ballot.code, *paper) for ballot in found.ballots for paper in sorted(ballot.choices.items()))
    rows = [
        {"round_id": round_id, "id": place, "code": code, "allocation": allocation, "choices": list(choices)}
        for place, (code, allocation, choices) in enumerate(marked, start=1)
    ]
    void_rows = [{"round_id": round_id, "leaf": name, "why": why} for name, why in found.void]
    for table, values in ((opened, rows), (void, void_rows)):
        if values:
            await session.execute(insert(table), values)


async def list_opened(session: AsyncSession, round_id: UUID, **of: int | str) -> list[tuple[str, int, tuple[int, ...]]]:
    """The opened papers, as (code, allocation, choices) in the order of the codes; `of` one allocation or code only."""
    query = select(opened.c.code, opened.c.allocation, opened.c.choices).filter_by(round_id=round_id, **of)
    rows = await session.execute(query.order_by(opened.c.id))
    return [(code, allocation, tuple(choices)) for code, allocation, choices in rows]


async def list_void(session: AsyncSession, round_id: UUID) -> list[tuple[bytes, str]]:
    """The envelopes that were not counted, each with its reason, in the order of their names."""
    query = select(void.c.leaf, void.c.why).where(void.c.round_id == round_id).order_by(void.c.leaf)
    return [(name, why) for name, why in await session.execute(query)]


async def forget_envelopes(session: AsyncSession, round_id: UUID) -> None:
    """Destroy the round's envelopes. The database refuses unless the record of it has been written."""
    await session.execute(delete(envelope).where(envelope.c.round_id == round_id))


def valid(round_id: UUID) -> ColumnElement[bool]:
    return (envelope.c.round_id == round_id) & ~envelope.c.locked


def lock_key(round_id: UUID, of: str = "box") -> int:
    """The round's advisory lock: casts share it; closing and opening wait for them and hold it alone. Or the log's."""
    return int.from_bytes(round_id.bytes[:8] if of == "box" else round_id.bytes[8:], "big", signed=True)
