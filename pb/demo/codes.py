"""Example codes of the demo, shown at every start. A real code is never made this way."""

import random

from pb import clock
from pb.demo.voters import Sessions
from pb.rounds.queries import list_rounds

EXAMPLE_CODES = 3  # for each area
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def example_code(area: str, n: int) -> str:
    """The demo's nth code of an area, the same at every start."""
    lot = random.Random(f"{area}-{n}")
    return "".join(lot.choice(LETTERS) for _ in range(12))


async def voting_codes(sessions: Sessions) -> dict[str, list[str]]:
    """The example codes by area, for rounds whose ballot is confirmed; empty before."""
    async with sessions() as session:
        rounds = await list_rounds(session, None, clock.now())
        confirmed = [r for r in rounds if r.confirmed_at and not r.published_at]
        return {
            area.name: [example_code(area.name, n) for n in range(EXAMPLE_CODES)]
            for r in confirmed
            for area in (a.area for a in r.allocations if a.area)
        }
