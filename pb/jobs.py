"""Slow work, queued in the same transaction as its cause: a job of an act that was rolled back never runs."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

log = logging.getLogger("pb.jobs")
TRIES = 6  # of one job, over five minutes: each wait is twice the one before
FIRST_WAIT = timedelta(seconds=10)


@dataclass(frozen=True)
class Context:
    """What a job may use."""

    sessions: async_sessionmaker[AsyncSession]


Work = Callable[..., Awaitable[None]]
WORKS: dict[str, Work] = {}


def job(work: Work) -> Work:
    """Register a coroutine `work(context, **payload)` under its own name."""
    WORKS[work.__name__] = work
    return work


async def enqueue(session: AsyncSession, work: Work, **payload: Any) -> None:
    """Do `work` soon after this transaction commits. The payload is JSON and never holds a choice or a code."""
    # The driver begins the transaction at the first statement that SQLAlchemy itself sends.
    await session.execute(text("SELECT 1"))
    connection = await (await session.connection()).get_raw_connection()
    queries = Queries.from_asyncpg_connection(connection.driver_connection)
    await queries.enqueue(work.__name__, json.dumps(payload).encode())


async def run_jobs(url: str, context: Context, *, drain: bool = False) -> None:
    """Work the queue until cancelled, or (`drain`) until it is empty.

    A job that fails is tried again a little later, `TRIES` times in all; then it stays in the queue's log as
    failed. Draining does not wait: each job is tried once, and RuntimeError names those that failed.
    """
    tries, failed = 1 if drain else TRIES, set[str]()
    retrying = partial(DatabaseRetryEntrypointExecutor, max_attempts=tries - 1, initial_delay=FIRST_WAIT)
    address = make_url(url)
    connection = await asyncpg.connect(
        user=address.username,
        password=address.password,
        host=address.query.get("host") or address.host,
        port=address.port,
        database=address.database,
    )
    try:
        queuer = PgQueuer.from_asyncpg_connection(connection)
        for name, work in WORKS.items():
            queuer.entrypoint(name, executor_factory=retrying)(_runner(work, context, tries, failed))
        mode = QueueExecutionMode.drain if drain else QueueExecutionMode.continuous
        await queuer.run(mode=mode)
    finally:
        await connection.close()
    if failed:
        raise RuntimeError(f"Work in the background failed: {', '.join(sorted(failed))}. The log says why.")


def _runner(work: Work, context: Context, tries: int, failed: set[str]) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        try:
            await work(context, **json.loads(job.payload or b"{}"))
        except Exception:
            log.exception("job %s failed, try %d of %d", work.__name__, job.attempts + 1, tries)
            if job.attempts + 1 >= tries:
                failed.add(work.__name__)
            raise

    return run


async def keep_running(url: str, context: Context) -> None:
    """Work the queue for as long as the app lives; start again a moment after the database was away."""
    while True:
        try:
            await run_jobs(url, context)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as lost:
            log.warning("the queue lost its database: %s", type(lost).__name__)
        await asyncio.sleep(2)
