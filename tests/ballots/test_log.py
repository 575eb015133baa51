"""The log of envelopes: RFC 6962's tree, proofs that hold and false ones that do not, heads that only grow."""

import asyncio
import hashlib
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.log import append_log, list_heads, list_leaves
from ballots.merkle import EMPTY, Peaks, node, root_of
from ballots.seal import is_signed, sign, verifying_key
from ballots.types import ChangedElsewhere

SEED = bytes(range(32))


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


# The inputs and roots of the Certificate Transparency project's own tests of RFC 6962.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_roots_are_those_of_the_rfc():
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    leaves = [leaf(bytes.fromhex(data)) for data in INPUTS]
    assert [root_of(leaves[: n + 1]).hex() for n in range(8)] == ROOTS


@given(st.lists(st.integers(0, 20), max_size=8))
def test_a_tree_grown_bit_by_bit_is_the_tree_of_all(parts):
    leaves, peaks = [], Peaks()
    for part in parts:
        more = [leaf(bytes([len(leaves) + n])) for n in range(part)]
        leaves, peaks = leaves + more, peaks.grown(more)
        assert (peaks.size, peaks.root) == (len(leaves), root_of(leaves))
        assert len(peaks.peaks) == len(leaves).bit_count()


def test_two_hundred_heads_are_pairwise_consistent():
    """Each is the root over the first leaves of the last: no two tell different stories."""
    leaves = [leaf(n.to_bytes(4, "big")) for n in range(400)]
    peaks = [Peaks().grown(leaves[:size]) for size in range(200, 400)]
    for one, other in pairwise(peaks):
        assert one.grown(leaves[one.size : other.size]).root == other.root
    assert all(head.root == root_of(leaves[: head.size]) for head in peaks)
    assert len({head.root for head in peaks}) == 200
    assert node(leaves[0], leaves[1]) != node(leaves[1], leaves[0])


def signed(message):
    return sign(SEED, message)


async def append(engine, round_id):
    async with AsyncSession(engine) as session, session.begin():
        return await append_log(session, round_id, signed)


async def read(engine, question, *what):
    async with AsyncSession(engine) as session:
        return await question(session, *what)


async def test_the_log_takes_every_cast_once_and_signs_each_head(engine, make_box, cast):
    round_id, people = await make_box(), [uuid4() for _ in range(5)]
    names = [(await cast(round_id, person)).leaf for person in people]
    first = await append(engine, round_id)
    names.append((await cast(round_id, people[0], seen=1)).leaf)
    second = await append(engine, round_id)
    assert await append(engine, round_id) == second
    heads = await read(engine, list_heads, round_id)
    assert [first, second] == heads
    assert [head.size for head in heads] == [5, 6]
    leaves = await read(engine, list_leaves, round_id, 6)
    assert sorted(leaves) == sorted(names)
    assert leaves[5] == names[5]
    for head in heads:
        assert head.root == root_of(leaves[: head.size])
        assert is_signed(verifying_key(SEED), head.signed, head.signature)
        assert not is_signed(verifying_key(SEED), replace(head, size=head.size + 1).signed, head.signature)
        assert not is_signed(bytes(32), head.signed, head.signature)


async def test_the_order_of_the_log_is_not_that_of_the_casts(engine, make_box, cast):
    round_id = await make_box()
    names = [(await cast(round_id, uuid4())).leaf for _ in range(12)]
    await append(engine, round_id)
    assert await read(engine, list_leaves, round_id, 12) != names


async def test_a_cast_that_is_refused_leaves_nothing_for_the_log(engine, make_box, cast):
    round_id, person = await make_box(), uuid4()
    await cast(round_id, person)
    with pytest.raises(ChangedElsewhere):
        await cast(round_id, person)
    assert (await append(engine, round_id)).size == 1


async def test_an_empty_box_has_a_head_too(engine, make_box):
    round_id = await make_box()
    head = await append(engine, round_id)
    assert (head.size, head.root) == (0, EMPTY)
    assert await append(engine, round_id) == head


async def test_many_at_once_append_each_name_once(engine, make_box, cast):
    round_id = await make_box()
    for _ in range(3):
        await asyncio.gather(*(cast(round_id, uuid4()) for _ in range(10)))
        await asyncio.gather(*(append(engine, round_id) for _ in range(4)))
    last = (await read(engine, list_heads, round_id))[-1]
    leaves = await read(engine, list_leaves, round_id, 99)
    assert len(set(leaves)) == len(leaves) == last.size == 30
    assert root_of(leaves) == last.root


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE box.log SET leaf = sha256(leaf)",
        "DELETE FROM box.log",
        "TRUNCATE box.log",
        "INSERT INTO box.log SELECT round_id, 7, sha256(leaf) FROM box.log LIMIT 1",
        "UPDATE box.tree_head SET size = size + 1",
        "DELETE FROM box.tree_head",
        "UPDATE box.queue SET leaf = sha256(leaf)",
    ],
)
async def test_what_is_in_the_log_stays(engine, make_box, cast, act):
    round_id = await make_box()
    await cast(round_id, uuid4())
    await append(engine, round_id)
    await cast(round_id, uuid4())
    async with AsyncSession(engine) as session:
        with pytest.raises(IntegrityError):
            await session.execute(text(act))
