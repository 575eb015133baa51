"""Migrations go both ways, agree with the models, and leave the app a role that owns nothing."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from pb import embedded
from pb.database import alembic_config, create_database, drop_database, is_current, make_engine, upgrade

NAMESPACE = "pg_namespace n ON nspname IN ('public', 'box') AND n.oid"
RELATIONS = f"SELECT nspname || '.' || relname FROM pg_class c JOIN {NAMESPACE} = relnamespace"
FUNCTIONS = f"SELECT nspname || '.' || proname FROM pg_proc p JOIN {NAMESPACE} = pronamespace"
NOT_OF_EXTENSIONS = "WHERE p.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')"


@pytest.fixture
async def empty(server: embedded.Server) -> AsyncIterator[AsyncEngine]:
    """A database without a table, as the owner."""
    name = f"t{uuid4().hex[:12]}"
    await create_database(server, name)
    engine = make_engine(server.url(name, embedded.OWNER))
    yield engine
    await engine.dispose()
    await drop_database(server, name)


@pytest.fixture
async def app(database: str) -> AsyncIterator[AsyncEngine]:
    """A migrated database, as the app's role."""
    engine = make_engine(database)
    yield engine
    await engine.dispose()


async def migrate_to(engine: AsyncEngine, *revisions: str) -> None:
    """Go to each revision in turn, every step in a transaction of its own."""
    for revision in revisions:
        act = upgrade if revision == "head" or revision.startswith("+") else downgrade
        async with engine.begin() as connection:
            await connection.run_sync(act, revision)


def downgrade(connection, revision):
    command.downgrade(alembic_config(connection), revision)


async def found(engine: AsyncEngine) -> tuple[set[str], set[str]]:
    """The tables (and what belongs to them) and the functions that are there."""
    async with engine.connect() as connection:
        tables = await connection.scalars(text(RELATIONS))
        functions = await connection.scalars(text(f"{FUNCTIONS} {NOT_OF_EXTENSIONS}"))
        return {name for name in tables if "alembic" not in name}, set(functions)


async def test_everything_goes_up_down_and_up_again(empty):
    await migrate_to(empty, "head")
    full = await found(empty)
    await migrate_to(empty, "base")
    assert await found(empty) == (set(), set())
    await migrate_to(empty, "head")
    assert await found(empty) == full


async def test_each_step_goes_down_and_up(empty):
    async with empty.connect() as connection:
        script = await connection.run_sync(lambda c: ScriptDirectory.from_config(alembic_config(c)))
    for _step in script.walk_revisions():
        before = await found(empty)
        await migrate_to(empty, "+1")
        after = await found(empty)
        await migrate_to(empty, "-1")
        assert await found(empty) == before
        await migrate_to(empty, "+1")
        assert await found(empty) == after
    async with empty.connect() as connection:
        assert await connection.run_sync(is_current)


CONFIRMED = """
    WITH s AS (INSERT INTO service VALUES (gen_random_uuid(), 'Kulttuuri', '-', '-', '-') RETURNING id), r AS (
        INSERT INTO round (id, title, summary, currency, service_id, created_at)
        SELECT gen_random_uuid(), 'Kierros', '', 'EUR', id, now() FROM s RETURNING id, service_id)
    INSERT INTO allocation (id, round_id, number, name, service_id, amount_cents, ballot_type, max_choices, rule)
    SELECT gen_random_uuid(), id, 1, 'Tasku', service_id, 100, 'ranked', 3, 'instant-runoff' FROM r"""
