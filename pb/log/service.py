"""Keeping the log: names of envelopes go in soon after the cast, under a head that the round's key signs."""

import asyncio
import json
import logging
from functools import partial
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session

from ballots import log as tables
from ballots.merkle import Head
from ballots.seal import sign
from pb import keys
from pb.log.rules import head_as_data
from pb.settings import get_settings

log = logging.getLogger("pb.log")
PAUSE = 1.0  # seconds between two looks at the queue


async def append_log(session: AsyncSession, round_id: UUID) -> Head:
    """Log the envelopes that wait; the head that stands, which is mirrored to a file once it is committed.

    Raises NoBox or MissingKey.
    """
    head = await tables.append_log(session, round_id, partial(sign, keys.read_key("log", round_id)))
    session.info.setdefault("heads", []).append(head)
    if not event.contains(session.sync_session, "after_commit", mirror_committed):
        event.listen(session.sync_session, "after_commit", mirror_committed)
        event.listen(session.sync_session, "after_rollback", drop_heads)
    return head


def mirror_committed(session: Session) -> None:
    """Only now: a head that was taken back would look like a second log beside the true one."""
    for head in session.info.pop("heads", []):
        try:
            mirror(head)
        except OSError:
            log.exception("a head could not be written to its file; the next one follows")


def drop_heads(session: Session) -> None:
    session.info.pop("heads", None)


def mirror(head: Head) -> None:
    """Add the head to the round's file, which somebody else may copy; the same head twice in a row only once."""
    folder = get_settings().data_dir / "heads"
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps(head_as_data(head)) + "\n"
    with (folder / f"{head.round_id}.jsonl").open("a+", encoding="utf-8") as file:
        file.seek(max(0, file.tell() - len(line)))
        last = file.read()
        if last != line:
            file.write(line if last.endswith("\n") or not last else f"\n{line}")  # a full disk may have cut the last


async def keep_log(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Log every round's envelopes again and again, until cancelled. What fails is said in the log and tried again."""
    while True:
        try:
            async with sessions() as session:
                waiting = await tables.list_waiting(session)
            for round_id in waiting:
                async with sessions() as session, session.begin():
                    await append_log(session, round_id)
        except Exception:
            log.exception("envelopes could not be logged; they wait for the next try")
            await asyncio.sleep(10 * PAUSE)
        await asyncio.sleep(PAUSE)
