"""Builds the demo town by the same acts its people would do, at the days they would do them."""

import random
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.types import BallotType
from pb import clock, jobs
from pb.city.models import Appointment, Area, Body, BodyKind, Service
from pb.confirmation.service import confirm_ballot
from pb.demo import texts
from pb.demo.codes import EXAMPLE_CODES, example_code
from pb.demo.neighbours import (
    add_neighbours,
    deliver,
    enter_from_fair,
    hold_appeal,
    pass_notices,
    picture_of,
    place_of,
    talk,
    translate,
)
from pb.demo.voters import Sessions, cast_all, end_vote, enrol, imagine_choices, wait_for_close
from pb.estimates.forms import EstimateForm
from pb.estimates.service import estimate_idea
from pb.ideas.forms import DecideForm, IdeaForm
from pb.ideas.models import Idea
from pb.ideas.service import decide_idea, submit_idea
from pb.language import in_language, local
from pb.people.models import Person
from pb.people.queries import find_person
from pb.people.service import add_person
from pb.permissions import Phase, Role
from pb.roll.models import Voter, VotingCode
from pb.roll.service import code_hmac
from pb.rounds.forms import AllocationForm, RoundForm, ShareForm
from pb.rounds.models import CountRule, Round
from pb.rounds.queries import get_round
from pb.rounds.rules import Rules
from pb.rounds.service import create_round, save_allocation, share_by_population

DAY = timedelta(days=1)
SEED = 2027
# Days from today on which each phase opens and closes; of `results` the close of voting is moments away.
CALENDAR = {
    "ideas": {"ideas": (-12, 18), "estimates": (19, 50), "voting": (55, 83), "results": (87, 120)},
    "estimates": {"ideas": (-40, -10), "estimates": (-9, 15), "voting": (20, 48), "results": (52, 90)},
    "voting": {"ideas": (-85, -55), "estimates": (-54, -18), "voting": (-8, 19), "results": (23, 60)},
    "results": {"ideas": (-110, -80), "estimates": (-79, -35), "voting": (-28, 0), "results": (0, 60)},
}
TURNOUT = 0.5  # of the demo's roll, which is two voters for each hundred residents


def email(name: str) -> str:
    return name.lower().replace(" ", ".").replace("ä", "a").replace("ö", "o") + "@vanajaniemi.example"


def day(now: datetime, days: int, hour: int) -> datetime:
    return local(now + days * DAY).replace(hour=hour, minute=0, second=0, microsecond=0)


def make_form(phase: str, now: datetime, service_id: UUID) -> RoundForm:
    """The round's words and dates; phases open at nine and close at twenty, as a city's do."""
    dates: dict[str, datetime] = {}
    for name, (opens, closes) in CALENDAR[phase].items():
        dates[f"{name}_opens"], dates[f"{name}_closes"] = day(now, opens, 9), day(now, closes, 20)
    if phase == "results":
        dates["voting_closes"] = now + timedelta(seconds=12)  # a slow machine extends it
        dates["results_opens"] = now + timedelta(hours=1)
    return RoundForm(title=texts.TITLE, summary=texts.SUMMARY, service_id=service_id, **dates)


async def build_town(sessions: Sessions, url: str, phase: str) -> None:
    """Everything up to `phase`: city, people, round, ideas, estimates, ballots, result and reports."""
    now = clock.now()
    with in_language("fi"):
        async with sessions() as session, session.begin():
            people = await build_city(session, now)
            round_id = await build_round(session, people, phase, now)
        async with sessions() as session, session.begin():
            await build_ideas(session, people, round_id, phase)
        if phase in ("voting", "results"):
            await hold_vote(sessions, people["officer"], round_id)
        if phase == "results":
            await publish(sessions, url, (people["officer"], people["second officer"]), round_id)
            async with sessions() as session, session.begin():
                await deliver(session, people["estimator"], await get_round(session, round_id), clock.now())
        async with sessions() as session, session.begin():
            await pass_notices(session, now)


