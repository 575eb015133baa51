"""The mails: one for a person, in her language, sent once by the queue, stopped by one press."""

import asyncio
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from pb import jobs
from pb.app import make_app
from pb.keys import sign
from pb.language import in_language
from pb.mail import send_mail
from pb.notices.models import Notice, NoticeKind, NoticePace, Pace
from pb.notices.rules import sentence
from pb.notices.service import choose_pace, follow, keep_notices, mail_news, send_due, stop_link, tell
from pb.people.models import Person
from tests.cast import DAY, NOW, make_person
from tests.visitor import Visitor
from tests.waiting import until

THING, OTHER = uuid4(), uuid4()
LATER = NOW + timedelta(minutes=3)
REMINDERS = (NoticeKind.VOTING_OPENS, NoticeKind.VOTING_ENDS_SOON)


async def make_follower(session, name="Raija", language="en", pace=Pace.AT_ONCE) -> Person:
    person = await make_person(session, name)
    person.language = language
    await choose_pace(session, person.id, pace)
    for thing in (THING, OTHER):
        await follow(session, person.id, thing, NOW)
    return person


async def news(session, kind=NoticeKind.IDEA_PUBLISHED, thing=THING, title="Pihakonsertit", second=0, **more):
    await tell(session, kind, [thing], title, f"/ideas/{thing}", NOW + timedelta(seconds=second), **more)


def text_of(mail) -> str:
    return mail.get_content().replace("\r\n", "\n")


async def mail_now(sessions, session, person) -> None:
    """Mail what waits for this person, as the queue would."""
    ids = list(await session.scalars(select(Notice.id).where(Notice.person_id == person.id)))
    await session.commit()
    await mail_news(jobs.Context(sessions), person_id=str(person.id), notice_ids=[str(id_) for id_ in ids])


async def test_a_mail_has_each_thing_once_with_all_that_happened_to_it(sessions, session, postbox):
    person = await make_follower(session)
    await news(session)
    await news(session, NoticeKind.COMMENTED, second=1)
    await news(session, NoticeKind.IDEA_REFUSED, OTHER, "Katos", second=2, detail="Ei kuulu\nkaupungille.")
    await news(session, NoticeKind.COMMENTED, second=3)
    await mail_now(sessions, session, person)
    (mail,) = postbox.mails
    body = text_of(mail)
    assert mail["To"] == "raija@example.fi"
    assert mail["Subject"] == "News of Pihakonsertit and other things you follow"
    assert body.startswith("Pihakonsertit\n– ")
    assert [body.count(words) for words in ("Pihakonsertit", "There are new comments.", "Katos")] == [1, 1, 1]
    assert "– The idea was not published. Ei kuulu kaupungille.\n" in body
    assert f"http://127.0.0.1/ideas/{THING}\n" in body
    assert stop_link(person.id) in body


@pytest.mark.parametrize(("language", "told"), [("en", "en"), ("fi", "fi"), ("fi-plain", "fi"), ("sv", "sv")])
async def test_a_mail_is_in_its_readers_language(sessions, session, postbox, language, told):
    person = await make_follower(session, language=language)
    ends = NOW + DAY
    await news(session, NoticeKind.VOTING_ENDS_SOON, detail=ends.isoformat())
    await mail_now(sessions, session, person)
    (mail,) = postbox.mails
    with in_language(language):
        assert sentence(NoticeKind.VOTING_ENDS_SOON, ends.isoformat()) in text_of(mail)
    assert mail["Content-Language"] == told


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_news_has_its_sentence(kind):
    with in_language("en"):
        said = sentence(kind, NOW.isoformat() if kind in REMINDERS else "")
    assert said.endswith(".")
    assert "%" not in said


async def test_the_stop_headers_stand_whole_for_machines(sessions, session, monkeypatch, postbox):
    raw = []
    monkeypatch.setattr(type(postbox), "handle_DATA", keep_raw(raw))
    person = await make_follower(session)
    await news(session)
    await mail_now(sessions, session, person)
    lines = raw[0].decode().split("\r\n")
    assert f"List-Unsubscribe: <{stop_link(person.id)}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert "Auto-Submitted: auto-generated" in lines


