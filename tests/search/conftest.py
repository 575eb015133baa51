"""A round that is being estimated."""

import pytest

from pb.permissions import Phase
from tests.cast import make_round


@pytest.fixture
async def round_(session, culture):
    made = await make_round(session, culture, Phase.ESTIMATES)
    await session.commit()
    return made
