"""A city's ballot of 700 projects is one page, one form, and small enough for a slow phone."""

import gzip
import random
import re

from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.permissions import Phase, Role
from pb.roll.forms import RollForm
from pb.roll.service import add_voters
from tests.cast import DAY, NOW, make_allocation, make_area, make_person, make_projects, make_round, make_service

PROJECTS = 700
MOST_BYTES = 150_000


def sentences(chance: random.Random, length: int) -> str:
    """As many words as a summary has, drawn from a vocabulary as large as that of a city's own texts."""
    return " ".join(chance.choices(VOCABULARY, k=length))


def vocabulary(size: int) -> list[str]:
    chance = random.Random(1)
    syllables = [c + v + e for c in "hjklmnprstv" for v in "aeiouyäö" for e in ("", "n", "t", "s")]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(size)]


VOCABULARY = vocabulary(3_000)


async def test_a_ballot_of_seven_hundred_projects_is_one_form_and_small(visitor, session) -> None:
    service, area = await make_service(session), await make_area(session)
    officer = await make_person(session, "Olli", Role.OFFICER, service)
    round_ = await make_round(session, service, Phase.VOTING)
    chance = random.Random(7)
    for number, ballot_type, count in ((1, BallotType.KNAPSACK, 600), (2, BallotType.APPROVAL, PROJECTS - 600)):
        allocation = await make_allocation(session, round_, number, area if number == 1 else None, ballot_type)
        round_.allocations.append(allocation)
        for project in await make_projects(
            session, allocation, *(chance.randint(10, 99) * 100_00 for _ in range(count))
        ):
            project.title, project.summary = sentences(chance, 4), sentences(chance, 20)
    await session.commit()
    await confirm_ballot(session, officer, round_.id, NOW - 6 * DAY)
    codes = await add_voters(session, officer, round_.id, RollForm(area_id=area.id, number=1), NOW)
    await session.commit()
    await visitor.post(f"/rounds/{round_.id}/vote", {"code": codes[0]})
    page = (await visitor.get(f"/rounds/{round_.id}/vote/ballot")).text
    assert len(re.findall(r'type="checkbox" id="a\d-\d+"', page)) == PROJECTS
    forms = re.findall(r'<form[^>]* action="/rounds/[^"]*/vote/(\w+)"', page)
    assert forms == ["review", "leave"]  # all that is sent is one of them
    assert len(gzip.compress(page.encode(), 6)) <= MOST_BYTES
