"""The bundle as a file in the data directory: made when first asked for, the same for ever after."""

import asyncio
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.seal import sign
from pb import keys
from pb.bundle.queries import get_published
from pb.bundle.rules import Published, write_bundle
from pb.rounds.models import Round
from pb.settings import get_settings

MAKING = asyncio.Lock()  # one at a time: a large one takes seconds and memory


async def get_bundle(session: AsyncSession, round_: Round) -> Path:
    """The round's bundle. Raises NotFound before the result is published, or MissingKey."""
    path = get_settings().data_dir / "bundles" / f"{round_.id}.zip"
    async with MAKING:
        if not await asyncio.to_thread(path.exists):
            published, seed = await get_published(session, round_), keys.read_key("log", round_.id)
            await asyncio.to_thread(keep_bundle, path, published, seed)
    return path


def keep_bundle(path: Path, published: Published, seed: bytes) -> None:
    """Write the bundle in whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial_path = path.with_suffix(".partial")
    partial_path.write_bytes(write_bundle(published, partial(sign, seed)))
    partial_path.replace(path)
