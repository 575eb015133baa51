"""Keep envelopes apart from people: no key in schema `box` points at a person, and no time is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TRIGGERS = (
    """CREATE FUNCTION box.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE restrict_violation USING MESSAGE = format('%s is refused on box.%s', TG_OP, TG_TABLE_NAME);
END $$""",
    """CREATE FUNCTION box.guard_round() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF to_jsonb(NEW) - '{closes_at,closed_at}'::text[] <> to_jsonb(OLD) - '{closes_at,closed_at}'::text[] THEN
        RAISE restrict_violation USING MESSAGE = 'a confirmed ballot box does not change';
    ELSIF NEW.closes_at <> OLD.closes_at AND (NEW.closes_at < OLD.closes_at
            OR OLD.closed_at IS NOT NULL OR clock_timestamp() >= OLD.closes_at) THEN
        RAISE restrict_violation USING MESSAGE = 'the close moves only later, and only before it has come';
    ELSIF NEW.closed_at IS DISTINCT FROM OLD.closed_at AND (OLD.closed_at IS NOT NULL
            OR NEW.closed_at NOT BETWEEN NEW.closes_at AND clock_timestamp()) THEN
        RAISE restrict_violation USING MESSAGE = 'a box is closed once, and not before its time';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE FUNCTION box.guard_envelope() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    confirmed box.round;
BEGIN
    SELECT * INTO confirmed FROM box.round WHERE round_id = NEW.round_id;
    IF confirmed.closed_at IS NOT NULL THEN
        RAISE restrict_violation USING MESSAGE = 'the box is closed: no envelope comes in or changes';
    ELSIF clock_timestamp() < confirmed.opens_at OR statement_timestamp() >= confirmed.closes_at THEN
        RAISE restrict_violation USING MESSAGE = 'voting is not open: no envelope comes in or changes';
    ELSIF octet_length(NEW.ciphertext) <> confirmed.envelope_bytes THEN
        RAISE check_violation USING MESSAGE =
            format('an envelope of this round has %s bytes', confirmed.envelope_bytes);
    ELSIF TG_OP = 'UPDATE' AND (NEW.round_id, NEW.box_ref) <> (OLD.round_id, OLD.box_ref) THEN
        RAISE restrict_violation USING MESSAGE = 'an envelope stays in its place';
    ELSIF NEW.locked OR OLD.locked THEN
        RAISE restrict_violation USING MESSAGE = 'no envelope is locked: nobody votes on paper yet';
    ELSIF NEW.version <> coalesce(OLD.version, 0) + 1 OR NEW.submission = OLD.submission THEN
        RAISE restrict_violation USING MESSAGE = 'a vote changes by a new submission, one version at a time';
    ELSIF clock_timestamp() >= confirmed.closes_at THEN
        RETURN NULL;  -- the close came while this statement ran: no row, and cast_envelope says why
    END IF;
    RETURN NEW;
END $$""",
    """CREATE FUNCTION box.guard_opened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM box.round WHERE round_id = NEW.round_id AND closed_at IS NOT NULL) THEN
        RAISE restrict_violation USING MESSAGE = 'the box is not closed: no ballot is opened';
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER guard BEFORE UPDATE ON box.round FOR EACH ROW EXECUTE FUNCTION box.guard_round()",
    """CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON box.envelope
    FOR EACH ROW EXECUTE FUNCTION box.guard_envelope()""",
    "CREATE TRIGGER guard BEFORE INSERT ON box.opened FOR EACH ROW EXECUTE FUNCTION box.guard_opened()",
    *(
        f"CREATE TRIGGER keep BEFORE {acts} ON box.{table} FOR EACH STATEMENT EXECUTE FUNCTION box.refuse()"
        for table, acts in {
            "round": "DELETE OR TRUNCATE",
            "envelope": "DELETE OR TRUNCATE",
            "opened": "UPDATE OR DELETE OR TRUNCATE",
        }.items()
    ),
)

DROP_TRIGGERS = tuple(
    f"DROP FUNCTION box.{name}() CASCADE" for name in ("guard_opened", "guard_envelope", "guard_round", "refuse")
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA box")
    op.create_table(
        "round",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("envelope_bytes", sa.Integer(), nullable=False),
        sa.Column("rules_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("fingerprint = encode(sha256(public_key), 'hex')", name="round_fingerprint"),
        sa.CheckConstraint("closes_at > opens_at", name="round_closes_after_it_opens"),
        sa.CheckConstraint("envelope_bytes > 48", name="round_envelope_bytes"),
        sa.CheckConstraint("octet_length(public_key) = 32", name="round_public_key"),
        sa.CheckConstraint("octet_length(rules_sha256) = 32", name="round_rules_sha256"),
        sa.PrimaryKeyConstraint("round_id"),
        schema="box",
    )
    op.create_table(
        "envelope",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("box_ref", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("submission", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("channel IN ('web', 'code', 'paper')", name="envelope_channel"),
        sa.CheckConstraint(
            "leaf = sha256(decode('00', 'hex') || uuid_send(round_id) || ciphertext)", name="envelope_leaf"
        ),
        sa.CheckConstraint("octet_length(box_ref) = 32", name="envelope_box_ref"),
        sa.CheckConstraint("version >= 1", name="envelope_version"),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["box.round.round_id"],
        ),
        sa.PrimaryKeyConstraint("round_id", "box_ref"),
        sa.UniqueConstraint("leaf"),
        schema="box",
    )
    op.create_table(
        "opened",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("allocation", sa.Integer(), nullable=False),
        sa.Column("choices", sa.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["box.round.round_id"],
        ),
        sa.PrimaryKeyConstraint("round_id", "id"),
        schema="box",
    )

    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP_TRIGGERS:
        op.execute(statement)
    op.drop_table("opened", schema="box")
    op.drop_table("envelope", schema="box")
    op.drop_table("round", schema="box")
    op.execute("DROP SCHEMA box")
