"""The city's own texts in other languages, field by field; they may be added and corrected at any time.

So they are free on a confirmed ballot too: the frozen text is the city's own, and that is what the rules hold.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"

TABLES = ("area", "service", "body", "round", "allocation", "project", "idea")

# As 0005 made them, with what of a confirmed row is free to change.
GUARD_ROUND = """
CREATE OR REPLACE FUNCTION guard_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{{summary,published_at{free}}}';
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

GUARD_PROJECT = """
CREATE OR REPLACE FUNCTION guard_project() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{{summary,withdrawn_reason{free}}}';
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

GUARD_ALLOCATION = """
CREATE OR REPLACE FUNCTION guard_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{free}
    IF is_confirmed(coalesce(NEW.round_id, OLD.round_id)) OR is_confirmed(OLD.round_id) THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: its allocations do not change';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$"""

FREE_ALLOCATION = """
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'translations' = to_jsonb(OLD) - 'translations' THEN RETURN NEW; END IF;"""


def upgrade() -> None:
    op.add_column("amendment", sa.Column("language", sa.String(), nullable=True))
    for table in TABLES:
        column = sa.Column("translations", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
        op.add_column(table, column)
        op.create_check_constraint(op.f(f"ck_{table}_translations"), table, "jsonb_typeof(translations) = 'object'")
    op.execute(GUARD_ROUND.format(free=",translations"))
    op.execute(GUARD_PROJECT.format(free=",translations"))
    op.execute(GUARD_ALLOCATION.format(free=FREE_ALLOCATION))


def downgrade() -> None:
    op.execute(GUARD_ROUND.format(free=""))
    op.execute(GUARD_PROJECT.format(free=""))
    op.execute(GUARD_ALLOCATION.format(free=""))
    for table in TABLES:
        op.drop_column(table, "translations")
    op.drop_column("amendment", "language")
