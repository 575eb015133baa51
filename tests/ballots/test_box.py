"""Casting, closing and opening on a real PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.box import (
    cast_envelope,
    close_box,
    count_envelopes,
    extend_box,
    get_box,
    list_opened,
    list_void,
    own_envelope,
    store_opened,
    take_envelopes,
)
from ballots.codes import new_ballot_code
from ballots.log import append_log
from ballots.opening import Opened, open_envelopes
from ballots.plaintext import Ballot
from ballots.seal import OVERHEAD, fingerprint, leaf, new_key, seal_ballot, sign
from ballots.tables import envelope, opened, queue
from ballots.types import (
    AlreadyOnPaper,
    AlreadyOpened,
    BallotType,
    BoxRefusal,
    ChangedElsewhere,
    NoBox,
    NotLogged,
    NotOpenYet,
    Paper,
    StillOpen,
    VotingClosed,
)

ANA, BEN = uuid4(), uuid4()
PAPER = Paper(BallotType.APPROVAL, dict.fromkeys(range(1, 21), 1), 1, 5)
PAPERS = [{1: PAPER}, {1: PAPER, 2: PAPER}]  # of two kinds of voters


async def close_logged(session, round_id):
    closed = await close_box(session, round_id)
    await append_log(session, round_id, partial(sign, bytes(32)))
    return closed


async def open_all(session, round_id, private_key):
    """Open the box as the app does; the number of ballots."""
    found = open_envelopes(private_key, round_id, PAPERS, await take_envelopes(session, round_id))
    await store_opened(session, round_id, found)
    return len(found.ballots)


async def choices_for(act, round_id, allocation):
    return [choices for _code, _paper, choices in await act(list_opened, round_id, allocation=allocation)]


@pytest.fixture
def act(engine):
    """Do one act in a transaction of its own."""

    async def run(function, *arguments, **of):
        async with AsyncSession(engine) as session, session.begin():
            return await function(session, *arguments, **of)

    return run


async def test_a_first_cast_is_in_the_box_and_its_receipt_names_it(act, make_box, cast, make_ref, engine):
    round_id = await make_box()
    receipt = await cast(round_id, ANA)
    async with engine.connect() as connection:
        row = (await connection.execute(select(envelope).where(envelope.c.leaf == receipt.leaf))).one()
    assert (row.version, row.box_ref, row.channel) == (receipt.version, make_ref(ANA), "web") == (1, *row[1:3])
    assert receipt.leaf == leaf(round_id, row.ciphertext)
    assert await act(count_envelopes, round_id) == 1


async def test_a_hundred_parallel_casts_of_one_voter_leave_one_envelope(act, make_box, cast):
    round_id = await make_box()
    results = await asyncio.gather(*(cast(round_id, ANA) for _ in range(100)), return_exceptions=True)
    assert sum(isinstance(result, ChangedElsewhere) for result in results) == 99
    assert await act(count_envelopes, round_id) == 1


async def test_a_hundred_parallel_repeats_of_one_submission_get_one_receipt(act, make_box, cast):
    round_id, submission = await make_box(), uuid4()
    receipts = await asyncio.gather(*(cast(round_id, ANA, submission) for _ in range(100)))
    assert {*receipts, await cast(round_id, ANA, submission, seen=1)} == {receipts[0]}
    assert await act(count_envelopes, round_id) == 1


async def test_a_vote_can_be_changed_and_the_last_one_counts(act, make_box, cast, make_ref):
    round_id = await make_box()
    first = await cast(round_id, ANA)
    second = await cast(round_id, ANA, seen=(await act(own_envelope, round_id, make_ref(ANA))).version)
    assert (first.version, second.version) == (1, 2)
    assert first.leaf != second.leaf
    assert (await act(own_envelope, round_id, make_ref(ANA))).version == 2
    assert await act(own_envelope, round_id, make_ref(BEN)) is None
    assert await act(count_envelopes, round_id) == 1


async def test_a_late_repeat_of_the_first_cast_does_not_undo_the_second(
    act, make_box, cast, wait_for_close, private_key
):
    round_id, first = await make_box(closes_in=0.7), uuid4()
    await cast(round_id, ANA, first, choices={1: [1]})
    await cast(round_id, ANA, seen=1, choices={1: [2]})
    with pytest.raises(ChangedElsewhere):
        await cast(round_id, ANA, first, choices={1: [1]})
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    await act(open_all, round_id, private_key)
    assert await choices_for(act, round_id, 1) == [(2,)]


@pytest.mark.parametrize("seen", [1, 5])
async def test_a_change_of_a_vote_that_does_not_exist_starts_none(act, make_box, cast, seen):
    round_id = await make_box()
    with pytest.raises(ChangedElsewhere):
        await cast(round_id, ANA, seen=seen)
    assert await act(count_envelopes, round_id) == 0


async def test_a_locked_envelope_is_void_and_refuses_every_later_cast(act, engine, make_box, cast, make_ref):
    round_id = await make_box()
    await cast(round_id, ANA)
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # as a paper channel will
        mine = envelope.c.box_ref == make_ref(ANA), envelope.c.round_id == round_id
        paper = {"locked": True, "channel": "paper", "version": 2, "submission": uuid4()}
        await connection.execute(update(envelope).where(*mine).values(**paper))
    for seen in (0, 1, 2):
        with pytest.raises(AlreadyOnPaper):
            await cast(round_id, ANA, seen=seen)
    assert await act(count_envelopes, round_id) == 0


async def test_nothing_is_cast_before_the_opening(act, make_box, cast):
    round_id = await make_box(opens_in=60)
    with pytest.raises(NotOpenYet) as caught:
        await cast(round_id, ANA)
    assert caught.value.at == (await act(get_box, round_id)).opens_at
    assert await act(count_envelopes, round_id) == 0


@pytest.mark.parametrize("close", [False, True])
async def test_nothing_is_cast_after_the_close_but_a_repeat_gets_its_receipt(
    act, make_box, cast, wait_for_close, close
):
    round_id, submission = await make_box(closes_in=0.7), uuid4()
    receipt = await cast(round_id, ANA, submission)
    await wait_for_close(round_id)
    if close:
        await act(close_logged, round_id)
    assert await cast(round_id, ANA, submission) == receipt
    for person, seen in ((ANA, 1), (ANA, 0), (BEN, 0)):
        with pytest.raises(VotingClosed):
            await cast(round_id, person, seen=seen)
    assert await act(count_envelopes, round_id) == 1


async def test_a_round_without_a_box_refuses(act, cast):
    for attempt in (cast(uuid4(), ANA), act(get_box, uuid4()), act(close_box, uuid4())):
        with pytest.raises(NoBox):
            await attempt


async def test_the_box_tells_what_it_was_prepared_with(act, make_box):
    box = await act(get_box, await make_box())
    assert box.fingerprint == fingerprint(box.public_key)
    assert (box.envelope_bytes, box.rules_sha256, box.closed_at) == (240, bytes(32), None)


async def test_the_close_comes_once_and_not_before_its_time(act, make_box, wait_for_close):
    round_id = await make_box(closes_in=0.2)
    with pytest.raises(StillOpen):
        await act(close_logged, round_id)
    await wait_for_close(round_id)
    closed_at = await act(close_logged, round_id)
    assert await act(close_box, round_id) == closed_at >= (await act(get_box, round_id)).closes_at


async def test_the_close_moves_only_later_and_only_before_it_has_come(act, make_box, cast, wait_for_close):
    round_id, later = await make_box(closes_in=0.5), datetime.now(UTC) + timedelta(seconds=1.5)
    with pytest.raises(ValueError, match="later"):
        await act(extend_box, round_id, datetime.now(UTC))
    await act(extend_box, round_id, later)
    await asyncio.sleep(0.6)
    await cast(round_id, ANA)
    await wait_for_close(round_id)
    with pytest.raises(VotingClosed) as caught:
        await act(extend_box, round_id, later + timedelta(days=1))
    assert caught.value.at == later


async def test_the_close_waits_for_a_cast_in_flight(act, engine, make_box, make_ref, make_envelope, wait_for_close):
    round_id = await make_box(closes_in=0.7)
    async with AsyncSession(engine) as slow:
        await cast_envelope(slow, round_id, make_ref(ANA), make_envelope(round_id), uuid4(), 0)
        await wait_for_close(round_id)
        closing = asyncio.create_task(act(close_box, round_id))
        await asyncio.sleep(0.2)
        assert not closing.done()
        await slow.commit()
    await closing
    assert await act(count_envelopes, round_id) == 1


async def test_casts_that_race_the_close_are_counted_or_refused_but_never_lost(
    act, make_box, cast, wait_for_close, private_key
):
    round_id, accepted = await make_box(closes_in=1), []

    async def keep_casting():
        while True:
            accepted.append(await cast(round_id, uuid4()))

    async def close_and_count(session):
        await close_logged(session, round_id)
        return await count_envelopes(session, round_id)

    voters = [asyncio.create_task(keep_casting()) for _ in range(20)]
    await wait_for_close(round_id)
    at_close = await act(close_and_count)
    ends = await asyncio.gather(*voters, return_exceptions=True)
    assert {type(end) for end in ends} == {VotingClosed}
    assert at_close == await act(count_envelopes, round_id) == len(accepted) > 20
    assert await act(open_all, round_id, private_key) == len(accepted)


async def test_opened_ballots_stand_in_the_order_of_their_codes_whoever_cast_first(
    act, engine, make_box, cast, wait_for_close, private_key
):
    codes = sorted(new_ballot_code() for _ in range(12))
    ballots = [(code, {1: [place + 1], 2: []}) for place, code in enumerate(codes)]
    for order in (ballots, ballots[::-1]):
        round_id = await make_box(closes_in=1)
        for code, choices in order:
            await cast(round_id, uuid4(), choices=choices, code=code)
        await wait_for_close(round_id)
        await act(close_logged, round_id)
        assert await act(open_all, round_id, private_key) == 12
        assert await choices_for(act, round_id, 1) == [(place + 1,) for place in range(12)]
        assert await choices_for(act, round_id, 2) == [()] * 12
        async with engine.connect() as connection:
            mine = select(opened.c.id, opened.c.code).where(opened.c.round_id == round_id)
            rows = (await connection.execute(mine.order_by(text("ctid")))).all()
        assert rows == [(2 * i + j, code) for i, code in enumerate(codes) for j in (1, 2)]


async def test_two_ballots_of_one_code_are_both_counted(act, make_box, cast, wait_for_close, private_key):
    round_id, code = await make_box(closes_in=0.7), new_ballot_code()
    await cast(round_id, ANA, choices={1: [2]}, code=code)
    await cast(round_id, BEN, choices={1: [1]}, code=code)
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    assert await act(open_all, round_id, private_key) == 2
    assert await choices_for(act, round_id, 1) == [(1,), (2,)]


async def test_a_box_opens_only_closed_and_only_once(act, make_box, cast, wait_for_close, private_key):
    round_id = await make_box(closes_in=0.7)
    await cast(round_id, ANA)
    with pytest.raises(StillOpen):
        await act(open_all, round_id, private_key)
    await wait_for_close(round_id)
    with pytest.raises(StillOpen):
        await act(open_all, round_id, private_key)
    await act(close_logged, round_id)
    ends = await asyncio.gather(*(act(open_all, round_id, private_key) for _ in range(3)), return_exceptions=True)
    assert sorted(map(str, map(type, ends))) == sorted(map(str, [int, AlreadyOpened, AlreadyOpened]))
    assert await choices_for(act, round_id, 1) == [(2,)]


async def test_an_empty_box_opens(act, make_box, private_key):
    round_id = await make_box(closes_in=-1)
    await act(close_logged, round_id)
    assert await act(open_all, round_id, private_key) == 0


async def put_in(session, round_id, ciphertext, *, waiting=True):
    """An envelope that no cast of ours made: whoever has the public key and the database can write one."""
    row = {"round_id": round_id, "leaf": leaf(round_id, ciphertext)}
    more = {
        "box_ref": uuid4().bytes * 2,
        "channel": "web",
        "ciphertext": ciphertext,
        "submission": uuid4(),
        "version": 1,
    }
    await session.execute(insert(envelope).values(row | more))
    if waiting:
        await session.execute(insert(queue).values(row))


async def test_envelopes_that_are_no_ballots_are_set_aside_and_the_rest_is_counted(
    act, make_box, cast, make_envelope, wait_for_close, private_key
):
    round_id = await make_box(closes_in=1)
    await cast(round_id, ANA)
    size = (await act(get_box, round_id)).envelope_bytes
    public = (await act(get_box, round_id)).public_key
    unreadable = [
        bytes(size),
        make_envelope(uuid4()),  # sealed for another round
        seal_ballot(new_key()[1], round_id, b" " * (size - OVERHEAD)),  # for another key
        seal_ballot(public, round_id, b" " * (size - OVERHEAD)),  # well sealed, and empty
        seal_ballot(public, round_id, b"[" * (size - OVERHEAD)),
    ]
    wrong = ({1: [1, 2, 3, 4, 5, 6]}, {1: [21]}, {1: [1, 1]}, {2: [1]}, {1: [1], 3: [1]}, {1: [1], 2: [1], 3: []})
    for ciphertext in [*unreadable, *(make_envelope(round_id, choices) for choices in wrong)]:
        await act(put_in, round_id, ciphertext)
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    assert await act(open_all, round_id, private_key) == 1
    assert await choices_for(act, round_id, 1) == [(2,)]
    assert await choices_for(act, round_id, 2) == []
    void = await act(list_void, round_id)
    assert sorted(why for _leaf, why in void) == ["not allowed"] * 6 + ["unreadable"] * 5
    assert [leaf for leaf, _why in void] == sorted(leaf for leaf, _why in void)


async def test_a_box_of_void_envelopes_only_opens_once(act, make_box, wait_for_close, private_key):
    round_id = await make_box(closes_in=0.7)
    await act(put_in, round_id, bytes((await act(get_box, round_id)).envelope_bytes))
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    assert await act(open_all, round_id, private_key) == 0
    with pytest.raises(AlreadyOpened):
        await act(open_all, round_id, private_key)


@pytest.mark.parametrize(
    "found",
    [
        Opened((), ()),
        Opened((Ballot(new_ballot_code(), {1: (1,)}),) * 2, ()),
        Opened((), ((bytes(32), "unreadable"),)),
    ],
    ids=["too few", "too many", "a strange name"],
)
async def test_what_is_not_in_the_box_is_not_stored(act, make_box, cast, wait_for_close, private_key, found):
    round_id = await make_box(closes_in=0.5)
    await cast(round_id, ANA)
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    with pytest.raises(ValueError, match="not what is in the box"):
        await act(store_opened, round_id, found)
    assert await act(open_all, round_id, private_key) == 1


async def test_an_envelope_that_the_log_does_not_have_is_named_and_nothing_is_opened(
    act, make_box, cast, make_envelope, wait_for_close, private_key
):
    round_id = await make_box(closes_in=0.7)
    await cast(round_id, ANA)
    strange = make_envelope(round_id)
    await act(partial(put_in, waiting=False), round_id, strange)
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    with pytest.raises(NotLogged, match=leaf(round_id, strange).hex()):
        await act(open_all, round_id, private_key)
    assert await choices_for(act, round_id, 1) == []


async def test_a_ballot_is_found_by_its_code_and_two_of_one_code_both(act, make_box, cast, wait_for_close, private_key):
    round_id, other, code = await make_box(closes_in=0.7), await make_box(closes_in=0.7), new_ballot_code()
    await cast(round_id, ANA, choices={1: [2], 2: [4]}, code=code)
    await cast(round_id, BEN, choices={1: [1]}, code=code)
    await cast(round_id, uuid4(), choices={1: [3]})
    await cast(other, ANA, choices={1: [5]}, code=code)
    for here in (round_id, other):
        await wait_for_close(here)
        await act(close_logged, here)
        await act(open_all, here, private_key)
    assert await act(list_opened, round_id, code=code) == [(code, 1, (1,)), (code, 1, (2,)), (code, 2, (4,))]
    assert await act(list_opened, other, code=code) == [(code, 1, (5,))]
    assert await act(list_opened, round_id, code=new_ballot_code()) == []


async def test_no_row_of_the_database_holds_a_ballot_before_it_is_opened(
    act, engine, make_box, cast, wait_for_close, private_key
):
    round_id, codes = await make_box(closes_in=1), [new_ballot_code() for _ in range(10)]
    for code in codes:
        await cast(round_id, uuid4(), choices={1: [7, 11]}, code=code)
    ours = "schemaname !~ '^(pg|information)_'"
    tables = text(f"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE {ours}")

    async def found() -> set[str]:
        """The codes in a dump of every row, as text or as bytes in hex."""
        async with engine.connect() as connection:
            names = (await connection.scalars(tables)).all()
            rows = [r for name in names for r in await connection.scalars(text(f"SELECT t::text FROM {name} t"))]
        dump = "\n".join(rows)
        assert str(round_id) in dump
        return {code for code in codes if code in dump or code.encode().hex() in dump}

    assert await found() == set()
    await wait_for_close(round_id)
    await act(close_logged, round_id)
    assert await found() == set()
    await act(open_all, round_id, private_key)
    assert await found() == set(codes)


async def test_nothing_is_committed_but_by_the_caller(act, engine, make_box, make_ref, make_envelope):
    round_id = await make_box()
    async with AsyncSession(engine) as session:
        await cast_envelope(session, round_id, make_ref(ANA), make_envelope(round_id), uuid4(), 0)
    assert await act(count_envelopes, round_id) == 0


def test_every_refusal_of_the_box_is_one_kind():
    assert all(issubclass(kind, BoxRefusal) for kind in (AlreadyOnPaper, AlreadyOpened, ChangedElsewhere, StillOpen))
