"""After the confirmation the database itself refuses changes, by straight SQL as the app's role."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from pb.rounds.models import Round
from tests.cast import DAY, NOW, make_projects

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
    "an amendment changed": "UPDATE amendment SET reason = 'x'",
    "an amendment deleted": "DELETE FROM amendment",
    "an event deleted": "DELETE FROM event",
    "a table emptied": "TRUNCATE project",
    "a trigger switched off": "ALTER TABLE project DISABLE TRIGGER guard",
    "triggers overridden": "SET session_replication_role = replica",
}
WORDS = r"the ballot is confirmed|is refused|moves only later|does not change|must be owner|permission denied"
ALLOWED = {
    "a later close": "UPDATE phase_window SET closes = closes + interval '1 hour'"
    " WHERE round_id = :round AND phase = 'voting'",
    "a withdrawal": "UPDATE project SET withdrawn_reason = 'Suljettu' WHERE id = :project",
    "a corrected description": "UPDATE project SET summary = 'Korjattu' WHERE id = :project",
    "the round's words": "UPDATE round SET summary = 'Korjattu' WHERE id = :round",
    "publishing": "UPDATE round SET published_at = now() WHERE id = :round",
    "another round's amount": "UPDATE allocation SET amount_cents = 1 WHERE id = :other_allocation",
}


@pytest.fixture
async def run(session, confirmed, culture):
    """Runs a statement in a savepoint, with the ids of the case."""
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
            return (await session.execute(text(statement), used)).rowcount

    return run


@pytest.mark.parametrize("change", REFUSED)
async def test_the_database_refuses(run, change):
    with pytest.raises(DBAPIError, match=WORDS):
        await run(REFUSED[change])


@pytest.mark.parametrize("change", ALLOWED)
async def test_the_database_lets_through(run, change):
    assert await run(ALLOWED[change]) == 1


async def test_a_withdrawal_and_a_publication_are_not_taken_back(run):
    await run(ALLOWED["a withdrawal"])
    await run(ALLOWED["publishing"])
    for taken_back in ("UPDATE project SET withdrawn_reason = NULL WHERE id = :project",
                       "UPDATE project SET withdrawn_reason = 'Muu' WHERE id = :project",
                       "UPDATE round SET published_at = NULL WHERE id = :round",
                       "UPDATE round SET published_at = now() + interval '1 s' WHERE id = :round"):  # fmt: skip
        with pytest.raises(IntegrityError):
            await run(taken_back)


async def test_after_publication_the_roll_does_not_change(session, run, confirmed):
    voter = "INSERT INTO voter (round_id, person_ref) SELECT :{}, gen_random_uuid()"
    await run(voter.format("round"))
    await run(ALLOWED["publishing"])
    for change in (voter.format("round"), "DELETE FROM voter WHERE round_id = :round",
                   "UPDATE voter SET round_id = :other_round WHERE round_id = :round",
                   "UPDATE voter SET area_id = NULL WHERE round_id = :round"):  # fmt: skip
        with pytest.raises(IntegrityError, match="roll does not change"):
            await run(change)
    assert await run(voter.format("other_round")) == 1


async def test_before_the_confirmation_all_this_changes(session, draft):
    for table in ("allocation SET amount_cents = 900000", "project SET cost_cents = 1", "round SET title = 'Uusi'"):
        key = "id" if table.startswith("round") else "round_id"
        assert (await session.execute(text(f"UPDATE {table} WHERE {key} = :r"), {"r": draft.round.id})).rowcount > 0
    moved = {"o": NOW + 7 * DAY, "r": draft.round.id}
    await session.execute(text("UPDATE phase_window SET opens = :o WHERE round_id = :r AND phase = 'voting'"), moved)
