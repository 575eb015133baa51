"""After the confirmation the database itself refuses changes, by straight SQL as the app's role."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from pb.rounds.models import Round
from tests.cast import DAY, NOW, make_projects
from tests.results.voted import close_and_open, make_counted, make_voting

COUNTED = """
    INSERT INTO count (allocation_id, eligible, voters, blank, outcome, margins, comparison, counted_at)
    VALUES (:allocation, 1, 1, 0, '{}', '{}', '[]', now())"""
VOTER = "INSERT INTO voter (round_id, person_ref, area_id) SELECT :{}, gen_random_uuid(), (SELECT id FROM area LIMIT 1)"
AMENDED = """
    WITH own AS (SELECT * FROM project WHERE id = :project), amended AS (
        INSERT INTO amendment (id, round_id, kind, subject, reason, before, after, at)
        SELECT gen_random_uuid(), round_id, '{kind}', title, 'Suljettu', summary, 'Korjattu', now() FROM own)
    UPDATE project SET {change} WHERE id = :project"""
REFUSED = {
    "the rules": "UPDATE round SET rules = '{}' WHERE id = :round",
    "the hash": "UPDATE round SET rules_sha256 = '\\x00' WHERE id = :round",
    "the title": "UPDATE round SET title = 'Toinen' WHERE id = :round",
    "the currency": "UPDATE round SET currency = 'SEK' WHERE id = :round",
    "the owner": "UPDATE round SET service_id = (SELECT id FROM service WHERE name = 'Liikunta') WHERE id = :round",
    "taking the confirmation back": "UPDATE round SET confirmed_at = NULL, rules = NULL WHERE id = :round",
    "confirming again": "UPDATE round SET confirmed_at = now() WHERE id = :round",
    "deleting the round": "DELETE FROM round WHERE id = :round",
    "an amount": "UPDATE allocation SET amount_cents = amount_cents + 1 WHERE id = :allocation",
    "a limit": "UPDATE allocation SET max_choices = 1 WHERE id = :ranked",
    "a ballot type": "UPDATE allocation SET ballot_type = 'approval', max_choices = 1 WHERE id = :allocation",
    "a count rule": "UPDATE allocation SET rule = 'greedy', ballot_type = 'approval' WHERE id = :ranked",
    "an area": "UPDATE allocation SET area_id = NULL WHERE id = :allocation",
    "an allocation moved out": "UPDATE allocation SET round_id = :other_round, number = 9 WHERE id = :allocation",
    "an allocation moved in": "UPDATE allocation SET round_id = :round, number = 9 WHERE id = :other_allocation",
    "an allocation deleted": "DELETE FROM allocation WHERE id = :ranked",
    "an allocation added": "INSERT INTO allocation SELECT gen_random_uuid(), round_id, 9, 'Uusi', area_id, service_id,"
    " amount_cents, ballot_type, max_choices, rule FROM allocation WHERE id = :allocation",
    "a cost": "UPDATE project SET cost_cents = cost_cents - 1 WHERE id = :project",
    "a number": "UPDATE project SET number = 99 WHERE id = :project",
    "a project's title": "UPDATE project SET title = 'Toinen' WHERE id = :project",
    "a project's allocation": "UPDATE project SET allocation_id = :ranked WHERE id = :project",
    "a project moved out": "UPDATE project SET round_id = :other_round, allocation_id = :other_allocation"
    " WHERE id = :project",
    "a project moved in": "UPDATE project SET round_id = :round, allocation_id = :allocation WHERE id = :other_project",
    "a project deleted": "DELETE FROM project WHERE id = :project",
    "a project added": "INSERT INTO project SELECT gen_random_uuid(), round_id, allocation_id, NULL, 99, title,"
    " summary, cost_cents, NULL FROM project WHERE id = :project",
    "a withdrawal without a reason": "UPDATE project SET withdrawn_reason = '' WHERE id = :project",
    "an earlier close": "UPDATE phase_window SET closes = closes - interval '1 second'"
    " WHERE round_id = :round AND phase = 'voting'",
    "an earlier opening": "UPDATE phase_window SET opens = opens - interval '1 second'"
    " WHERE round_id = :round AND phase = 'voting'",
    "a later opening": "UPDATE phase_window SET opens = opens + interval '1 second'"
    " WHERE round_id = :round AND phase = 'voting'",
    "another phase made of the voting": "UPDATE phase_window SET phase = 'ideas'"
    " WHERE round_id = :round AND phase = 'voting'",
    "the voting window moved out": "UPDATE phase_window SET round_id = :bare_round"
    " WHERE round_id = :round AND phase = 'voting'",
    "a window moved out": "UPDATE phase_window SET round_id = :bare_round WHERE round_id = :round AND phase = 'ideas'",
    "the voting window deleted": "DELETE FROM phase_window WHERE round_id = :round AND phase = 'voting'",
    "any window deleted": "DELETE FROM phase_window WHERE round_id = :round AND phase = 'ideas'",
    "the box's rules": "UPDATE box.round SET rules_sha256 = '\\x00' WHERE round_id = :round",
    "the box's close, earlier": "UPDATE box.round SET closes_at = closes_at - interval '1 s' WHERE round_id = :round",
    "the box": "DELETE FROM box.round WHERE round_id = :round",
    "a ballot counted": COUNTED,
    "publishing before the count": "UPDATE round SET published_at = now() WHERE id = :round",
    "publishing a round made up": "INSERT INTO round SELECT (jsonb_populate_record(r, jsonb_build_object("
    "'id', gen_random_uuid(), 'published_at', now()))).* FROM round r WHERE id = :round",
    "a voter moved to another area": "UPDATE voter SET area_id = NULL WHERE round_id = :round",
    "a voter moved out": "UPDATE voter SET round_id = :other_round WHERE round_id = :round",
    "a voter moved in": "UPDATE voter SET round_id = :round WHERE round_id = :other_round",
    "a voter deleted": "DELETE FROM voter WHERE round_id = :round",
    "a corrected description without its amendment": "UPDATE project SET summary = 'Korjattu' WHERE id = :project",
    "a withdrawal without its amendment": "UPDATE project SET withdrawn_reason = 'Suljettu' WHERE id = :project",
    "an amendment changed": "UPDATE amendment SET reason = 'x'",
    "an amendment deleted": "DELETE FROM amendment",
    "an event deleted": "DELETE FROM event",
    "a table emptied": "TRUNCATE project",
    "a trigger switched off": "ALTER TABLE project DISABLE TRIGGER guard",
    "triggers overridden": "SET session_replication_role = replica",
}
WORDS = (
    "the ballot is confirmed|is not closed|not counted|is refused|moves only later|does not change"
    "|must be owner|permission denied"
)
ALLOWED = {
    "a later close": "UPDATE phase_window SET closes = closes + interval '1 hour'"
    " WHERE round_id = :round AND phase = 'voting'",
    "a withdrawal": AMENDED.format(kind="withdrawn", change="withdrawn_reason = 'Suljettu'"),
    "a corrected description": AMENDED.format(kind="corrected", change="summary = 'Korjattu'"),
    "one voter more": VOTER.format("round"),
    "the round's words": "UPDATE round SET summary = 'Korjattu' WHERE id = :round",
    "another round's amount": "UPDATE allocation SET amount_cents = 1 WHERE id = :other_allocation",
}


@pytest.fixture
async def run(session, confirmed, culture):
    """Runs a statement in a savepoint, checked as at a commit, with the ids of the case."""
    values = {"round": confirmed.round.id, "project": confirmed.projects[0].id, "other_allocation": confirmed.other.id}
    values |= {"allocation": confirmed.allocations[0].id, "ranked": confirmed.allocations[1].id}
    values |= {"other_round": confirmed.other.round_id}
    await session.execute(text("INSERT INTO service VALUES (gen_random_uuid(), 'Liikunta', 'x', 'x', 'x')"))
    bare = Round(title="Paljas", summary="", service_id=culture.id, created_at=NOW, windows=[], allocations=[])
    session.add(bare)
    (project,) = await make_projects(session, confirmed.other, 100)
    values |= {"bare_round": bare.id, "other_project": project.id}

    async def run(statement: str) -> int:
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        async with session.begin_nested():
            rows = (await session.execute(text(statement), used)).rowcount
            await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            return rows

    for place in ("round", "other_round"):
        await run(VOTER.format(place))
    return run


@pytest.mark.parametrize("change", REFUSED)
async def test_the_database_refuses(run, change):
    with pytest.raises(DBAPIError, match=WORDS):
        await run(REFUSED[change])


@pytest.mark.parametrize("change", ALLOWED)
async def test_the_database_lets_through(run, change):
    assert await run(ALLOWED[change]) == 1


async def test_a_withdrawal_is_not_taken_back(run):
    await run(ALLOWED["a withdrawal"])
    for taken_back in ("NULL", "'Muu'"):
        with pytest.raises(IntegrityError, match="projects do not change"):
            await run(f"UPDATE project SET withdrawn_reason = {taken_back} WHERE id = :project")


async def test_an_amendment_of_another_change_is_none_of_this_one(run):
    for amended in (AMENDED.format(kind="corrected", change="withdrawn_reason = 'Suljettu'"),
                    AMENDED.format(kind="withdrawn", change="summary = 'Korjattu'"),
                    AMENDED.format(kind="corrected", change="summary = 'Muu'"),
                    AMENDED.format(kind="withdrawn", change="withdrawn_reason = 'Muu'")):  # fmt: skip
        with pytest.raises(IntegrityError, match="with its amendment only"):
            await run(amended)


async def test_what_is_counted_is_published_once_and_then_the_roll_does_not_change(session):
    round_id = (await make_counted(session)).round.id

    async def run(statement: str) -> None:
        async with session.begin_nested():
            await session.execute(text(statement), {"round": round_id})

    publishing = "UPDATE round SET published_at = now() + interval '1 s' WHERE id = :round"
    await run(publishing.replace("1 s", "0 s"))
    for taken_back in (publishing, "UPDATE round SET published_at = NULL WHERE id = :round"):
        with pytest.raises(IntegrityError, match="the round does not change"):
            await run(taken_back)
    for change in (VOTER.format("round"), "DELETE FROM voter WHERE round_id = :round",
                   "UPDATE voter SET area_id = NULL WHERE round_id = :round"):  # fmt: skip
        with pytest.raises(IntegrityError, match="roll does not change"):
            await run(change)


async def test_a_round_counted_in_part_is_not_published(session):
    voted = await make_voting(session, 0.2)
    await close_and_open(session, voted)
    ids = {"round": voted.round.id, "allocation": voted.round.allocations[0].id}
    await session.execute(text(COUNTED), {"allocation": ids["allocation"]})
    with pytest.raises(IntegrityError, match="not counted"):
        await session.execute(text(REFUSED["publishing before the count"]), {"round": ids["round"]})


async def test_before_the_confirmation_all_this_changes(session, draft):
    for table in ("allocation SET amount_cents = 900000", "project SET cost_cents = 1", "round SET title = 'Uusi'"):
        key = "id" if table.startswith("round") else "round_id"
        assert (await session.execute(text(f"UPDATE {table} WHERE {key} = :r"), {"r": draft.round.id})).rowcount > 0
    moved = {"o": NOW + 7 * DAY, "r": draft.round.id}
    await session.execute(text("UPDATE phase_window SET opens = :o WHERE round_id = :r AND phase = 'voting'"), moved)
