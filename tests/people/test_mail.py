"""The mail with the link, sent by a job: through a real SMTP server, or printed where none is set."""

import re

from pb import jobs
from pb.database import make_engine, make_sessions
from pb.people.service import MOST_LINKS, ask_sign_in, mail_sign_in_link


async def test_the_mail_holds_a_link_that_signs_in_and_its_language(sessions, visitor, postbox):
    await mail_sign_in_link(jobs.Context(sessions), email="a@example.fi", then="/city", language="en")
    (mail,) = map(str, postbox.mails)
    assert "To: a@example.fi" in mail
    assert "Subject: Sign in to Kukkaro" in mail
    link = re.search(r"http://127\.0\.0\.1/sign-in/\S+", mail)[0]
    await visitor.sign_in(link)


async def test_without_a_server_the_mail_is_printed(sessions, capsys):
    await mail_sign_in_link(jobs.Context(sessions), email="a@example.fi", then="/", language="en")
    assert "--- mail to a@example.fi: Sign in to Kukkaro" in capsys.readouterr().out


async def test_the_queue_is_worked_until_empty(database, capsys):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as session:
        await ask_sign_in(session, "a@example.fi", "/")
        await session.commit()
        await ask_sign_in(session, "never@example.fi", "/")
        await session.rollback()
    await jobs.run_jobs(database, jobs.Context(sessions), drain=True)
    await engine.dispose()
    printed = capsys.readouterr().out
    assert "mail to a@example.fi" in printed
    assert "never@example.fi" not in printed


async def test_nobodys_mailbox_is_filled(sessions, postbox):
    for _time in range(MOST_LINKS + 3):
        await mail_sign_in_link(jobs.Context(sessions), email="a@example.fi", then="/", language="en")
    assert len(postbox.mails) == MOST_LINKS
