"""Forgetting a round: not before its time, not without its bundle; then nothing is left that links or opens."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ballots.box import get_box
from ballots.seal import is_signed, verifying_key
from ballots.tables import envelope
from pb import keys
from pb.audit import Deed, list_events
from pb.bundle.models import as_json
from pb.bundle.service import get_bundle
from pb.errors import Refusal
from pb.forgetting.queries import find_forgotten
from pb.forgetting.service import destroy_keys, forget_round
from pb.language import in_language
from pb.log.queries import log_as_data
from pb.results.service import publish_results
from pb.settings import get_settings
from pb.traffic.models import Kind, Traffic
from pb.verification.service import verify_bundle
from tests.results.voted import close_and_count, make_voting, stay_home, vote
from tests.visitor import words


async def make_published(session):
    """A published round of twelve ballots from Lammi."""
    voted = await make_voting(session, 1)
    for n in range(12):
        await vote(session, voted, [1 + n % 2], [4 + n % 3])
    await stay_home(session, voted, 3)
    await close_and_count(session, voted)
    now = datetime.now(UTC)
    await publish_results(session, voted.officer, voted.round.id, now)
    session.add(
        Traffic(
            round_id=voted.round.id, hour=datetime(2026, 1, 1, tzinfo=UTC), kind=Kind.CAST, source=bytes(8), times=3
        )
    )
    await session.commit()
    return voted, now + timedelta(days=get_settings().appeal_days)


async def refusal(act) -> str:
    with in_language("en"), pytest.raises(Refusal) as refused:
        await act
    return refused.value.message


async def test_nothing_is_forgotten_before_the_publication_or_before_appeals_are_over(session):
    voted = await make_voting(session, 3600)
    later = datetime.now(UTC) + timedelta(days=1000)
    assert await refusal(forget_round(session, voted.round.id, later)) == "The result has not been published yet."


async def test_while_an_appeal_is_possible_nothing_is_forgotten(session):
    voted, until = await make_published(session)
    said = await refusal(forget_round(session, voted.round.id, until - timedelta(seconds=1)))
    assert said.startswith("An appeal against the result is possible until")
    assert len(list(await session.scalars(select(envelope.c.leaf)))) == 12


async def test_after_it_no_envelope_key_or_source_is_left_and_a_signed_record_says_so(session, visitor):
    voted, until = await make_published(session)
    await forget_round(session, voted.round.id, until)
    await session.commit()
    assert destroy_keys(voted.round.id) == ["opening", "box"]
    folder = keys.key_path("box", voted.round.id).parent
    assert sorted(path.name for path in folder.iterdir()) == ["code.key", "log.key"]
    assert list(await session.scalars(select(envelope.c.leaf))) == []
    assert list(await session.scalars(select(Traffic))) == []
    answer = await visitor.get(f"/rounds/{voted.round.id}/forgotten.json")
    record = answer.json()
    signature = bytes.fromhex(record.pop("signature"))
    public = verifying_key(keys.read_key("log", voted.round.id))
    assert is_signed(public, b"pb/forgotten/v1|" + as_json(record), signature)
    assert not is_signed(public, b"pb/forgotten/v1|" + as_json({**record, "final": 11}), signature)
    assert (record["final"], record["superseded"], record["void"]) == (12, 0, 0)
    assert Deed.ROUND_FORGOTTEN in {event.deed for event in await list_events(session)}
    page = words(await visitor.get(f"/rounds/{voted.round.id}/results"))
    assert "The sealed envelopes and the keys of this round were destroyed on" in page


async def test_result_log_and_bundle_outlive_it_also_when_the_bundle_is_made_again(session, visitor):
    voted, until = await make_published(session)
    path = await get_bundle(session, voted.round)
    before = path.read_bytes()
    log = await log_as_data(session, voted.round.id)
    await forget_round(session, voted.round.id, until)
    await session.commit()
    destroy_keys(voted.round.id)
    path.unlink()
    served = await visitor.get(f"/rounds/{voted.round.id}/results/bundle.zip")
    assert served.content == before
    assert verify_bundle(served.content, as_json(log)).faults == ()
    assert "Hanke 1-1" in words(await visitor.get(f"/rounds/{voted.round.id}/results/1"))


async def test_doing_it_again_after_a_kill_in_between_only_destroys_what_is_left(session):
    voted, until = await make_published(session)
    await forget_round(session, voted.round.id, until)
    record = (await find_forgotten(session, voted.round.id)).record
    await forget_round(session, voted.round.id, until + timedelta(days=1))
    assert (await find_forgotten(session, voted.round.id)).record == record
    assert destroy_keys(voted.round.id) == ["opening", "box"]
    assert destroy_keys(voted.round.id) == []


async def test_a_faulty_bundle_stops_it(session):
    voted, until = await make_published(session)
    path = await get_bundle(session, voted.round)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "does not verify" in await refusal(forget_round(session, voted.round.id, until))
    assert await find_forgotten(session, voted.round.id) is None
    assert keys.key_path("opening", voted.round.id).exists()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("DELETE FROM box.envelope", "the round is not forgotten"),
        ("INSERT INTO forgotten SELECT id, now(), '{}' FROM round", "the result is not published"),
    ],
)
async def test_the_database_itself_keeps_envelopes_until_then(session, act, said):
    voted = await make_voting(session, 3600)
    await vote(session, voted, [1], [4])
    with pytest.raises(IntegrityError, match=said):
        await session.execute(text(act))


async def test_a_record_does_not_change(session):
    voted, until = await make_published(session)
    await forget_round(session, voted.round.id, until)
    for act in ("UPDATE forgotten SET record = '{}'", "DELETE FROM forgotten"):
        with pytest.raises(Exception, match="permission denied"):
            async with session.begin_nested():
                await session.execute(text(act))
    assert json.loads((await find_forgotten(session, voted.round.id)).record)["round"] == str(voted.round.id)
    assert (await get_box(session, voted.round.id)).closed_at is not None
