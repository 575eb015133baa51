import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.voting.town import Town, make_town


@pytest.fixture
async def town(session: AsyncSession) -> Town:
    """Voting is open in it."""
    return await make_town(session)
