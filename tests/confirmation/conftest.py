from dataclasses import dataclass

import pytest

from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.estimates.models import Project
from pb.people.models import Person
from pb.permissions import Phase
from pb.rounds.models import Allocation, Round
from tests.cast import NOW, make_allocation, make_projects, make_round


@dataclass(frozen=True)
class Case:
    """A round in the estimates phase with two allocations of three projects each, and another round's."""

    round: Round
    officer: Person
    allocations: list[Allocation]
    projects: list[Project]
    other: Allocation


@pytest.fixture
async def draft(session, culture, lammi, officer) -> Case:
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    allocations = [
        await make_allocation(session, round_, 1, lammi),
        await make_allocation(session, round_, 2, None, BallotType.RANKED),
    ]
    round_.allocations = allocations
    projects = [p for a in allocations for p in await make_projects(session, a, 5_000_00, 6_000_00, 7_000_00)]
    other = await make_allocation(session, await make_round(session, culture, Phase.ESTIMATES, "Toinen"), 1)
    await session.commit()
    return Case(round_, officer, allocations, projects, other)


@pytest.fixture
async def confirmed(session, draft) -> Case:
    await confirm_ballot(session, draft.officer, draft.round.id, NOW)
    await session.commit()
    return draft
