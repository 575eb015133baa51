"""Slow work is done once, after the act that asked for it; mail arrives by real SMTP."""

import asyncio
import email.policy
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb import jobs
from pb.app import make_app
from pb.database import make_engine, make_sessions
from pb.mail import send_mail
from pb.people.service import ask_sign_in
from pb.settings import get_settings
from tests.visitor import Visitor
from tests.waiting import until

Sessions = async_sessionmaker[AsyncSession]
DONE: list[str] = []
FAILURES: list[Exception] = []
LINK = re.compile(r"http://127.0.0.1/sign-in/(\S+)")


@jobs.job
async def note_down(context: jobs.Context, words: str) -> None:
    """A job of this test only: remembers that it ran."""
    DONE.append(words)


@jobs.job
async def fail(context: jobs.Context) -> None:
    raise ValueError("this job always fails")


@jobs.job
async def fail_for_a_while(context: jobs.Context) -> None:
    if FAILURES:
        raise FAILURES.pop()
    DONE.append("at last")


class Postbox:
    """What an SMTP server was given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
async def postbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Postbox]:
    """A real SMTP server on loopback, which the settings name."""
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    monkeypatch.setenv("PB_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("PB_SMTP_PORT", str(server.sockets[0].getsockname()[1]))
    get_settings.cache_clear()
    yield box
    server.close()
    await server.wait_closed()
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
async def committed(database: str) -> AsyncIterator[Sessions]:
    """Sessions whose commits are real."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def work(url: str, sessions: Sessions) -> list[str]:
    """Work the queue until it is empty; what was noted down."""
    DONE.clear()
    await jobs.run_jobs(url, jobs.Context(sessions), drain=True)
    return list(DONE)


async def test_a_job_runs_once_after_its_act_and_never_if_the_act_was_undone(database, committed):
    async with committed() as session:
        await jobs.enqueue(session, note_down, words="undone")
        await session.rollback()
    async with committed() as session, session.begin():
        await jobs.enqueue(session, note_down, words="Hyvää yötä")
    assert await work(database, committed) == ["Hyvää yötä"]
    assert await work(database, committed) == []


async def test_two_workers_share_one_job(database, committed):
    async with committed() as session, session.begin():
        for n in range(20):
            await jobs.enqueue(session, note_down, words=str(n))
    DONE.clear()
    await asyncio.gather(*(jobs.run_jobs(database, jobs.Context(committed), drain=True) for _ in range(2)))
    assert sorted(DONE, key=int) == [str(n) for n in range(20)]


async def test_a_job_that_fails_is_logged_and_the_others_go_on(database, committed, caplog):
    async with committed() as session, session.begin():
        await jobs.enqueue(session, fail)
        await jobs.enqueue(session, note_down, words="after it")
    with pytest.raises(RuntimeError, match="fail"):
        await work(database, committed)
    assert DONE == ["after it"]
    assert "job fail failed, try 1 of 1" in caplog.text


@pytest.mark.parametrize("hook", ["handle_RCPT", "handle_DATA"])
async def test_a_mail_that_is_refused_leaves_no_address_in_the_log(
    database, committed, postbox, monkeypatch, caplog, hook
):
    async def refuse(*_call) -> str:
        return "550 <raija@example.fi> is not known here"

    monkeypatch.setattr(type(postbox), hook, refuse, raising=False)
    async with committed() as session, session.begin():
        await ask_sign_in(session, "raija@example.fi", "/")
    with pytest.raises(RuntimeError, match="mail_sign_in_link"):
        await work(database, committed)
    async with committed() as session:
        kept = [str(row) for row in await session.scalars(text("SELECT to_jsonb(l)::text FROM pgqueuer_log l"))]
    assert all(words in "".join(kept) and words in caplog.text for words in ("MailFailed", "550"))
    assert "raija" not in "".join([*kept, caplog.text]).lower()


async def done_at_last():
    return DONE == ["at last"]


async def test_a_job_that_fails_for_a_while_is_tried_again(database, committed, monkeypatch):
    monkeypatch.setattr(jobs, "FIRST_WAIT", timedelta(milliseconds=100))
    DONE.clear()
    FAILURES[:] = [ValueError("once"), ValueError("twice")]
    async with committed() as session, session.begin():
        await jobs.enqueue(session, fail_for_a_while)
    working = asyncio.create_task(jobs.run_jobs(database, jobs.Context(committed)))
    await until(done_at_last, 20)
    working.cancel()


async def test_a_job_that_always_fails_is_given_up_and_stays_logged(database, committed, monkeypatch, caplog):
    monkeypatch.setattr(jobs, "FIRST_WAIT", timedelta(milliseconds=10))
    async with committed() as session, session.begin():
        await jobs.enqueue(session, fail)
    working = asyncio.create_task(jobs.run_jobs(database, jobs.Context(committed)))
    given_up = text("SELECT count(*) FROM pgqueuer_log WHERE status = 'exception'")
    async with committed() as session:
        await until(lambda: session.scalar(given_up), 20)
        assert await session.scalar(text("SELECT count(*) FROM pgqueuer")) == 0
    working.cancel()
    assert "job fail failed, try 6 of 6" in caplog.text


async def test_a_mail_arrives_with_its_letters(postbox):
    await send_mail("eeva@example.fi", "Äänestyksesi – kevät 2027", "Hyvää yötä, Åsa!\n")
    (mail,) = postbox.mails
    assert (mail["To"], mail["From"]) == ("eeva@example.fi", "kukkaro@localhost")
    assert mail["Subject"] == "Äänestyksesi – kevät 2027"
    assert mail.get_content().splitlines() == ["Hyvää yötä, Åsa!"]


async def test_without_a_mail_server_the_console_shows_the_mail(capsys):
    await send_mail("eeva@example.fi", "Kevät", "Hei!")
    assert capsys.readouterr().out == "--- mail to eeva@example.fi: Kevät\nHei!\n---\n"


async def test_the_mailed_link_signs_in_and_never_lay_in_the_queue(database, committed, postbox):
    async with committed() as session, session.begin():
        await ask_sign_in(session, "eeva@example.fi", "/city")
        queued = await session.scalars(text("SELECT convert_from(payload, 'UTF8') FROM pgqueuer"))
        assert queued.all() == ['{"email": "eeva@example.fi", "then": "/city", "language": "fi"}']
    await work(database, committed)
    (mail,) = postbox.mails
    link = LINK.search(mail.get_content())
    assert link is not None
    async with committed() as session:
        kept = [
            row
            for table in ("pgqueuer", "pgqueuer_log", "sign_in_link")
            for row in await session.scalars(text(f"SELECT t::text FROM {table} t"))
        ]
    assert kept
    assert not any(link[1] in row for row in kept)
    async with Visitor(make_app(committed)) as eeva:
        await eeva.sign_in(link[0])
        assert "signin" in eeva.cookies
        assert (await eeva.post(f"/sign-in/{link[1]}")).status_code != 303  # good once
