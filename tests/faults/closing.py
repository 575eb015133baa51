"""The end of a town's voting, brought near: no test can wait for days."""

import asyncpg
from sqlalchemy import text

from ballots import box
from pb import embedded

CLOSE = "UPDATE box.round SET closes_at = clock_timestamp() + $2 * interval '1 second' WHERE round_id = $1"
WINDOW = """
    UPDATE phase_window SET closes = closes_at FROM box.round AS box
    WHERE box.round_id = $1 AND phase_window.round_id = $1 AND phase = 'voting'"""
WAIT = text("""
    SELECT pg_sleep(greatest(0, extract(epoch FROM closes_at - clock_timestamp()))) FROM box.round WHERE round_id = :id
    """)


async def connect_as_owner(url):
    """A connection to the same database as its owner, who may do everything."""
    address = url.replace("postgresql+asyncpg", "postgresql").replace(f"//{embedded.APP}@", f"//{embedded.OWNER}@")
    return await asyncpg.connect(address)


async def close_in(url, round_id, seconds):
    """Let the round's voting end so many seconds from now, by the database's clock."""
    connection = await connect_as_owner(url)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # no trigger lets a close come nearer
        await connection.execute(CLOSE, round_id, seconds)
        await connection.execute(WINDOW, round_id)
    await connection.close()


async def close_when_due(sessions, round_id):
    """Close the box the instant its time has come; how many envelopes are in it just then."""
    async with sessions() as session:
        await session.execute(WAIT, {"id": round_id})
    async with sessions() as session, session.begin():
        await box.close_box(session, round_id)
        return await box.count_envelopes(session, round_id)
