"""The life of an idea: its earlier words, co-authors, merges, appeals, and how a chosen project goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

NAMES = ("name", "first name", "area")
ADDED_ONLY = ("idea_version", "delivery")


def words(name: str, *values: str) -> sa.Enum:
    """A text column with a check, as the models' `text_enum` makes it."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def time(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    make_version()
    make_co_author()
    make_merge()
    make_appeal()
    make_delivery()
    for table in ADDED_ONLY:
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def make_version() -> None:
    op.create_table(
        "idea_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        time("at"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        key("idea_version", "idea_id", "idea"),
        key("idea_version", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea_version")),
    )
    op.create_index("ix_idea_version_idea_id_at", "idea_version", ["idea_id", "at"])


def make_co_author() -> None:
    op.create_table(
        "co_author",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        time("invited_at"),
        time("accepted_at", nullable=True),
        sa.Column("shown_name", words("shownname", *NAMES), nullable=False),
        key("co_author", "idea_id", "idea"),
        key("co_author", "person_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "person_id", name=op.f("pk_co_author")),
    )
    op.create_index(op.f("ix_co_author_person_id"), "co_author", ["person_id"])


def make_merge() -> None:
    op.create_table(
        "merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        time("at"),
        time("undone_at", nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_merge_reason")),
        sa.CheckConstraint("into_id <> idea_id", name=op.f("ck_merge_elsewhere")),
        key("merge", "idea_id", "idea"),
        key("merge", "into_id", "idea"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_into_id"), "merge", ["into_id"])
    op.create_index(
        "uq_merge_standing", "merge", ["idea_id"], unique=True, postgresql_where=sa.text("undone_at IS NULL")
    )


def make_appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("against", words("against", "refusal", "estimate"), nullable=False),
        time("decided_at"),
        sa.Column("text", sa.String(), nullable=False),
        time("at"),
        sa.Column("outcome", words("appealoutcome", "stands", "changed"), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        time("answered_at", nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_appeal_text")),
        sa.CheckConstraint("at >= decided_at", name=op.f("ck_appeal_after_decision")),
        sa.CheckConstraint(
            "num_nonnulls(outcome, answered_at, answered_by_id) IN (0, 3)", name=op.f("ck_appeal_answered")
        ),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_appeal_answer_has_reasons")),
        key("appeal", "idea_id", "idea"),
        key("appeal", "person_id", "person"),
        key("appeal", "answered_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("idea_id", "decided_at", name=op.f("uq_appeal_idea_id_decided_at")),
    )
    op.create_index("ix_appeal_open", "appeal", ["at"], postgresql_where=sa.text("answered_at IS NULL"))


def make_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        time("at"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", words("deliverystate", "planned", "under way", "done", "stopped"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("spent_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("spent_cents >= 0", name=op.f("ck_delivery_spent")),
        sa.CheckConstraint("state <> 'stopped' OR text <> ''", name=op.f("ck_delivery_stopped_has_reason")),
        key("delivery", "project_id", "project"),
        key("delivery", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_project_id_at", "delivery", ["project_id", "at"])


def downgrade() -> None:
    for table in ("delivery", "appeal", "merge", "co_author", "idea_version"):
        op.drop_table(table)
