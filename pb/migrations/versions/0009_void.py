"""One bad envelope does not stop a count: it is set aside with the reason. A ballot is found again by its code."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TRIGGERS = (
    "CREATE TRIGGER guard BEFORE INSERT ON box.void FOR EACH ROW EXECUTE FUNCTION box.guard_opened()",
    """CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON box.void
    FOR EACH STATEMENT EXECUTE FUNCTION box.refuse()""",
)


def upgrade() -> None:
    op.create_table(
        "void",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["box.round.round_id"]),
        sa.PrimaryKeyConstraint("round_id", "leaf"),
        schema="box",
    )
    op.create_index("ix_box_opened_code", "opened", ["code"], schema="box")
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_box_opened_code", "opened", schema="box")
    op.drop_table("void", schema="box")
