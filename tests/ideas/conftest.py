"""A round that takes ideas."""

import pytest

from pb.permissions import Phase
from tests.cast import make_round


@pytest.fixture
async def round_(session, culture):
    made = await make_round(session, culture, Phase.IDEAS)
    await session.commit()
    return made
