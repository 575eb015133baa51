"""A vote stands against every ticket but the next one, and a person has one ballot through whichever channels."""

import os
from itertools import permutations
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ballots.box import count_envelopes, get_box
from ballots.codes import new_ballot_code
from ballots.seal import leaf
from ballots.tables import envelope
from pb.roll.models import Voter
from pb.voting.service import Ticket, cast_ballot, make_ticket, own_envelope, own_ref
from tests.visitor import words
from tests.voting.town import CITY, LAMMI, RANKED, ballots_in, come_in, make_town, review, vote

STRANGE, STALE = "This page was not made for your ballot.", "That newer vote stands."
DESK = text("""
    INSERT INTO box.envelope (round_id, box_ref, channel, ciphertext, leaf, submission, version, locked)
    VALUES (:round_id, :box_ref, 'paper', :ciphertext, :leaf, gen_random_uuid(), 1, true)
    ON CONFLICT (round_id, box_ref) DO UPDATE SET channel = 'paper', ciphertext = excluded.ciphertext,
        leaf = excluded.leaf, submission = excluded.submission, version = envelope.version + 1, locked = true""")


@pytest.fixture
async def town(session):
    return await make_town(session)


def made_for(round_id, person_ref, seen):
    return Ticket(uuid4(), new_ballot_code(), seen).signed(Voter(round_id=round_id, person_ref=person_ref))


@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (lambda voter, first: first["ticket"], STALE),
        (lambda voter, first: made_for(voter.round_id, voter.person_ref, 1), STALE),
        (lambda voter, first: made_for(voter.round_id, uuid4(), 2), STRANGE),
        (lambda voter, first: made_for(uuid4(), voter.person_ref, 2), STRANGE),
        (lambda voter, first: made_for(voter.round_id, voter.person_ref, 1).replace("|1.", "|2."), STRANGE),
    ],
    ids=["the first one again", "one made before the last vote", "another voter's", "another round's", "a forged one"],
)
async def test_a_vote_stands_against_every_ticket_but_the_next(visitor, session, town, forge, says):
    await come_in(visitor, town)
    first = await review(visitor, town, town.ticks(LAMMI, 1))
    assert (await visitor.post(f"{town.booth}/cast", first)).status_code == 303
    assert (await vote(visitor, town, town.ticks(LAMMI, 2))).status_code == 303
    row = (await session.execute(select(envelope))).one()
    voters = await session.scalars(select(Voter).where(Voter.round_id == town.round.id))
    (voter,) = [voter for voter in voters if own_ref(voter) == row.box_ref]
    answer = await visitor.post(f"{town.booth}/cast", first | {"ticket": forge(voter, first)})
    assert (answer.status_code, says in words(answer)) == (409, True)
    assert (await session.execute(select(envelope))).one() == row
    following = made_for(voter.round_id, voter.person_ref, 2)
    assert (await visitor.post(f"{town.booth}/cast", first | {"ticket": following})).status_code == 303


async def mark_at_the_desk(session, voter):
    """The void and locked envelope of somebody who votes on paper."""
    ciphertext = os.urandom((await get_box(session, voter.round_id)).envelope_bytes)
    values = {"round_id": voter.round_id, "box_ref": own_ref(voter), "ciphertext": ciphertext}
    async with session.begin_nested():
        await session.execute(DESK, values | {"leaf": leaf(voter.round_id, ciphertext)})


@pytest.mark.parametrize("channels", list(permutations(("web", "code", "paper"), 2)), ids=" then ".join)
async def test_a_person_who_uses_two_channels_has_one_ballot(session, town, channels):
    """The later one; but nobody votes on paper yet, and the database refuses the desk's mark."""
    voter = await session.scalar(select(Voter).where(Voter.round_id == town.round.id))
    stands = None
    for place, channel in enumerate(channels, start=1):
        choices = {LAMMI: [town.number(LAMMI, place)], CITY: [], RANKED: []}
        if channel == "paper":
            with pytest.raises(IntegrityError, match="nobody votes on paper yet"):
                await mark_at_the_desk(session, voter)
        else:
            await cast_ballot(
                session, town.rules.papers(voter.area_id), voter, choices, await make_ticket(session, voter), channel
            )
            stands = channel, {number: tuple(own) for number, own in choices.items()}
    assert await count_envelopes(session, voter.round_id) == 1
    assert ((await own_envelope(session, voter)).channel, *await ballots_in(session, voter.round_id)) == stands
