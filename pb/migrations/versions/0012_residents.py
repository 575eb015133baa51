"""Ideas get a place, a theme, a service, pictures, drafts and origins; people follow things and are told.

Similar ideas are found by words (Finnish stems) and by trigrams, so the database needs pg_trgm.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

STATES = ("draft", "submitted", "published", "refused", "merged")
CHECKS = {
    "decided": "(state IN ('draft', 'submitted')) = (decided_at IS NULL)",
    "merged": "(state = 'merged') = (merged_into_id IS NOT NULL)",
    "merged_elsewhere": "merged_into_id <> id",
    "whole_place": "(latitude IS NULL) = (longitude IS NULL)",
    "place": "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
    "entered_by_staff": "(origin = 'web') = (entered_by_id IS NULL)",
    "somebody": "author_id IS NOT NULL OR entered_by_id IS NOT NULL",
    "unclaimed": "NOT unclaimed OR state = 'draft'",
}
NEW = ("search", "merged_into_id", "entered_by_id", "origin_note", "origin", "longitude", "latitude", "place", "theme")
KINDS = (
    "idea published",
    "idea refused",
    "idea edited",
    "idea merged",
    "idea parted",
    "idea estimated",
    "appeal answered",
    "commented",
    "on the ballot",
    "result published",
    "delivery moved",
)
PACES = ("at once", "daily", "weekly", "never")


def words(name: str, *values: str) -> sa.Enum:
    """A text column with a check, as the models' `text_enum` makes it."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for column in ("unnamed", "unclaimed"):
        op.add_column("person", sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))
    widen_idea()
    make_pictures()
    make_notices()


def widen_idea() -> None:
    op.drop_constraint("ideastate", "idea")
    op.create_check_constraint("ideastate", "idea", f"state IN {STATES}")
    op.drop_constraint(op.f("ck_idea_decided"), "idea")
    op.alter_column("idea", "author_id", nullable=True)
    for column in (
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column(
            "shown_name", words("shownname", "name", "first name", "area"), server_default="area", nullable=False
        ),
        sa.Column(
            "theme",
            words("theme", "arts", "sports", "nature", "play", "meeting", "learning", "streets", "other"),
            nullable=True,
        ),
        sa.Column("place", sa.String(), server_default="", nullable=False),
        sa.Column("latitude", sa.Numeric(8, 6), nullable=True),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=True),
        sa.Column("origin", words("origin", "web", "event", "paper", "phone"), server_default="web", nullable=False),
        sa.Column("origin_note", sa.String(), server_default="", nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=True),
        sa.Column("unclaimed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("asked_name", sa.String(), server_default="", nullable=False),
        sa.Column("asked_unnamed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('finnish', title || ' ' || description)", persisted=True),
            nullable=False,
        ),
    ):
        op.add_column("idea", column)
    for column in ("shown_name", "origin"):
        op.alter_column("idea", column, server_default=None)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_idea_{name}"), "idea", condition)
    for column, table in (("service_id", "service"), ("entered_by_id", "person"), ("merged_into_id", "idea")):
        op.create_foreign_key(op.f(f"fk_idea_{column}"), "idea", table, [column], ["id"])
    op.create_index(op.f("ix_idea_author_id"), "idea", ["author_id"])
    op.create_index(op.f("ix_idea_merged_into_id"), "idea", ["merged_into_id"])
    op.create_index("ix_idea_search", "idea", ["search"], postgresql_using="gin")
    op.create_index(
        "ix_idea_title", "idea", ["title"], postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}
    )


def make_pictures() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("large", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name=op.f("ck_picture_place")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_picture_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("thing_id", "place", name=op.f("uq_picture_thing_id_place")),
    )
    op.create_index(op.f("ix_picture_thing_id"), "picture", ["thing_id"])


def of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id"), ondelete="CASCADE")


def make_notices() -> None:
    op.create_table(
        "follow",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        of_person("follow"),
        sa.PrimaryKeyConstraint("person_id", "thing_id", name=op.f("pk_follow")),
    )
    op.create_index(op.f("ix_follow_thing_id"), "follow", ["thing_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", words("noticekind", *KINDS), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        of_person("notice"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_waiting", "notice", ["person_id"], postgresql_where=sa.text("mailed_at IS NULL"))
    op.create_table(
        "notice_pace",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pace", words("pace", *PACES), nullable=False),
        of_person("notice_pace"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_pace")),
    )


def downgrade() -> None:
    for table in ("notice_pace", "notice", "follow", "picture"):
        op.drop_table(table)
    op.execute("DELETE FROM idea WHERE state = 'draft'")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_idea_{name}"), "idea")
    op.drop_constraint("ideastate", "idea")
    op.execute(
        "UPDATE idea SET state = 'refused', reason = coalesce(nullif(reason, ''), 'merged') WHERE state = 'merged'"
    )
    op.execute("UPDATE idea SET author_id = entered_by_id WHERE author_id IS NULL")
    op.create_check_constraint("ideastate", "idea", f"state IN {STATES[1:4]}")
    op.create_check_constraint(op.f("ck_idea_decided"), "idea", "(state = 'submitted') = (decided_at IS NULL)")
    op.drop_index("ix_idea_title", "idea")
    op.drop_index(op.f("ix_idea_author_id"), "idea")
    for column in (*NEW, "shown_name", "service_id", "unclaimed", "asked_name", "asked_unnamed"):
        op.drop_column("idea", column)
    op.alter_column("idea", "author_id", nullable=False)
    for column in ("unclaimed", "unnamed"):
        op.drop_column("person", column)
    op.execute("DROP EXTENSION pg_trgm")
