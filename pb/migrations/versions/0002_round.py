"""A round from idea to project. Phases may not overlap, so the database needs btree_gist."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules", sa.String(), nullable=True),
        sa.Column("rules_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("currency ~ '^([A-Z]{3})?$'", name=op.f("ck_round_currency")),
        sa.CheckConstraint("(rules IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_round_confirmed_has_rules")),
        sa.CheckConstraint(
            "published_at IS NULL OR confirmed_at IS NOT NULL", name=op.f("ck_round_published_was_confirmed")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_round_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "ballot_type",
            sa.Enum(
                "approval",
                "knapsack",
                "ranked",
                name="ballottype",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("max_choices", sa.BigInteger(), nullable=True),
        sa.Column(
            "rule",
            sa.Enum(
                "greedy",
                "instant-runoff",
                name="countrule",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(ballot_type = 'knapsack') = (max_choices IS NULL)", name=op.f("ck_allocation_limit_fits_ballot")
        ),
        sa.CheckConstraint(
            "(ballot_type = 'ranked') = (rule = 'instant-runoff')",
            name=op.f("ck_allocation_rule_fits_ballot"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_allocation_amount")),
        sa.CheckConstraint("max_choices BETWEEN 1 AND 1000", name=op.f("ck_allocation_max_choices")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_allocation_area_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_allocation_round_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_allocation_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("id", "round_id", name=op.f("uq_allocation_id_round_id")),
        sa.UniqueConstraint(
            "round_id",
            "area_id",
            "service_id",
            "name",
            name=op.f("uq_allocation_round_id_area_id_service_id_name"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_allocation_round_id_number")),
    )
    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "extended",
                "withdrawn",
                "corrected",
                name="amendmentkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_amendment_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    op.create_index(op.f("ix_amendment_round_id"), "amendment", ["round_id"], unique=False)
    op.create_table(
        "idea",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "published",
                "refused",
                name="ideastate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'submitted') = (decided_at IS NULL)", name=op.f("ck_idea_decided")),
        sa.CheckConstraint("state <> 'refused' OR reason <> ''", name=op.f("ck_idea_refusal_has_reason")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_idea_area_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_idea_author_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_idea_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
    )
    op.create_index(op.f("ix_idea_round_id"), "idea", ["round_id"], unique=False)
    op.create_table(
        "phase_window",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "ideas",
                "estimates",
                "voting",
                "results",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("opens", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("round_id"), "="),
            (sa.text("tstzrange(opens, closes)"), "&&"),
            deferrable=True,
            initially="DEFERRED",
            using="gist",
            name="ex_phase_window_no_overlap",
        ),
        sa.CheckConstraint("closes > opens", name=op.f("ck_phase_window_closes_after_opens")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_phase_window_round_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", "phase", name=op.f("pk_phase_window")),
    )
    op.create_table(
        "estimate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("feasible", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_estimate_reason")),
        sa.CheckConstraint("cost_cents > 0", name=op.f("ck_estimate_cost")),
        sa.CheckConstraint("feasible = (cost_cents IS NOT NULL)", name=op.f("ck_estimate_feasible_has_cost")),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_estimate_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_estimate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
    )
    op.create_index("ix_estimate_idea_id_at", "estimate", ["idea_id", "at"], unique=False)
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.CheckConstraint("cost_cents > 0", name=op.f("ck_project_cost")),
        sa.CheckConstraint("number > 0", name=op.f("ck_project_number")),
        sa.ForeignKeyConstraint(
            ["allocation_id", "round_id"],
            ["allocation.id", "allocation.round_id"],
            name=op.f("fk_project_allocation_id_round_id"),
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_project_idea_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_project_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("idea_id", name=op.f("uq_project_idea_id")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_project_round_id_number")),
    )
    op.create_index(op.f("ix_project_allocation_id"), "project", ["allocation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("project")
    op.drop_table("estimate")
    op.drop_table("phase_window")
    op.drop_table("idea")
    op.drop_table("amendment")
    op.drop_table("allocation")
    op.drop_table("round")
