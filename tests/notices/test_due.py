"""When a notice is mailed: at once, by the day, by the week or never; by the clock on the city's wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from pb.notices.models import Notice, NoticeKind, Pace
from pb.notices.queries import find_pace
from pb.notices.rules import cutoff
from pb.notices.service import choose_pace, follow, send_due, tell
from pb.permissions import Phase
from tests.cast import make_idea, make_person, make_round

HELSINKI, PACIFIC, KATHMANDU = ZoneInfo("Europe/Helsinki"), ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=HELSINKI)
A_MINUTE = timedelta(minutes=1)
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


@pytest.mark.parametrize(
    ("pace", "zone", "now", "before"),
    [
        (Pace.AT_ONCE, HELSINKI, "2026-11-25T10:00+02:00", "2026-11-25T09:58+02:00"),
        (Pace.DAILY, HELSINKI, "2026-11-25T07:59+02:00", "2026-11-24T08:00+02:00"),
        (Pace.DAILY, HELSINKI, "2026-11-25T08:00+02:00", "2026-11-25T08:00+02:00"),
        (Pace.DAILY, HELSINKI, "2026-11-25T23:59+02:00", "2026-11-25T08:00+02:00"),
        (Pace.DAILY, HELSINKI, "2026-11-25T22:30+00:00", "2026-11-25T08:00+02:00"),  # past midnight in Helsinki
        (Pace.DAILY, HELSINKI, "2027-03-27T12:00+02:00", "2027-03-27T08:00+02:00"),
        (Pace.DAILY, HELSINKI, "2027-03-28T04:59+00:00", "2027-03-27T08:00+02:00"),  # 7.59 on the day of 23 hours
        (Pace.DAILY, HELSINKI, "2027-03-28T05:00+00:00", "2027-03-28T08:00+03:00"),
        (Pace.DAILY, HELSINKI, "2026-10-25T05:59+00:00", "2026-10-24T08:00+03:00"),  # 7.59 on the day of 25 hours
        (Pace.DAILY, HELSINKI, "2026-10-25T06:00+00:00", "2026-10-25T08:00+02:00"),
        (Pace.DAILY, PACIFIC, "2026-11-25T15:59+00:00", "2026-11-24T08:00-08:00"),
        (Pace.DAILY, KATHMANDU, "2026-11-25T02:15+00:00", "2026-11-25T08:00+05:45"),
        (Pace.WEEKLY, HELSINKI, "2026-11-23T07:59+02:00", "2026-11-16T08:00+02:00"),  # a Monday
        (Pace.WEEKLY, HELSINKI, "2026-11-23T08:00+02:00", "2026-11-23T08:00+02:00"),
        (Pace.WEEKLY, HELSINKI, "2026-11-29T23:00+02:00", "2026-11-23T08:00+02:00"),
        (Pace.WEEKLY, HELSINKI, "2027-03-29T04:59+00:00", "2027-03-22T08:00+02:00"),  # the clocks went forward
        (Pace.WEEKLY, HELSINKI, "2027-03-29T05:00+00:00", "2027-03-29T08:00+03:00"),
    ],
)
def test_what_is_due_when(pace, zone, now, before):
    found = cutoff(pace, datetime.fromisoformat(now).astimezone(UTC), zone)
    assert found.astimezone(UTC) == datetime.fromisoformat(before).astimezone(UTC)


def every_minute_of_a_week(pace, zone, start):
    """The minutes in a week in which the cutoff moves to a new hour."""
    moments = [start + n * A_MINUTE for n in range(7 * 24 * 60)]
    return [m for m in moments if cutoff(pace, m, zone) != cutoff(pace, m - A_MINUTE, zone)]


@pytest.mark.parametrize("zone", [HELSINKI, PACIFIC, KATHMANDU])
@pytest.mark.parametrize("start", ["2026-03-06", "2026-03-27", "2026-10-22", "2026-10-30"])
def test_a_digest_is_due_once_a_day_or_once_a_week_also_when_the_clocks_change(zone, start):
    start = datetime.fromisoformat(start).replace(tzinfo=UTC)
    daily = every_minute_of_a_week(Pace.DAILY, zone, start)
    assert [m.astimezone(zone).strftime("%H:%M") for m in daily] == ["08:00"] * 7
    assert len({m.astimezone(zone).date() for m in daily}) == 7
    assert [m.astimezone(zone).strftime("%a %H:%M") for m in every_minute_of_a_week(Pace.WEEKLY, zone, start)] == [
        "Mon 08:00"
    ]


@pytest.fixture
async def idea(session, culture, resident):
    idea = await make_idea(session, await make_round(session, culture, Phase.IDEAS), resident)
    await follow(session, resident.id, idea.id, MONDAY)
    return idea


async def comment(session, idea, at):
    await tell(session, NoticeKind.COMMENTED, [idea.id], idea.title, f"/ideas/{idea.id}", at)


async def waiting(session) -> int:
    return await session.scalar(select(func.count()).select_from(Notice).where(Notice.mailed_at.is_(None)))


@pytest.mark.parametrize(
    ("pace", "happened", "looks"),
    [  # looks: (moment, how many mails are queued)
        (Pace.AT_ONCE, MONDAY, [(MONDAY + A_MINUTE, 0), (MONDAY + 3 * A_MINUTE, 1), (MONDAY + 4 * A_MINUTE, 0)]),
        (Pace.DAILY, MONDAY, [(MONDAY + A_DAY - A_MINUTE, 0), (MONDAY + A_DAY, 1), (MONDAY + A_DAY + A_MINUTE, 0)]),
        (Pace.DAILY, MONDAY - A_MINUTE, [(MONDAY, 1)]),
        (Pace.DAILY, MONDAY, [(MONDAY + A_DAY + timedelta(hours=5), 1)]),  # the server was down at 8
        (Pace.WEEKLY, MONDAY, [(MONDAY + 6 * A_DAY, 0), (MONDAY + A_WEEK, 1), (MONDAY + A_WEEK + A_DAY, 0)]),
        (Pace.WEEKLY, MONDAY, [(MONDAY + 3 * A_WEEK + A_DAY, 1)]),  # it was down for weeks
        (Pace.NEVER, MONDAY, [(MONDAY + A_WEEK, 0)]),
    ],
)
async def test_one_mail_is_queued_at_the_persons_pace(session, idea, resident, pace, happened, looks):
    await choose_pace(session, resident.id, pace)
    await comment(session, idea, happened)
    assert [(now, await send_due(session, now)) for now, _mails in looks] == looks
    assert await waiting(session) == 0


async def test_without_a_choice_it_is_a_day(session, idea, resident):
    assert await find_pace(session, resident.id) is Pace.DAILY
    await comment(session, idea, MONDAY + A_MINUTE)
    assert await send_due(session, MONDAY + A_DAY - A_MINUTE) == 0
    assert await send_due(session, MONDAY + A_DAY) == 1


async def test_a_new_pace_holds_for_what_waits_already(session, idea, resident):
    await choose_pace(session, resident.id, Pace.WEEKLY)
    await comment(session, idea, MONDAY + A_MINUTE)
    assert await send_due(session, MONDAY + A_DAY + A_MINUTE) == 0
    await choose_pace(session, resident.id, Pace.DAILY)
    assert await send_due(session, MONDAY + A_DAY + A_MINUTE) == 1
    await choose_pace(session, resident.id, Pace.NEVER)
    await comment(session, idea, MONDAY + A_DAY)
    assert await send_due(session, MONDAY + 2 * A_DAY) == 0
    await choose_pace(session, resident.id, Pace.AT_ONCE)  # what was passed over in silence is not told later
    assert await send_due(session, MONDAY + 3 * A_DAY) == 0
    await comment(session, idea, MONDAY + 3 * A_DAY)
    assert await send_due(session, MONDAY + 3 * A_DAY + 3 * A_MINUTE) == 1


async def test_what_happens_in_two_minutes_comes_in_one_mail_with_what_waits(session, idea, resident):
    await choose_pace(session, resident.id, Pace.AT_ONCE)
    for seconds in (0, 50, 100):
        await comment(session, idea, MONDAY + timedelta(seconds=seconds))
    assert await send_due(session, MONDAY + timedelta(seconds=121)) == 1
    (payload,) = await session.scalars(text("SELECT convert_from(payload, 'UTF8')::json FROM pgqueuer"))
    assert len(payload["notice_ids"]) == 3


async def test_that_voting_ends_is_told_at_once_whatever_the_pace_but_never(session, idea, resident):
    silent = await make_person(session, "Sisko")
    await follow(session, silent.id, idea.id, MONDAY)
    await choose_pace(session, silent.id, Pace.NEVER)
    await choose_pace(session, resident.id, Pace.WEEKLY)
    about = ([idea.id], idea.title, f"/ideas/{idea.id}", MONDAY + A_DAY)
    await tell(session, NoticeKind.VOTING_ENDS_SOON, *about, detail=(MONDAY + 2 * A_DAY).isoformat())
    assert await send_due(session, MONDAY + A_DAY + 3 * A_MINUTE) == 1
    assert await waiting(session) == 0


async def test_nothing_is_told_to_whoever_did_it_nor_twice_to_one(session, idea, resident):
    other = await make_person(session, "Toni")
    round_id = idea.round_id
    for thing in (idea.id, round_id):
        await follow(session, other.id, thing, MONDAY)
    await tell(session, NoticeKind.COMMENTED, [idea.id, round_id], "X", "/", MONDAY, but=resident.id)
    assert list(await session.scalars(select(Notice.person_id))) == [other.id]
