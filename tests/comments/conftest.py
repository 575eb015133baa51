"""A published idea and somebody who comments on it."""

import pytest

from pb.ideas.queries import get_idea
from pb.permissions import Phase
from tests.cast import make_idea, make_person, make_round


@pytest.fixture
async def idea(session, culture, resident):
    """A published idea of a round that takes ideas, with its round loaded."""
    made = await make_idea(session, await make_round(session, culture, Phase.IDEAS), resident)
    await session.commit()
    return await get_idea(session, made.id)


@pytest.fixture
async def onni(session):
    return await make_person(session, "Onni")
