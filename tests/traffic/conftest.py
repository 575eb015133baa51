from collections.abc import Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from pb.traffic.service import COUNTED
from tests.voting.town import Town, make_town


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    """Other tests vote in this process too."""
    COUNTED.clear()
    yield
    COUNTED.clear()


@pytest.fixture
async def town(session: AsyncSession) -> Town:
    """Voting is open in it."""
    return await make_town(session)