def keep_raw(raw):
    async def handle(_box, _server, _session, envelope) -> str:
        raw.append(envelope.content)
        return "250 OK"

    return handle


@pytest.mark.parametrize(
    "title",
    [
        "Piha\r\nBcc: everybody@example.fi\r\n\r\nHi",
        "Piha\nSubject: other",
        "Piha\x0bX: y\x1cZ: z\x85A: b\u2028C: d\u2029E: f",
        "Piha\x00\x01\x7f",
        "=?utf-8?q?=0ABcc=3A_x?=",
        "x" * 300,
        "🎪" * 200,
        "\n",
    ],
)
async def test_no_title_breaks_out_of_its_header_or_line(sessions, session, postbox, title):
    await send_mail("raija@example.fi", title, "Hei", {"X-Title": title if title.isascii() else "-"})
    person = await make_follower(session)
    await news(session, title=title.replace("\x00", ""))
    await mail_now(sessions, session, person)
    plain, notice = postbox.mails
    assert set(plain.keys()) - {"X-Title", *COMMON} == set()
    assert set(notice.keys()) - {*COMMON, *OURS} == set()
    assert text_of(plain).strip() == "Hei"
    assert not re.search(r"^(Bcc|Subject):", text_of(notice), re.M)
    assert text_of(notice).count(stop_link(person.id)) == 1


COMMON = {"From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version", "X-Peer"}
COMMON |= {"X-MailFrom", "X-RcptTo"}
OURS = {"List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Content-Language"}


async def test_a_mail_that_was_stopped_while_it_waited_is_not_sent(sessions, session, postbox):
    person = await make_follower(session)
    await news(session)
    await choose_pace(session, person.id, Pace.NEVER)
    await mail_now(sessions, session, person)
    gone = await make_follower(session, "Gunnar")
    await session.delete(gone)
    await mail_now(sessions, session, gone)
    assert postbox.mails == []


async def test_two_senders_side_by_side_send_each_mail_once(database, committed, postbox):
    async with committed() as session, session.begin():
        for n in range(30):
            await make_follower(session, f"Person{n}")
        await news(session)

    async def send() -> int:
        async with committed() as session, session.begin():
            return await send_due(session, LATER)

    sent = await asyncio.gather(*(send() for _process in range(8)))
    assert sum(sent) == 30
    await jobs.run_jobs(database, jobs.Context(committed), drain=True)
    assert len({mail["To"] for mail in postbox.mails}) == len(postbox.mails) == 30


async def test_more_people_than_one_transaction_takes_are_all_sent_to(session, monkeypatch):
    monkeypatch.setattr("pb.notices.service.MOST", 3)
    for n in range(7):
        await make_follower(session, f"Person{n}")
    await news(session)
    assert [await send_due(session, LATER) for _look in range(4)] == [3, 3, 1, 0]


async def test_a_mark_and_its_job_stand_or_fall_together(committed):
    async with committed() as session, session.begin():
        await make_follower(session)
        await news(session)
    async with committed() as session:
        assert await send_due(session, LATER) == 1
        await session.rollback()
    async with committed() as session, session.begin():
        assert await session.scalar(text("SELECT count(*) FROM pgqueuer")) == 0
        assert await send_due(session, LATER) == 1


async def test_a_mail_that_failed_is_tried_again(database, committed, postbox, monkeypatch, caplog):
    monkeypatch.setattr(jobs, "FIRST_WAIT", timedelta(milliseconds=100))
    take, refused = type(postbox).handle_DATA, []

    async def refuse_first(*call) -> str:
        if not refused:
            refused.append(call)
            return "451 later"
        return await take(*call)

    monkeypatch.setattr(type(postbox), "handle_DATA", refuse_first)
    async with committed() as session, session.begin():
        await make_follower(session)
        await news(session)
        await send_due(session, LATER)
    waits = text("SELECT count(*) FROM pgqueuer WHERE status = 'queued' AND attempts = 1")
    async with committed() as session:
        await work_until(lambda: session.scalar(waits), database, committed)
    assert "job mail_news failed, try 1 of 6" in caplog.text
    assert postbox.mails == []

    async def arrived() -> bool:
        return bool(postbox.mails)

    await work_until(arrived, database, committed)
    assert len(postbox.mails) == 1


