"""The opening is an act of its own, by two officers or by trustees; a round can be forgotten.

A round that was counted before this has an opening without names: then one officer opened and counted in one act.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

GUARD_TRUSTEE_KEY = """
CREATE FUNCTION guard_trustee_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF is_confirmed(coalesce(NEW.round_id, OLD.round_id)) OR is_confirmed(OLD.round_id) THEN
        RAISE restrict_violation USING MESSAGE = 'the ballot is confirmed: its key does not change';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$"""

GUARD_REHEARSED = """
CREATE FUNCTION guard_rehearsed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM trustee_key WHERE round_id = NEW.id AND rehearsed_at IS NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the trustees have not opened the rehearsal: nothing is confirmed';
    END IF;
    RETURN NEW;
END $$"""

GUARD_OPENING = """
CREATE FUNCTION guard_opening() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE restrict_violation USING MESSAGE = 'an opening is not taken back';
    ELSIF TG_OP = 'UPDATE' AND (OLD.opened_at IS NOT NULL OR (NEW.round_id, NEW.asked_by, NEW.asked_at)
            IS DISTINCT FROM (OLD.round_id, OLD.asked_by, OLD.asked_at)) THEN
        RAISE restrict_violation USING MESSAGE = 'an opening does not change';
    ELSIF NEW.asked_by IS NULL OR NOT EXISTS
            (SELECT FROM box.round WHERE round_id = NEW.round_id AND closed_at IS NOT NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the box is not closed: nobody opens it';
    ELSIF NEW.opened_at IS NOT NULL AND NEW.opened_by IS NULL
            AND NOT EXISTS (SELECT FROM trustee_key WHERE round_id = NEW.round_id) THEN
        RAISE restrict_violation USING MESSAGE = 'two officers open a box whose key the service holds';
    END IF;
    RETURN NEW;
END $$"""

GUARD_OPENED = """
CREATE FUNCTION guard_opened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM allocation JOIN opening USING (round_id)
            WHERE id = NEW.allocation_id AND opened_at IS NOT NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the box is not opened: nothing is counted';
    END IF;
    RETURN NEW;
END $$"""

GUARD_FORGOTTEN = """
CREATE FUNCTION guard_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM round WHERE id = NEW.round_id AND published_at IS NOT NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the result is not published: nothing is forgotten';
    END IF;
    RETURN NEW;
END $$"""

KEEP_ENVELOPES = """
CREATE FUNCTION box.keep_envelopes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM public.forgotten WHERE round_id = OLD.round_id) THEN
        RAISE restrict_violation USING MESSAGE = 'DELETE is refused on box.envelope: the round is not forgotten';
    END IF;
    RETURN OLD;
END $$"""

FUNCTIONS = (GUARD_TRUSTEE_KEY, GUARD_REHEARSED, GUARD_OPENING, GUARD_OPENED, GUARD_FORGOTTEN, KEEP_ENVELOPES)
TRIGGERS = (
    """CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON trustee_key
    FOR EACH ROW EXECUTE FUNCTION guard_trustee_key()""",
    """CREATE TRIGGER guard_rehearsed BEFORE UPDATE ON round FOR EACH ROW
    WHEN (OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL) EXECUTE FUNCTION guard_rehearsed()""",
    """CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON opening
    FOR EACH ROW EXECUTE FUNCTION guard_opening()""",
    "CREATE TRIGGER guard_opened BEFORE INSERT ON count FOR EACH ROW EXECUTE FUNCTION guard_opened()",
    "CREATE TRIGGER guard BEFORE INSERT ON forgotten FOR EACH ROW EXECUTE FUNCTION guard_forgotten()",
    """CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON forgotten
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    "DROP TRIGGER keep ON box.envelope",
    "CREATE TRIGGER keep BEFORE DELETE ON box.envelope FOR EACH ROW EXECUTE FUNCTION box.keep_envelopes()",
    "CREATE TRIGGER keep_all BEFORE TRUNCATE ON box.envelope FOR EACH STATEMENT EXECUTE FUNCTION box.refuse()",
)

OPENED_BEFORE = """
INSERT INTO opening (round_id, asked_at, opened_at, rehearsed, final, superseded, void)
SELECT round_id, counted_at, counted_at, 0, envelopes - voids, superseded, voids
FROM (SELECT round_id, min(counted_at) AS counted_at
      FROM count JOIN allocation ON allocation.id = allocation_id GROUP BY round_id) AS counted
CROSS JOIN LATERAL (SELECT count(*) AS envelopes, coalesce(sum(version - 1), 0) AS superseded
      FROM box.envelope WHERE envelope.round_id = counted.round_id) AS cast_
CROSS JOIN LATERAL (SELECT count(*) AS voids FROM box.void WHERE void.round_id = counted.round_id) AS not_counted"""


def upgrade() -> None:
    op.create_table(
        "trustee_key",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signing_key", sa.LargeBinary(), nullable=False),
        sa.Column("rehearsal", sa.LargeBinary(), nullable=False),
        sa.Column("rehearsal_codes", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rehearsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("ck_trustee_key_public_key")),
        sa.CheckConstraint("octet_length(signing_key) = 32", name=op.f("ck_trustee_key_signing_key")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_trustee_key_round_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_trustee_key")),
    )
    op.create_table(
        "opening",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rehearsed", sa.BigInteger(), nullable=True),
        sa.Column("final", sa.BigInteger(), nullable=True),
        sa.Column("superseded", sa.BigInteger(), nullable=True),
        sa.Column("void", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("asked_by <> opened_by", name=op.f("ck_opening_two_officers")),
        sa.CheckConstraint(
            "num_nulls(opened_at, rehearsed, final, superseded, void) IN (0, 5)", name=op.f("ck_opening_opened_whole")
        ),
        sa.CheckConstraint("least(rehearsed, final, superseded, void) >= 0", name=op.f("ck_opening_numbers")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_opening_round_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_opening_asked_by")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_opening_opened_by")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_opening")),
    )
    op.create_table(
        "forgotten",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_forgotten_round_id")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_forgotten")),
    )
    op.execute(OPENED_BEFORE)
    for statement in (*FUNCTIONS, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER guard_rehearsed ON round")
    op.execute("DROP TRIGGER guard_opened ON count")
    op.execute("DROP TRIGGER keep ON box.envelope")
    op.execute("DROP TRIGGER keep_all ON box.envelope")
    op.execute(
        "CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON box.envelope FOR EACH STATEMENT EXECUTE FUNCTION box.refuse()"
    )
    for table in ("forgotten", "opening", "trustee_key"):
        op.drop_table(table)
    for name in ("guard_trustee_key", "guard_rehearsed", "guard_opening", "guard_opened", "guard_forgotten"):
        op.execute(f"DROP FUNCTION {name}()")
    op.execute("DROP FUNCTION box.keep_envelopes()")
