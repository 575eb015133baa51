"""A ceremony and its three trustees, and rounds whose key they hold."""

import json
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.seal import new_key
from ballots.shares import split_key
from pb.trustees.queries import find_key
from pb.trustees.rules import ceremony_of
from pb.trustees.service import add_key, load_export, open_with_shares, take_rehearsal
from tests.results.voted import BEFORE, Voted, confirm, make_draft

PRIVATE = new_key()[0]
SHARES = split_key(PRIVATE)
CEREMONY = ceremony_of(PRIVATE).as_bytes()


def opened_by(export: bytes, *shares: int) -> bytes:
    """The file that these trustees (0 to 2) make of an export."""
    return open_with_shares(*load_export(export, datetime.now(UTC)), [SHARES[n] for n in shares])[0].as_bytes()


def changed(file: bytes, **fields: object) -> bytes:
    return json.dumps(json.loads(file) | fields).encode()


async def rehearse_key(session: AsyncSession, draft: Voted) -> None:
    """The officer brings the ceremony, and two trustees open the rehearsal."""
    await add_key(session, draft.officer, draft.round.id, CEREMONY, BEFORE)
    key = await find_key(session, draft.round.id)
    assert key is not None
    await take_rehearsal(session, draft.officer, draft.round.id, opened_by(key.rehearsal, 0, 2), BEFORE)


async def make_held(session: AsyncSession, seconds: float = 1.0) -> Voted:
    """A confirmed round whose voting closes in so many seconds and whose key trustees hold."""
    draft = await make_draft(session, seconds)
    await rehearse_key(session, draft)
    await confirm(session, draft)
    await session.commit()
    return draft
