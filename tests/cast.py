"""The fixed cast: plain functions that make people, a city and rounds for tests."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.types import BallotType
from pb.city.models import Appointment, Area, Service
from pb.estimates.models import Project
from pb.ideas.models import Idea, IdeaState
from pb.keys import make_key
from pb.people.models import Person
from pb.people.service import make_sign_in_link
from pb.permissions import Phase, Role
from pb.rounds.models import Allocation, CountRule, PhaseWindow, Round

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
# Days from NOW on which each phase opens and closes, for a round that is now in the phase named.
CALENDARS = {
    Phase.IDEAS: {"ideas": (-5, 5), "estimates": (5, 15), "voting": (16, 30), "results": (31, 60)},
    Phase.ESTIMATES: {"ideas": (-20, -10), "estimates": (-10, 5), "voting": (6, 20), "results": (21, 60)},
    Phase.VOTING: {"ideas": (-40, -30), "estimates": (-30, -10), "voting": (-5, 5), "results": (6, 60)},
    Phase.RESULTS: {"ideas": (-60, -50), "estimates": (-50, -30), "voting": (-20, -5), "results": (-4, 60)},
}


async def make_person(
    session: AsyncSession, name: str, role: Role | None = None, service: Service | None = None
) -> Person:
    """A person with at most one role, for a service or (None) for the whole city."""
    email = f"{name.lower()}@example.fi"
    person = Person(email=email, name=name, language="en", created_at=NOW, appointments=[])
    session.add(person)
    await session.flush()
    if role is not None:
        appointment = Appointment(
            person_id=person.id, role=role, service_id=service.id if service else None, started_at=NOW
        )
        session.add(appointment)
        person.appointments = [appointment]
    await session.flush()
    return person


async def make_service(session: AsyncSession, name: str = "Kulttuuripalvelut") -> Service:
    service = Service(
        name=name, contact_name="Sanna Mäki", contact_email="sanna@example.fi", contact_phone="03 555 0100"
    )
    session.add(service)
    await session.flush()
    return service


async def make_area(session: AsyncSession, name: str = "Lammi", population: int = 5000) -> Area:
    area = Area(name=name, population=population, population_date=date(2026, 1, 1), population_source="test")
    session.add(area)
    await session.flush()
    return area


async def make_round(session: AsyncSession, service: Service, phase: Phase, title: str = "Kierros 2027") -> Round:
    """A round of `service` that is in `phase` now, without allocations."""
    round_ = Round(
        title=title, summary="Testikierros.", service_id=service.id, created_at=NOW, allocations=[], service=service
    )
    round_.windows = [
        PhaseWindow(phase=Phase(name), opens=NOW + opens * DAY, closes=NOW + closes * DAY)
        for name, (opens, closes) in CALENDARS[phase].items()
    ]
    session.add(round_)
    await session.flush()
    make_key("code", round_.id)
    return round_


async def make_allocation(
    session: AsyncSession,
    round_: Round,
    number: int,
    area: Area | None = None,
    ballot_type: BallotType = BallotType.KNAPSACK,
    amount_cents: int = 10_000_00,
    max_choices: int | None = None,
) -> Allocation:
    """An allocation of the round's own service; ranked ones are counted by instant-runoff."""
    ranked = ballot_type is BallotType.RANKED
    if max_choices is None and ballot_type is not BallotType.KNAPSACK:
        max_choices = 3
    allocation = Allocation(
        round_id=round_.id,
        number=number,
        name=area.name if area else f"Koko kaupunki {number}",
        area_id=area.id if area else None,
        area=area,
        service_id=round_.service_id,
        service=round_.service,
        amount_cents=amount_cents,
        ballot_type=ballot_type,
        max_choices=max_choices,
        rule=CountRule.IRV if ranked else CountRule.GREEDY,
    )
    session.add(allocation)
    await session.flush()
    return allocation


async def make_idea(
    session: AsyncSession,
    round_: Round,
    author: Person,
    title: str = "Pihakonsertit",
    state: IdeaState = IdeaState.PUBLISHED,
    area: Area | None = None,
    merged_into: Idea | None = None,
) -> Idea:
    idea = Idea(
        round_id=round_.id,
        author_id=author.id,
        area_id=area.id if area else None,
        title=title,
        description="Kuusi konserttia kesällä.",
        state=state,
        reason="Ei kuulu kaupungille." if state is IdeaState.REFUSED else "",
        submitted_at=NOW - 10 * DAY,
        decided_at=None if state in (IdeaState.DRAFT, IdeaState.SUBMITTED) else NOW - 9 * DAY,
        merged_into_id=merged_into.id if merged_into else None,
    )
    session.add(idea)
    await session.flush()
    return idea


async def make_projects(session: AsyncSession, allocation: Allocation, *costs_cents: int) -> list[Project]:
    """Projects of the allocation without an idea behind them, one for each cost."""
    made = [
        Project(
            round_id=allocation.round_id,
            allocation_id=allocation.id,
            title=f"Hanke {allocation.number}-{n}",
            summary="Testihanke.",
            cost_cents=cost,
        )
        for n, cost in enumerate(costs_cents, start=1)
    ]
    session.add_all(made)
    await session.flush()
    return made


async def sign_in_link(session: AsyncSession, person: Person) -> str:
    link = await make_sign_in_link(session, person.email, "/", datetime.now(UTC))  # good however long the tests run
    await session.commit()
    return link
