"""Waiting for what another task or process does."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(look: Callable[[], Awaitable[object]], seconds: float = 60) -> None:
    """Look again and again until there is something. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while True:
            if await look():
                return
            await asyncio.sleep(0.05)
