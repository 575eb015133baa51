"""Keep envelopes apart from people: no key in schema `box` points at a person, and no time is kept."""

import sqlalchemy as sa
from alembic import op

from ballots.tables import DROP_TRIGGERS, TRIGGERS

revision = "0004"
down_revision = "0003"


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
