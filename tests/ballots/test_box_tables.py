"""What the database itself refuses, whoever asks."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from ballots.seal import leaf
from ballots.tables import envelope, metadata, opened, round_, void

DAY = timedelta(days=1)


@pytest.fixture
def refused(engine):
    """Assert that the database refuses a statement with these words."""

    async def check(statement, words):
        async with engine.connect() as connection:
            with pytest.raises(IntegrityError, match=words):
                await connection.execute(statement)

    return check


@pytest.fixture(scope="module")
async def closed(engine, make_box, cast, wait_for_close):
    """A round with one envelope whose box was closed."""
    round_id = await make_box(closes_in=0.7)
    await cast(round_id, uuid4())
    await wait_for_close(round_id)
    async with engine.begin() as connection:
        await connection.execute(
            update(round_).where(round_.c.round_id == round_id).values(closed_at=func.clock_timestamp())
        )
    return round_id


def new_envelope(round_id, ciphertext, **changes):
    row = {
        "round_id": round_id,
        "box_ref": bytes(32),
        "channel": "web",
        "ciphertext": ciphertext,
        "version": 1,
    }
    row |= {"leaf": leaf(round_id, ciphertext), "submission": uuid4()}
    return insert(envelope).values(row | changes)


def new_opened(round_id):
    return insert(opened).values(round_id=round_id, id=1, code="0", allocation=1, choices=[])


@pytest.mark.parametrize("length", [0, 48, 239, 241])
async def test_an_envelope_of_another_length(make_box, refused, length):
    await refused(new_envelope(await make_box(), bytes(length)), "has 240 bytes")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"leaf": bytes(32)}, "envelope_leaf"),
        ({"box_ref": b"short"}, "envelope_box_ref"),
        ({"channel": "mail"}, "envelope_channel"),
        ({"version": 0}, "one version at a time"),
        ({"version": 2}, "one version at a time"),
        ({"locked": True}, "no envelope is locked"),
    ],
)
async def test_an_envelope_that_is_not_what_it_says(make_box, refused, changes, words):
    await refused(new_envelope(await make_box(), bytes(240), **changes), words)


async def test_an_envelope_of_no_round(refused):
    await refused(new_envelope(uuid4(), bytes(240)), "foreign key")


async def test_an_envelope_moved_to_another_place_or_round(make_box, cast, refused):
    one, other = await make_box(), await make_box()
    await cast(one, uuid4())
    mine = update(envelope).where(envelope.c.round_id == one)
    await refused(mine.values(box_ref=bytes(32)), "stays in its place")
    await refused(mine.values(round_id=other), "stays in its place")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"locked": True}, "no envelope is locked"),
        ({"locked": True, "channel": "paper", "version": 2, "submission": uuid4()}, "no envelope is locked"),
        ({"channel": "web"}, "one version at a time"),
        ({"version": 2}, "one version at a time"),
        ({"submission": uuid4()}, "one version at a time"),
        ({"version": 3, "submission": uuid4()}, "one version at a time"),
        ({"version": 0, "submission": uuid4()}, "one version at a time"),
    ],
)
async def test_an_envelope_changed_otherwise_than_by_the_next_submission(make_box, cast, refused, change, words):
    round_id = await make_box()
    await cast(round_id, uuid4())
    await refused(update(envelope).where(envelope.c.round_id == round_id).values(change), words)


async def test_an_envelope_that_comes_before_the_opening_or_after_the_close_has_come(
    make_box, cast, wait_for_close, refused
):
    await refused(new_envelope(await make_box(opens_in=60), bytes(240)), "voting is not open")
    over = await make_box(closes_in=0.5)
    await cast(over, uuid4())
    await wait_for_close(over)
    await refused(new_envelope(over, bytes(240)), "voting is not open")
    mine = update(envelope).where(envelope.c.round_id == over)
    await refused(mine.values(version=2, submission=uuid4()), "voting is not open")


async def test_a_statement_that_outlasts_the_close_puts_nothing_in_the_box(make_box, engine):
    """Begun in time, it is late by the clock when its row comes: there is no row, and a cast says why."""
    round_id = await make_box(closes_in=0.5)
    late = text("""
        INSERT INTO box.envelope (round_id, box_ref, channel, ciphertext, leaf, submission, version)
        SELECT round_id, sha256('x'), 'web', :c, :leaf, gen_random_uuid(), 1
        FROM box.round, pg_sleep(0.7) WHERE round_id = :id""")
    async with engine.begin() as connection:
        values = {"id": round_id, "c": bytes(240), "leaf": leaf(round_id, bytes(240))}
        assert (await connection.execute(late, values)).rowcount == 0


async def test_an_envelope_that_comes_or_changes_after_the_close(closed, refused):
    await refused(new_envelope(closed, bytes(240)), "the box is closed")
    changed = update(envelope).where(envelope.c.round_id == closed)
    await refused(changed.values(version=2), "the box is closed")
    await refused(changed.values(locked=True), "the box is closed")


@pytest.mark.parametrize("table", [round_, envelope, opened, void])
async def test_rows_that_go_away(closed, refused, table):
    await refused(delete(table).where(table.c.round_id == closed), "DELETE is refused")
    await refused(text(f"TRUNCATE box.{table.name} CASCADE"), "TRUNCATE is refused")


@pytest.mark.parametrize(
    "change",
    [
        {"envelope_bytes": 100},
        {"rules_sha256": b"x" * 32},
        {"opens_at": func.now()},
        {"round_id": uuid4()},
        {"public_key": bytes(32), "fingerprint": func.encode(func.sha256(bytes(32)), "hex")},
    ],
)
async def test_a_confirmed_box_that_changes(make_box, refused, change):
    await refused(update(round_).where(round_.c.round_id == await make_box()).values(change), "does not change")


async def test_a_close_moved_earlier_or_after_it_has_come(make_box, closed, refused):
    open_round, over = await make_box(), await make_box(closes_in=-1)
    for round_id, step in ((open_round, -DAY / 48), (over, DAY), (closed, DAY)):
        moved = update(round_).where(round_.c.round_id == round_id).values(closes_at=round_.c.closes_at + step)
        await refused(moved, "moves only later")


async def test_a_close_before_its_time_in_the_past_or_taken_back(make_box, closed, refused):
    open_round, over = await make_box(), await make_box(opens_in=-120, closes_in=-60)
    now = func.clock_timestamp()
    for round_id, closed_at in (
        (open_round, now),
        (over, now - DAY),
        (over, now + DAY),
        (closed, now),
        (closed, None),
    ):
        changed = update(round_).where(round_.c.round_id == round_id).values(closed_at=closed_at)
        await refused(changed, "closed once")


async def test_a_box_that_closes_before_it_opens_or_whose_key_has_another_name(make_box, engine, refused):
    async with engine.connect() as connection:
        row = (await connection.execute(select(round_).where(round_.c.round_id == await make_box()))).one()
    for change, words in (
        ({"closes_at": row.opens_at}, "round_closes_after_it_opens"),
        ({"fingerprint": "0" * 64}, "round_fingerprint"),
        ({"envelope_bytes": 48}, "round_envelope_bytes"),
    ):
        await refused(insert(round_).values(row._asdict() | {"round_id": uuid4()} | change), words)


async def test_a_ballot_opened_while_the_box_is_not_closed(make_box, refused):
    round_id = await make_box(closes_in=-1)
    await refused(new_opened(round_id), "the box is not closed")
    await refused(insert(void).values(round_id=round_id, leaf=bytes(32), why="unreadable"), "the box is not closed")


async def test_an_opened_ballot_that_changes(engine, closed, refused):
    async with engine.begin() as connection:
        await connection.execute(new_opened(closed))
    await refused(update(opened).values(choices=[1]), "UPDATE is refused")


def test_the_box_has_no_key_to_people_no_time_of_casting_and_no_sequence():
    keys = {key.target_fullname for table in metadata.tables.values() for key in table.foreign_keys}
    assert keys == {"box.round.round_id"}
    kinds = {str(column.type) for table in (envelope, opened) for column in table.columns}
    assert not any("TIME" in kind for kind in kinds)
