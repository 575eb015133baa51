"""The receipt by mail: that the vote is in, and nothing of what it says."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pb import jobs
from pb.errors import TooMany
from pb.receipts.service import ASKED, MOST_MAILS, ask_mail, mail_receipt
from pb.roll.models import Voter
from tests.visitor import words
from tests.voting.town import LAMMI, come_in, vote

JOBS = "SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'mail_receipt'"


@pytest.fixture(autouse=True)
def nobody_has_asked():
    ASKED.clear()


@pytest.fixture
async def voted(visitor, town):
    """A visitor who has just cast a vote; their receipt's address."""
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))
    return f"{town.booth}/receipt"


async def test_the_mail_names_the_envelope_and_neither_choice_nor_code(visitor, session, sessions, town, voted, capsys):
    code = words(await visitor.get(voted)).split("Your ballot code ")[1].split()[0]
    answer = await visitor.post(voted, {"email": "Raija@example.fi"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{voted}?mailed=yes")
    assert "The receipt is on its way" in words(await visitor.get(answer.headers["location"]))
    (payload,) = await session.scalars(text(JOBS))
    assert set(json.loads(payload)) == {"email", "round_id", "leaf", "language"}
    await mail_receipt(jobs.Context(sessions), **json.loads(payload))
    mail = capsys.readouterr().out
    assert "--- mail to raija@example.fi: Your receipt: Kierros 2027" in mail
    assert json.loads(payload)["leaf"] in mail
    assert f"/rounds/{town.round.id}/log" in mail
    for secret in (code, code.replace("-", ""), "Hanke", "Lammi", town.codes[0]):
        assert secret not in mail + payload


async def test_a_wrong_address_is_said_beside_it_and_the_code_stays_in_sight(visitor, session, voted):
    before = words(await visitor.get(voted))
    answer = await visitor.post(voted, {"email": "raija"})
    assert answer.status_code == 422
    assert "It looks like name@example.fi." in words(answer)
    assert 'value="raija"' in answer.text
    assert before.split("Your ballot code ")[1].split()[0] in words(answer)
    assert list(await session.scalars(text(JOBS))) == []


async def test_nobody_s_mailbox_is_filled(visitor, session, voted):
    for _time in range(3):
        assert (await visitor.post(voted, {"email": "raija@example.fi"})).status_code == 303
    answer = await visitor.post(voted, {"email": "raija@example.fi"})
    assert (answer.status_code, "has been sent several times already" in words(answer)) == (429, True)
    assert len(list(await session.scalars(text(JOBS)))) == 3


async def test_a_mail_that_could_not_be_queued_is_not_counted(sessions, session, town):
    voter = Voter(round_id=town.round.id, person_ref=uuid4())
    async with sessions() as broken:
        with pytest.raises(DBAPIError):
            await broken.execute(text("SELECT 1 / 0"))
        for _time in range(MOST_MAILS + 1):
            with pytest.raises(DBAPIError):
                await ask_mail(broken, voter, b"leaf", "raija@example.fi")
    for _time in range(MOST_MAILS):
        await ask_mail(session, voter, b"leaf", "raija@example.fi")
    with pytest.raises(TooMany):
        await ask_mail(session, voter, b"leaf", "raija@example.fi")


async def test_without_a_vote_there_is_nothing_to_send(visitor, session, town):
    await come_in(visitor, town)
    answer = await visitor.post(f"{town.booth}/receipt", {"email": "raija@example.fi"})
    assert (answer.status_code, answer.headers["location"]) == (303, town.booth)
    assert list(await session.scalars(text(JOBS))) == []
