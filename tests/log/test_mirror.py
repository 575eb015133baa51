"""The file of heads: what it holds was committed, each head once, and a torn line spoils no other."""

import json

import pytest

from pb.log.service import append_log, mirror
from pb.settings import get_settings
from tests.results.voted import make_voting, vote


def lines_of(round_id) -> list[str]:
    path = get_settings().data_dir / "heads" / f"{round_id}.jsonl"
    return path.read_text("utf-8").splitlines() if path.exists() else []


async def test_a_head_is_in_the_file_once_it_is_committed(session):
    voted = await make_voting(session, 3600)
    await vote(session, voted, [1], [4])
    head = await append_log(session, voted.round.id)
    assert lines_of(voted.round.id) == []
    await session.commit()
    assert [json.loads(line)["root"] for line in lines_of(voted.round.id)] == [head.root.hex()]
    await append_log(session, voted.round.id)
    await session.commit()
    assert len(lines_of(voted.round.id)) == 1


async def test_a_head_that_was_taken_back_never_is(session):
    voted = await make_voting(session, 3600)
    for n in (1, 2, 3):
        await vote(session, voted, [n], [4])
    await session.commit()
    round_id = voted.round.id
    lost = await append_log(session, round_id)
    await session.rollback()
    stands = await append_log(session, round_id)
    await session.commit()
    (line,) = lines_of(round_id)
    assert json.loads(line)["root"] == stands.root.hex()
    assert json.loads(line)["signature"] != lost.signature.hex()


@pytest.mark.parametrize("torn", ['{"round": "', "{", "x" * 1000])
async def test_after_a_torn_line_the_next_head_has_a_line_of_its_own(session, torn):
    voted = await make_voting(session, 3600)
    head = await append_log(session, voted.round.id)
    mirror(head)
    with (get_settings().data_dir / "heads" / f"{voted.round.id}.jsonl").open("a") as file:
        file.write(torn)
    mirror(head)
    first, middle, last = lines_of(voted.round.id)
    assert (first, middle) == (last, torn)