async def build_city(session: AsyncSession, now: datetime) -> dict[str, Person]:
    """Areas, services, bodies; and for each role its person, appointed."""
    for name, (population, corners) in texts.AREAS.items():
        shape = {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}
        source = "keksitty demoa varten"
        area = Area(name=name, population=population, population_date=date(now.year, 1, 1), population_source=source)
        area.boundary = shape
        session.add(area)
    scopes: dict[str, Service | Body] = {}
    for name, (contact, mail, phone) in texts.SERVICES.items():
        scopes[name] = Service(name=name, contact_name=contact, contact_email=mail, contact_phone=phone)
    for name, kind in texts.BODIES.items():
        scopes[name] = Body(name=name, kind=BodyKind(kind))
    session.add_all(scopes.values())
    await session.flush()
    people = {}
    for role, (name, scope) in texts.PEOPLE.items():
        person = await find_person(session, email(name)) or await add_person(session, email(name), name, now)
        people[role] = person
        if role != Role.RESIDENT:
            place = scopes.get(scope or "")
            service_id = place.id if isinstance(place, Service) else None
            body_id = place.id if isinstance(place, Body) else None
            person.appointments.append(
                Appointment(
                    person_id=person.id,
                    role=Role(role.removeprefix("second ")),
                    service_id=service_id,
                    body_id=body_id,
                    started_at=now,
                )
            )
    await session.flush()
    return people


async def build_round(session: AsyncSession, people: dict[str, Person], phase: str, now: datetime) -> UUID:
    """The trial round and its money: areas' shares of 100 000 €, a city-wide pot by equal shares, one ranked winner."""
    officer = people["officer"]
    service_id = officer.appointments[0].service_id
    start = day(now, CALENDAR[phase]["ideas"][0], 8)
    round_ = await create_round(session, officer, make_form(phase, now, service_id), start)
    knapsack = ShareForm(total=100_000_00, ballot_type=BallotType.KNAPSACK)
    await share_by_population(session, officer, round_.id, knapsack, start)
    shares = CountRule.EQUAL_SHARES_ADD1
    pot = {"service_id": service_id, "ballot_type": BallotType.APPROVAL, "max_choices": 3, "rule": shares}
    await save_allocation(
        session, officer, round_.id, None, AllocationForm(name=texts.WHOLE_CITY, amount=30_000_00, **pot), start
    )
    ranked = {"service_id": service_id, "ballot_type": BallotType.RANKED, "max_choices": 4, "rule": CountRule.IRV}
    await save_allocation(
        session, officer, round_.id, None, AllocationForm(name=texts.SUMMER, amount=20_000_00, **ranked), start
    )
    return round_.id


async def build_ideas(session: AsyncSession, people: dict[str, Person], round_id: UUID, phase: str) -> None:
    """Ideas and what staff said of them. In the ideas phase half have come; in estimates half are estimated."""
    round_ = await get_round(session, round_id)
    opens = {w.phase: w.opens for w in round_.windows}
    areas = {a.area.name: a.area_id for a in round_.allocations if a.area}
    resident, officer, estimator = people["resident"], people["officer"], people["estimator"]
    plans = [(*row[:3], row[3], row[4]) for row in texts.PROJECTS]
    plans += [(where, title, text, None, why) for where, title, text, why in texts.INFEASIBLE]
    if phase == "ideas":
        plans = plans[::2]
    neighbours, lot = await add_neighbours(session, opens[Phase.IDEAS]), random.Random(SEED)
    for n, (where, title, text, cost, why) in enumerate(plans):
        at = opens[Phase.IDEAS] + timedelta(hours=5 * n + 1)
        form = idea_form(areas, where, title, text)
        idea = await submit_idea(session, resident, round_id, form, at, picture_of(title))
        await decide_idea(session, officer, idea.id, DecideForm(decision="publish"), at + timedelta(hours=4))
        await talk(session, idea, neighbours, officer, lot, at + timedelta(hours=6))
        if phase == "ideas" or (phase == "estimates" and n % 2):
            continue
        await estimate(session, estimator, round_, idea, where, cost, why, opens[Phase.ESTIMATES], n)
    at = opens[Phase.IDEAS] + DAY
    for where, title, text, why in texts.REFUSED:
        idea = await submit_idea(session, resident, round_id, idea_form(areas, where, title, text), at)
        await decide_idea(session, officer, idea.id, DecideForm(decision="refuse", reason=why), at + DAY)
        await hold_appeal(session, resident, officer, idea, at + 2 * DAY)
    entered = await enter_from_fair(session, people["clerk"], round_, at)
    await decide_idea(session, officer, entered.id, DecideForm(decision="publish"), at + DAY)
    await translate(session, round_)
    if phase == "ideas":
        for where, title, text in texts.WAITING:
            await submit_idea(session, resident, round_id, idea_form(areas, where, title, text), at + 9 * DAY)


