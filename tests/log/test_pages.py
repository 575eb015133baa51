"""The public log as a voter and a watcher see it."""

import asyncio
import json
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from ballots.merkle import EMPTY, Head, root_of
from ballots.seal import is_signed
from pb.clock import now
from pb.errors import MissingKey
from pb.keys import key_path
from pb.log.rules import root_from
from pb.log.service import append_log, keep_log
from pb.settings import get_settings
from tests.visitor import words
from tests.voting.town import CITY, LAMMI, come_in, make_town, vote


@pytest.fixture
async def town(session):
    return await make_town(session)


def read_head(data: dict) -> Head:
    at = now().fromisoformat(data["at"])
    head = Head(UUID(data["round"]), data["size"], bytes.fromhex(data["root"]), at)
    return Head(head.round_id, head.size, head.root, head.at, bytes.fromhex(data["signature"]))


async def log_now(session, town):
    head = await append_log(session, town.round.id)
    await session.commit()
    return head


async def test_a_receipt_proves_that_the_envelope_is_in_the_log(visitor, session, town):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))
    page = words(await visitor.get(f"{town.booth}/receipt"))
    assert "Your vote came with a voting code." in page
    assert "It gets its line in the public log of envelopes within a minute." in page
    assert (await visitor.get(f"{town.booth}/receipt.json")).status_code == 404
    await log_now(session, town)
    assert "It is line 1 in the public log of envelopes." in words(await visitor.get(f"{town.booth}/receipt"))
    proof = (await visitor.get(f"{town.booth}/receipt.json")).json()
    head = read_head(proof["head"])
    path = [bytes.fromhex(beside) for beside in proof["path"]]
    assert root_from(bytes.fromhex(proof["leaf"]), proof["index"], head.size, path) == head.root
    assert is_signed(bytes.fromhex(proof["key"]), head.signed, head.signature)
    assert not {"choices", "code", "voter", "ballot"} & set(json.dumps(proof).replace('"', " ").split())


async def test_nobody_without_a_vote_gets_a_proof(visitor, session, town):
    await log_now(session, town)
    assert (await visitor.get(f"{town.booth}/receipt.json")).status_code == 404
    await come_in(visitor, town)
    assert (await visitor.get(f"{town.booth}/receipt.json")).status_code == 404


async def test_the_log_shows_every_cast_to_everybody_and_tells_no_choice(visitor, session, town):
    log = f"/rounds/{town.round.id}/log"
    assert "Nothing is in the list yet." in words(await visitor.get(log))
    await log_now(session, town)
    for nth in (1, 2):
        await come_in(visitor, town)
        await vote(visitor, town, town.ticks(CITY, nth))
        await log_now(session, town)
    data = (await visitor.get(f"{log}/heads.json")).json()
    heads = [read_head(head) for head in data["heads"]]
    leaves = [bytes.fromhex(line) for line in (await visitor.get(f"{log}/leaves.txt")).text.split()]
    assert [head.size for head in heads] == [0, 1, 2]
    assert [head.root for head in heads] == [EMPTY, root_of(leaves[:1]), root_of(leaves)]
    assert all(is_signed(bytes.fromhex(data["key"]), head.signed, head.signature) for head in heads)
    assert "2 envelopes are in the list." in words(await visitor.get(log))


async def test_heads_are_mirrored_to_a_file_once_each(session, town):
    for _ in range(2):
        head = await log_now(session, town)
    lines = (get_settings().data_dir / "heads" / f"{town.round.id}.jsonl").read_text().splitlines()
    assert [read_head(json.loads(line)) for line in lines] == [head]


async def test_envelopes_are_logged_by_themselves(visitor, sessions, session, town):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(CITY, 1))
    keeping = asyncio.create_task(keep_log(sessions))
    for _ in range(50):
        await asyncio.sleep(0.05)
        data = (await visitor.get(f"/rounds/{town.round.id}/log/heads.json")).json()
        if data["heads"]:
            break
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert [head["size"] for head in data["heads"]] == [1]


async def test_without_its_key_nothing_is_logged_under_another(session, town):
    path = key_path("log", town.round.id)
    kept = path.rename(path.with_suffix(".kept"))
    with pytest.raises(MissingKey):
        await append_log(session, town.round.id)
    kept.rename(path)


async def test_a_round_without_a_box_has_no_log(visitor):
    assert (await visitor.get(f"/rounds/{uuid4()}/log")).status_code == 404
