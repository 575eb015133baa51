"""Officers see what is unusual while voting is open: counts for each hour and source, apart from every ballot."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    kinds = ("cast", "changed vote", "wrong code", "locked out")
    op.create_table(
        "traffic",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind", sa.Enum(*kinds, name="kind", native_enum=False, create_constraint=True, length=20), nullable=False
        ),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mod(extract(epoch FROM hour), 3600) = 0", name=op.f("ck_traffic_whole_hour")),
        sa.CheckConstraint("octet_length(source) = 8", name=op.f("ck_traffic_source")),
        sa.CheckConstraint("times > 0", name=op.f("ck_traffic_times")),
        sa.PrimaryKeyConstraint("round_id", "hour", "kind", "source", name=op.f("pk_traffic")),
    )


def downgrade() -> None:
    op.drop_table("traffic")