HIDDEN = """
    WITH s AS (INSERT INTO service (id, name, contact_name, contact_email, contact_phone)
        VALUES (gen_random_uuid(), 'Kulttuuri', '-', '-', '-') RETURNING id), r AS (
        INSERT INTO round (id, title, summary, currency, service_id, created_at)
        SELECT gen_random_uuid(), 'Kierros', '', 'EUR', id, now() FROM s RETURNING id), p AS (
        INSERT INTO person (id, email, name, language, created_at)
        VALUES (gen_random_uuid(), 'a@example.fi', 'A', 'fi', now()) RETURNING id), shown AS (
        INSERT INTO idea (id, round_id, author_id, shown_name, origin, description, submitted_at, decided_at,
            title, state, reason)
        SELECT gen_random_uuid(), r.id, p.id, 'area', 'web', '', now(), now(), 'Shown', 'published', ''
        FROM r, p RETURNING id, round_id, author_id)
    INSERT INTO idea (id, round_id, author_id, shown_name, origin, description, submitted_at, decided_at,
        title, state, reason, hidden_reason, merged_into_id)
    SELECT gen_random_uuid(), round_id, author_id, 'area', 'web', '', now(), now(),
        new.title, new.state, '', 'Mainos.', CASE WHEN new.state = 'merged' THEN id END
    FROM shown, (VALUES ('Hidden', 'published'), ('Merged', 'merged')) new (title, state)"""
CONFIRM = "UPDATE round SET confirmed_at = now(), rules = '{}', rules_sha256 = ''"


async def test_a_rule_gets_its_new_name_also_where_the_ballot_is_confirmed(empty):
    await migrate_to(empty, "+6")
    async with empty.begin() as connection:
        await connection.execute(text(CONFIRMED))
        await connection.execute(text(CONFIRM))
    for revision, name in (("+1", "irv"), ("-1", "instant-runoff"), ("head", "irv")):
        await migrate_to(empty, revision)
        async with empty.connect() as connection:
            assert await connection.scalar(text("SELECT rule FROM allocation")) == name
    async with empty.connect() as connection:
        with pytest.raises(IntegrityError, match="the ballot is confirmed"):
            await connection.execute(text("UPDATE allocation SET name = 'Toinen'"))


async def test_what_staff_hid_stays_hidden_when_the_column_for_it_goes(empty):
    await migrate_to(empty, "+14")
    async with empty.begin() as connection:
        await connection.execute(text(HIDDEN))
    await migrate_to(empty, "-1")
    async with empty.connect() as connection:
        kept = await connection.execute(text("SELECT title, state, reason, merged_into_id FROM idea ORDER BY title"))
        assert kept.all() == [
            ("Hidden", "refused", "Mainos.", None),
            ("Merged", "refused", "Mainos.", None),
            ("Shown", "published", "", None),
        ]
    await migrate_to(empty, "head")


async def test_models_and_migrations_agree(empty):
    await migrate_to(empty, "head")
    async with empty.connect() as connection:
        await connection.run_sync(lambda c: command.check(alembic_config(c)))


async def test_the_app_is_no_superuser_and_owns_nothing(app):
    async with app.connect() as connection:
        assert await connection.scalar(text("SELECT current_user")) == embedded.APP
        powers = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
        assert not await connection.scalar(text(f"SELECT {powers} FROM pg_roles WHERE rolname = current_user"))
        owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
        assert await connection.scalar(text(owned)) == 0


@pytest.mark.parametrize(
    "act",
    [
        "ALTER TABLE event DISABLE TRIGGER keep",
        "ALTER TABLE box.envelope DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "TRUNCATE idea",
        "DROP TABLE idea",
        "CREATE TABLE mine (n int)",
        "UPDATE event SET deed = ''",
        "DELETE FROM amendment",
        "DELETE FROM estimate",
        "DELETE FROM idea_version",
        "UPDATE delivery SET spent_cents = 0",
        "UPDATE count SET voters = 0",
        "UPDATE box.opened SET choices = '{}'",
        "UPDATE box.void SET why = ''",
        "DELETE FROM box.void",
        "DELETE FROM opening",
        "UPDATE forgotten SET record = ''",
        "DELETE FROM box.round",
        "UPDATE alembic_version SET version_num = ''",
    ],
)
async def test_the_app_may_not(app, act):
    async with app.connect() as connection:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            await connection.execute(text(act))


async def test_the_app_may_use_every_other_table(app):
    async with app.connect() as connection:
        rights = "has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')"
        closed = await connection.scalars(text(f"{RELATIONS} WHERE relkind = 'r' AND NOT ({rights})"))
        assert set(closed) == {"public.alembic_version"}
