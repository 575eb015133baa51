"""Who may vote, without a name, and what was counted: nothing here holds a code or a choice of a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "wrong_guesses",
        sa.Column("source_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_hmac", "slot", name=op.f("pk_wrong_guesses")),
    )
    op.create_table(
        "report",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_report_round_id")),
        sa.PrimaryKeyConstraint("round_id", "language", name=op.f("pk_report")),
    )
    op.create_table(
        "voter",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person_ref", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_voter_area_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_voter_round_id")),
        sa.PrimaryKeyConstraint("round_id", "person_ref", name=op.f("pk_voter")),
    )
    op.create_index(op.f("ix_voter_area_id"), "voter", ["area_id"], unique=False)
    op.create_table(
        "count",
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("eligible", sa.BigInteger(), nullable=False),
        sa.Column("voters", sa.BigInteger(), nullable=False),
        sa.Column("blank", sa.BigInteger(), nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("0 <= blank AND blank <= voters AND voters <= eligible", name=op.f("ck_count_turnout")),
        sa.ForeignKeyConstraint(["allocation_id"], ["allocation.id"], name=op.f("fk_count_allocation_id")),
        sa.PrimaryKeyConstraint("allocation_id", name=op.f("pk_count")),
    )
    op.create_table(
        "voting_code",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("code_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("person_ref", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(code_hmac) = 32", name=op.f("ck_voting_code_code_hmac")),
        sa.ForeignKeyConstraint(
            ["round_id", "person_ref"],
            ["voter.round_id", "voter.person_ref"],
            name=op.f("fk_voting_code_round_id_person_ref"),
        ),
        sa.PrimaryKeyConstraint("round_id", "code_hmac", name=op.f("pk_voting_code")),
    )


def downgrade() -> None:
    op.drop_table("voting_code")
    op.drop_table("count")
    op.drop_table("voter")
    op.drop_table("report")
    op.drop_table("wrong_guesses")
