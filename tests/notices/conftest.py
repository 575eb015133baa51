"""A real mail server and real commits, as the tests of the queue have them; a round that is being estimated."""

import pytest

from pb.permissions import Phase
from tests.cast import make_round
from tests.test_jobs import committed, postbox

__all__ = ["committed", "postbox"]


@pytest.fixture
async def round_(session, culture):
    return await make_round(session, culture, Phase.ESTIMATES)
