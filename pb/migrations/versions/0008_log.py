"""The public log of envelopes: who keeps a signed head can tell later whether one before it was lost or changed.

The order of the log says nothing about when an envelope came, and the queue before it has no order at all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TRIGGERS = (
    """CREATE FUNCTION box.guard_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.idx <> 0 AND NOT EXISTS (SELECT FROM box.log WHERE round_id = NEW.round_id AND idx = NEW.idx - 1) THEN
        RAISE restrict_violation USING MESSAGE = 'the log has no gap';
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER guard BEFORE INSERT ON box.log FOR EACH ROW EXECUTE FUNCTION box.guard_log()",
    *(
        f"CREATE TRIGGER keep BEFORE {acts} ON box.{table} FOR EACH STATEMENT EXECUTE FUNCTION box.refuse()"
        for table, acts in {
            "queue": "UPDATE OR TRUNCATE",
            "log": "UPDATE OR DELETE OR TRUNCATE",
            "tree_head": "UPDATE OR DELETE OR TRUNCATE",
        }.items()
    ),
)


def upgrade() -> None:
    op.create_table(
        "queue",
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["box.round.round_id"]),
        sa.PrimaryKeyConstraint("leaf"),
        schema="box",
    )
    op.create_index("ix_box_queue_round_id", "queue", ["round_id"], schema="box")
    op.create_table(
        "log",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(leaf) = 32", name="log_leaf"),
        sa.ForeignKeyConstraint(["round_id"], ["box.round.round_id"]),
        sa.PrimaryKeyConstraint("round_id", "idx"),
        sa.UniqueConstraint("leaf"),
        schema="box",
    )
    op.create_table(
        "tree_head",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["box.round.round_id"]),
        sa.PrimaryKeyConstraint("round_id", "size"),
        schema="box",
    )
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("tree_head", "log", "queue"):
        op.drop_table(table, schema="box")
    op.execute("DROP FUNCTION box.guard_log()")
