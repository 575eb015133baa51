"""People support ideas, comment on them and report what should not stand; staff hide with a public reason."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

NAMES = ("name", "first name", "area")
ONE_LEVEL = (
    """CREATE FUNCTION keep_one_level() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.parent_id IS NOT NULL AND (EXISTS (SELECT FROM comment WHERE parent_id = NEW.id)
            OR EXISTS (SELECT FROM comment WHERE id = NEW.parent_id AND parent_id IS NOT NULL)) THEN
        RAISE check_violation USING MESSAGE = 'an answer has no answers';
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER one_level BEFORE INSERT OR UPDATE OF parent_id ON comment"
    " FOR EACH ROW EXECUTE FUNCTION keep_one_level()",
)


def upgrade() -> None:
    op.add_column("idea", sa.Column("hidden_reason", sa.String(), server_default="", nullable=False))
    make_support()
    make_comment()
    make_flag()
    for statement in ONE_LEVEL:
        op.execute(statement)


def make_support() -> None:
    op.create_table(
        "support",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_support_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_support_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "person_id", name=op.f("pk_support")),
    )
    op.create_index(op.f("ix_support_person_id"), "support", ["person_id"])


def make_comment() -> None:
    hidden = "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_reason = '')"
    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "shown_name",
            sa.Enum(*NAMES, name="shownname", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("as_staff", sa.String(), server_default="", nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.String(), server_default="", nullable=False),
        sa.Column("hidden_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(text = '') = (taken_back_at IS NOT NULL)", name=op.f("ck_comment_taken_back")),
        sa.CheckConstraint("length(text) <= 2000", name=op.f("ck_comment_text")),
        sa.CheckConstraint(hidden, name=op.f("ck_comment_hidden")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("id", "idea_id", name=op.f("uq_comment_id_idea_id")),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_comment_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comment_person_id")),
        sa.ForeignKeyConstraint(["hidden_by_id"], ["person.id"], name=op.f("fk_comment_hidden_by_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "idea_id"], ["comment.id", "comment.idea_id"], name=op.f("fk_comment_parent_id_idea_id")
        ),
    )
    op.create_index(op.f("ix_comment_parent_id"), "comment", ["parent_id"])
    op.create_index("ix_comment_person_id_at", "comment", ["person_id", "at"])
    op.create_index("ix_comment_idea_id_at", "comment", ["idea_id", "at"])


def make_flag() -> None:
    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("idea_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(comment_id, idea_id) = 1", name=op.f("ck_flag_one_thing")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_flag_reason")),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_flag_comment_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_flag_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_flag_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("comment_id", "person_id", name=op.f("uq_flag_comment_id_person_id")),
        sa.UniqueConstraint("idea_id", "person_id", name=op.f("uq_flag_idea_id_person_id")),
    )
    op.create_index("ix_flag_waiting", "flag", ["at"], postgresql_where=sa.text("settled_at IS NULL"))


def downgrade() -> None:
    for table in ("flag", "comment", "support"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_one_level()")
    # What staff hid must not come out again: only a refused idea's words are kept from the public without the column.
    op.execute(
        "UPDATE idea SET state = 'refused', reason = hidden_reason, merged_into_id = NULL"
        " WHERE hidden_reason <> '' AND state IN ('published', 'merged')"
    )
    op.drop_column("idea", "hidden_reason")