def idea_form(areas: dict[str, UUID], where: str, title: str, text: str) -> IdeaForm:
    return IdeaForm(title=title, description=text, area_id=areas.get(where), **place_of(title))


async def estimate(
    session: AsyncSession,
    me: Person,
    round_: Round,
    idea: Idea,
    where: str,
    cost: int | None,
    why: str,
    start: datetime,
    n: int,
) -> None:
    allocation = next(a for a in round_.allocations if a.name == where)
    feasible = {"feasible": "yes", "cost": cost * 100, "allocation_id": allocation.id} if cost else {"feasible": "no"}
    form = EstimateForm.model_validate({"reason": why, **feasible})
    await estimate_idea(session, me, idea.id, form, start + timedelta(hours=5 * n + 2))


async def hold_vote(sessions: Sessions, officer: Person, round_id: UUID) -> None:
    """Confirm the ballot, make the roll, and let half of it vote."""
    async with sessions() as session, session.begin():
        round_ = await get_round(session, round_id)
        voting = round_.window(Phase.VOTING)
        assert voting is not None
        rules = await confirm_ballot(session, officer, round_id, voting.opens - 3 * DAY)
        ballots = await build_roll(session, round_, rules)
    await cast_all(sessions, rules, ballots, officer)


async def build_roll(session: AsyncSession, round_: Round, rules: Rules) -> list[tuple[Voter, dict[int, list[int]]]]:
    """The roll with example codes, and the ballots of those who have voted; the same town at every build."""
    lot = random.Random(SEED)
    ballots = []
    for area in (a.area for a in round_.allocations if a.area):
        voters = [
            Voter(round_id=round_.id, person_ref=uuid5(round_.id, f"{area.name} {n}"), area_id=area.id)
            for n in range(area.population // 50)
        ]
        await enrol(session, round_.id, voters)
        for n, voter in enumerate(voters[:EXAMPLE_CODES]):
            stored = code_hmac(round_.id, example_code(area.name, n))
            session.add(VotingCode(round_id=round_.id, code_hmac=stored, person_ref=voter.person_ref))
        for voter in voters[EXAMPLE_CODES:]:
            if lot.random() < TURNOUT:
                papers = rules.allocations_for(area.id)
                ballots.append((voter, {a.number: imagine_choices(a, lot) for a in papers}))
    return ballots


async def publish(sessions: Sessions, url: str, officers: tuple[Person, Person], round_id: UUID) -> None:
    """Close, open, count and publish as officers do, at once after the close, and make the reports."""
    await wait_for_close(sessions, round_id)
    async with sessions() as session, session.begin():
        round_ = await get_round(session, round_id)
        voting, results = round_.window(Phase.VOTING), round_.window(Phase.RESULTS)
        assert voting is not None
        assert results is not None
        results.opens = voting.closes
    await end_vote(sessions, officers, round_id)
    await jobs.run_jobs(url, jobs.Context(sessions), drain=True)
