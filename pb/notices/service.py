"""Following and telling, and the mails that come of it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb import clock, jobs
from pb.keys import sign
from pb.language import current_language, in_language
from pb.mail import send_mail
from pb.notices.models import Follow, Notice, NoticeKind, NoticePace, Pace
from pb.notices.queries import STOP, find_pace
from pb.notices.rules import cutoff, write_mail
from pb.people.models import Person
from pb.settings import get_settings

log = logging.getLogger("pb.notices")
PAUSE = 60.0  # seconds between two looks at what waits
MOST = 200  # people whose mails are queued in one transaction
SENDING = 0x6B756B01  # the advisory lock of the process that queues mails
Clockwork = Callable[[AsyncSession, datetime], Awaitable[None]]


async def follow(session: AsyncSession, person_id: UUID, thing_id: UUID, now: datetime) -> None:
    """From now on tell this person what happens to the thing; following twice is following once."""
    row = {"person_id": person_id, "thing_id": thing_id, "at": now}
    await session.execute(upsert(Follow).values(row).on_conflict_do_nothing())


async def unfollow(session: AsyncSession, person_id: UUID, thing_id: UUID) -> None:
    await session.execute(delete(Follow).where(Follow.person_id == person_id, Follow.thing_id == thing_id))


async def tell(
    session: AsyncSession,
    kind: NoticeKind,
    about: Collection[UUID],
    subject: str,
    path: str,
    now: datetime,
    *,
    detail: str = "",
    but: UUID | None = None,
) -> None:
    """Note for everybody who follows one of the things what happened, once each; not for `but`, whose act it was.

    A reminder that somebody has already is not noted again.
    """
    people = select(Follow.person_id).where(Follow.thing_id.in_(about)).distinct()
    if but is not None:
        people = people.where(Follow.person_id != but)
    who = people.subquery()
    values = {"kind": kind, "subject": subject, "detail": detail, "path": path, "at": now}
    columns = [literal(value, Notice.__table__.c[name].type).label(name) for name, value in values.items()]
    rows = select(who.c.person_id, *columns)
    await session.execute(upsert(Notice).from_select(["person_id", *values], rows).on_conflict_do_nothing())


async def tell_each(
    session: AsyncSession, kind: NoticeKind, things: Select[tuple[UUID, str, str]], now: datetime, *, but: UUID
) -> None:
    """Tell the followers of many things, each about its own, in one statement; not `but`, whose act it was.

    `things` selects `thing_id`, `subject` and `path`, as `tell` has them.
    """
    each, notice = things.subquery(), Notice.__table__.c
    told, when = literal(kind, notice.kind.type), literal(now, notice.at.type)
    rows = select(Follow.person_id, told, each.c.subject, literal(""), each.c.path, when)
    rows = rows.join(each, each.c.thing_id == Follow.thing_id).where(Follow.person_id != but)
    columns = ["person_id", "kind", "subject", "detail", "path", "at"]
    await session.execute(upsert(Notice).from_select(columns, rows))


async def retitle(session: AsyncSession, path: str, subject: str) -> None:
    """What was told of the thing whose page is `path`, and is not mailed yet or read again, has this title now."""
    await session.execute(update(Notice).where(Notice.path.startswith(path)).values(subject=subject))


async def choose_pace(session: AsyncSession, person_id: UUID, pace: Pace) -> None:
    row = upsert(NoticePace).values(person_id=person_id, pace=pace)
    await session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_={"pace": pace}))


def stop_link(person_id: UUID) -> str:
    """Where this person, signed in or not, stops her mails or has them more seldom."""
    return f"{get_settings().address}/notices/stop/{sign(STOP, str(person_id))}"


async def send_due(session: AsyncSession, now: datetime) -> int:
    """Queue one mail for each person for whom something is due, with all that waits for her; how many people.

    At most `MOST` at a time. Of several processes one does it: what it takes is marked and queued in its transaction.
    """
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(SENDING))):
        return 0
    waiting = Notice.mailed_at.is_(None)
    silent = select(NoticePace.person_id).where(NoticePace.pace == Pace.NEVER)
    await session.execute(update(Notice).where(waiting, Notice.person_id.in_(silent)).values(mailed_at=now))
    due = select(Notice.person_id).outerjoin(NoticePace, NoticePace.person_id == Notice.person_id)
    people = due.where(waiting, is_due(now)).distinct().limit(MOST)
    take = update(Notice).where(waiting, Notice.person_id.in_(people.scalar_subquery())).values(mailed_at=now)
    taken: dict[UUID, list[str]] = defaultdict(list)
    for person_id, notice_id in await session.execute(take.returning(Notice.person_id, Notice.id)):
        taken[person_id].append(str(notice_id))
    for person_id, notice_ids in taken.items():
        await jobs.enqueue(session, mail_news, person_id=str(person_id), notice_ids=notice_ids)
    return len(taken)


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition that a waiting notice is due; that voting ends would come too late in a digest."""
    zone, kind = ZoneInfo(get_settings().time_zone), Notice.__table__.c.at.type
    before = {pace: literal(cutoff(pace, now, zone), kind) for pace in (Pace.AT_ONCE, Pace.DAILY, Pace.WEEKLY)}
    pressing = and_(Notice.kind == NoticeKind.VOTING_ENDS_SOON, Notice.at < before[Pace.AT_ONCE])
    return or_(Notice.at < case(before, value=func.coalesce(NoticePace.pace, Pace.DAILY)), pressing)


@jobs.job
async def mail_news(context: jobs.Context, person_id: str, notice_ids: list[str]) -> None:
    """Mail these notices; not if the person has stopped the mails since, or her account is gone.

    One press stops them: RFC 8058, List-Unsubscribe-Post. That no person answers: RFC 3834.
    """
    async with context.sessions() as session:
        person = await session.get(Person, UUID(person_id))
        if person is None or await find_pace(session, person.id) is Pace.NEVER:
            return
        ours = select(Notice).where(Notice.id.in_([UUID(id_) for id_ in notice_ids]))
        news = list(await session.scalars(ours.order_by(Notice.at, Notice.id)))
    link = stop_link(person.id)
    with in_language(person.language):
        subject, body = write_mail(news, get_settings().address, link)
        headers = {"Content-Language": current_language(), "Auto-Submitted": "auto-generated"}
    headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    await send_mail(person.email, subject, body, headers)


async def keep_notices(sessions: async_sessionmaker[AsyncSession], *first: Clockwork) -> None:
    """Do each of `first`, then queue the mails that are due, every minute until cancelled.

    What fails is said in the log and tried again.
    """
    while True:
        sent = 0
        try:
            for act in first:
                async with sessions() as session, session.begin():
                    await act(session, clock.now())
            async with sessions() as session, session.begin():
                sent = await send_due(session, clock.now())
        except Exception:
            log.exception("notices could not be sent; they wait for the next try")
        await asyncio.sleep(0 if sent == MOST else PAUSE)
