"""An account that others made for an address, and that nobody claims, goes; every other account stays."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker

from pb.app import serve_app
from pb.audit import Deed, record
from pb.city.models import Appointment
from pb.database import make_engine
from pb.ideas.rules import UNCLAIMED_AGE
from pb.notices.service import follow
from pb.people.models import Person
from pb.people.queries import find_person
from pb.people.service import add_person, make_sign_in_link, sign_in, sign_out, sweep_people
from pb.permissions import Phase, Role
from pb.versions.models import CoAuthor
from tests.cast import DAY, NOW, make_idea, make_round
from tests.waiting import until

MAIL, LATER = "uusi@example.fi", NOW + DAY


@pytest.fixture
async def unclaimed(session):
    return await add_person(session, MAIL, "", NOW)


async def is_swept(session) -> bool:
    await session.flush()
    await sweep_people(session, LATER)
    return await find_person(session, MAIL) is None


async def test_an_account_that_nothing_names_is_swept_once_it_is_old(session, unclaimed):
    await sweep_people(session, NOW)
    assert await find_person(session, MAIL) is unclaimed
    assert await is_swept(session)


async def test_whoever_has_signed_in_once_stays_also_signed_out(session, unclaimed):
    link = await make_sign_in_link(session, MAIL, "/", NOW)
    cookie, _then = await sign_in(session, link.rpartition("/")[2], NOW)
    await sign_out(session, cookie)
    assert not await is_swept(session)


async def test_an_account_from_before_is_not_swept(session, resident):
    await sweep_people(session, LATER)
    assert await session.scalar(select(Person.id)) == resident.id


async def invite(session, person, idea):
    session.add(CoAuthor(idea_id=idea.id, person_id=person.id, invited_at=NOW, shown_name="area"))


async def appoint(session, person, _idea):
    session.add(Appointment(person_id=person.id, role=Role.AUDITOR, started_at=NOW, ended_at=LATER))


async def enter(session, person, idea):
    idea.author_id = person.id


async def tell(session, person, idea):
    await follow(session, person.id, idea.id, NOW)


async def act(session, person, _idea):
    record(session, person.id, Role.AUDITOR, Deed.APPOINTED, "x", now=NOW)


@pytest.mark.parametrize("name_it", [invite, appoint, enter, tell, act])
async def test_an_account_that_something_names_stays(session, culture, resident, unclaimed, name_it):
    idea = await make_idea(session, await make_round(session, culture, Phase.IDEAS), resident)
    await name_it(session, unclaimed, idea)
    assert not await is_swept(session)


async def test_an_account_that_is_being_named_or_swept_is_never_lost_half(database):
    engine = make_engine(database)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions() as session, session.begin():
        await add_person(session, MAIL, "", NOW)
    async with sessions() as naming, naming.begin():
        person = await add_person(naming, MAIL, "", NOW)
        async with sessions() as sweeping, sweeping.begin():
            await sweep_people(sweeping, LATER)  # passes over it, and does not wait
        await follow(naming, person.id, person.id, NOW)
    async with sessions() as session, session.begin():
        await session.delete(await session.get_one(Person, person.id))
        await session.flush()
        signing = asyncio.create_task(name_in_own(sessions))
        await asyncio.sleep(0.2)  # it waits for what becomes of the account
    assert await signing != person.id
    await engine.dispose()


async def name_in_own(sessions):
    async with sessions() as session, session.begin():
        person = await add_person(session, MAIL, "", NOW)
        await follow(session, person.id, person.id, NOW)
        return person.id


async def test_the_app_sweeps_while_it_runs(database):
    engine = make_engine(database)
    sessions = async_sessionmaker(engine)
    async with sessions() as session, session.begin():
        await add_person(session, MAIL, "", NOW - UNCLAIMED_AGE - DAY)

    async def is_gone() -> bool:
        async with sessions() as session:
            return await find_person(session, MAIL) is None

    assert not await is_gone()
    async with serve_app(database).lifespan():
        await until(is_gone, 20)
    await engine.dispose()