async def work_until(look, database, sessions) -> None:
    """Work the queue until there is what is looked for."""
    working = asyncio.create_task(jobs.run_jobs(database, jobs.Context(sessions)))
    await until(look, 20)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_the_task_beside_the_app_sends_and_survives_what_fails(committed, monkeypatch, caplog):
    monkeypatch.setattr("pb.notices.service.PAUSE", 0.05)
    looks = []

    async def fail_once(_session, now) -> None:
        looks.append(now)
        if len(looks) == 1:
            raise ValueError("no luck")

    async with committed() as session, session.begin():
        await make_follower(session)
        await tell(session, NoticeKind.COMMENTED, [THING], "X", "/", NOW - DAY)
    keeping = asyncio.create_task(keep_notices(committed, fail_once))
    async with committed() as session:
        await until(lambda: session.scalar(text("SELECT count(*) FROM pgqueuer")), 20)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert "they wait for the next try" in caplog.text


async def test_one_press_in_the_mail_program_stops_the_mails_without_a_cookie(sessions, session):
    person, other = await make_follower(session), await make_follower(session, "Toni")
    await session.commit()
    path = stop_link(person.id).removeprefix("http://127.0.0.1")
    async with Visitor(make_app(sessions)) as program:
        answer = await program.request("POST", path, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "The mails have stopped.")
    assert await paces(session) == {person.id: Pace.NEVER, other.id: Pace.AT_ONCE}


async def paces(session) -> dict:
    return dict((await session.execute(select(NoticePace.person_id, NoticePace.pace))).all())


async def test_opening_the_link_changes_nothing_and_its_button_stops(visitor, session):
    person = await make_follower(session, pace=Pace.DAILY)
    await session.commit()
    path = stop_link(person.id).removeprefix("http://127.0.0.1")
    page = await visitor.get(path)
    assert "Stop all mails" in page.text
    assert await paces(session) == {person.id: Pace.DAILY}
    for pace, words in (("never", "You get no mail"), ("weekly", "Stop the mails")):
        answer = await visitor.post(f"{path}/pace", {"pace": pace})
        assert (answer.status_code, words in answer.text) == (200, True)
        assert await paces(session) == {person.id: Pace(pace)}
    assert (await visitor.post(f"{path}/pace", {"pace": "hourly"})).status_code == 409


@pytest.mark.parametrize("forge", ["x", "", "swap", "case", "purpose"])
async def test_a_forged_link_stops_nobodys_mails(sessions, session, forge):
    person, other = await make_follower(session), await make_follower(session, "Toni")
    await session.commit()
    mine = stop_link(person.id).removeprefix("http://127.0.0.1/notices/stop/")
    token = {
        "x": "x",
        "": mine.partition(".")[0],
        "swap": f"{other.id}.{mine.partition('.')[2]}",
        "case": mine[:-1] + ("0" if mine[-1] != "0" else "1"),
        "purpose": sign("kiosk", str(person.id)),
    }[forge]
    async with Visitor(make_app(sessions)) as program:
        assert (await program.request("POST", f"/notices/stop/{token}")).status_code == 404
        assert (await program.post(f"/notices/stop/{token}/pace", {"pace": "never"})).status_code == 404
        assert (await program.get(f"/notices/stop/{token}")).status_code == 404
    assert set((await paces(session)).values()) == {Pace.AT_ONCE}


async def test_every_other_form_still_needs_its_token(sessions, session):
    person = await make_follower(session)
    await session.commit()
    path = stop_link(person.id).removeprefix("http://127.0.0.1")
    async with Visitor(make_app(sessions)) as program:
        assert (await program.request("POST", f"{path}/pace", data={"pace": "never"})).status_code == 403
    assert await session.scalar(select(func.count()).where(NoticePace.pace == Pace.NEVER)) == 0
