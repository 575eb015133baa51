"""What a confirmed ballot says does not change any more: the database refuses it, whoever asks.

After round.confirmed_at is set: no allocation, no project's number, title or cost, no rule changes; the voting
phase may only close later; a project may be withdrawn, a description corrected, each with its amendment;
voters are only added. Nothing is counted before the box is closed, and publishing happens once, after the count.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

IS_CONFIRMED = """
CREATE FUNCTION is_confirmed(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM round WHERE id = wanted AND confirmed_at IS NOT NULL)
$$"""

IS_COUNTED = """
CREATE FUNCTION is_counted(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) > 0 AND count(*) = count(allocation_id)
    FROM allocation LEFT JOIN count ON allocation_id = allocation.id WHERE round_id = wanted
$$"""

GUARD_ROUND = """
CREATE FUNCTION guard_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{summary,published_at}';
BEGIN
    IF NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND NOT is_counted(NEW.id) THEN
        RAISE restrict_violation USING MESSAGE = 'the votes are not counted: there is no result to publish';
    END IF;
    IF OLD.confirmed_at IS NULL THEN RETURN coalesce(NEW, OLD); END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free
            OR (OLD.published_at IS NOT NULL AND NEW.published_at IS DISTINCT FROM OLD.published_at) THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: the round does not change';
    END IF;
    RETURN NEW;
END $$"""

GUARD_ALLOCATION = """
CREATE FUNCTION guard_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_confirmed(coalesce(NEW.round_id, OLD.round_id)) OR is_confirmed(OLD.round_id) THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: its allocations do not change';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$"""

GUARD_PROJECT = """
CREATE FUNCTION guard_project() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{summary,withdrawn_reason}';
BEGIN
    IF NOT (is_confirmed(coalesce(NEW.round_id, OLD.round_id)) OR is_confirmed(OLD.round_id)) THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP <> 'UPDATE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free
            OR (OLD.withdrawn_reason IS NOT NULL AND NEW.withdrawn_reason IS DISTINCT FROM OLD.withdrawn_reason)
            OR (OLD.withdrawn_reason IS NULL AND NEW.withdrawn_reason = '') THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: its projects do not change';
    END IF;
    RETURN NEW;
END $$"""

GUARD_WINDOW = """
CREATE FUNCTION guard_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (is_confirmed(coalesce(NEW.round_id, OLD.round_id)) OR is_confirmed(OLD.round_id)) THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.phase <> 'voting' AND NEW.phase <> 'voting'
            AND NEW.round_id = OLD.round_id THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' AND NEW.phase = 'voting' AND OLD.phase = 'voting' AND NEW.opens = OLD.opens
            AND NEW.closes >= OLD.closes AND NEW.round_id = OLD.round_id THEN RETURN NEW; END IF;
    RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: voting may only close later';
END $$"""

GUARD_VOTER = """
CREATE FUNCTION guard_voter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM round WHERE id IN (NEW.round_id, OLD.round_id) AND published_at IS NOT NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the result is published: the roll does not change';
    END IF;
    IF TG_OP <> 'INSERT' AND (is_confirmed(OLD.round_id) OR is_confirmed(NEW.round_id)) THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: voters are only added';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$"""

GUARD_COUNT = """
CREATE FUNCTION guard_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM allocation JOIN box.round USING (round_id)
            WHERE id = NEW.allocation_id AND closed_at IS NOT NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the box is not closed: nothing is counted';
    END IF;
    RETURN NEW;
END $$"""

CHECK_AMENDED = """
CREATE FUNCTION check_amended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_confirmed(NEW.round_id) AND NOT EXISTS (SELECT FROM amendment a
            WHERE a.round_id = NEW.round_id AND a.subject = NEW.title AND CASE
                WHEN TG_ARGV[0] = 'summary'
                THEN a.kind = 'corrected' AND a.before = OLD.summary AND a.after = NEW.summary
                ELSE a.kind = 'withdrawn' AND a.reason = NEW.withdrawn_reason END) THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: a project changes with its amendment only';
    END IF;
    RETURN NULL;
END $$"""
# At the commit, so that the change and its amendment may come in either order; each column has its own trigger.
AMENDED = """
CREATE CONSTRAINT TRIGGER amended_{column} AFTER UPDATE ON project DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.{column} IS DISTINCT FROM OLD.{column}) EXECUTE FUNCTION check_amended('{column}')"""

GUARDED = {
    "round": ("guard_round", "INSERT OR UPDATE OR DELETE"),
    "allocation": ("guard_allocation", "INSERT OR UPDATE OR DELETE"),
    "project": ("guard_project", "INSERT OR UPDATE OR DELETE"),
    "phase_window": ("guard_window", "INSERT OR UPDATE OR DELETE"),
    "voter": ("guard_voter", "INSERT OR UPDATE OR DELETE"),
    "count": ("guard_count", "INSERT"),
}
FUNCTIONS = (
    IS_CONFIRMED,
    IS_COUNTED,
    GUARD_ROUND,
    GUARD_ALLOCATION,
    GUARD_PROJECT,
    GUARD_WINDOW,
    GUARD_VOTER,
    GUARD_COUNT,
    CHECK_AMENDED,
)
ONLY_GROWS = ("amendment", "estimate", "count")


def upgrade() -> None:
    for statement in FUNCTIONS:
        op.execute(statement)
    for table, (function, events) in GUARDED.items():
        op.execute(f"CREATE TRIGGER guard BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    for column in ("summary", "withdrawn_reason"):
        op.execute(AMENDED.format(column=column))
    for table in ONLY_GROWS:
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in ONLY_GROWS:
        op.execute(f"DROP TRIGGER keep ON {table}")
    for function, _events in GUARDED.values():
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.execute("DROP FUNCTION check_amended() CASCADE")
    op.execute("DROP FUNCTION is_counted(uuid)")
    op.execute("DROP FUNCTION is_confirmed(uuid)")
