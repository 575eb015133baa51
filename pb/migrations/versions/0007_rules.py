"""More rules to count by, their terms, and what the count gives besides its outcome.

The rule "instant-runoff" is now called "irv". Frozen rules and stored outcomes keep the former name, as they are hashed
and never change; whoever reads them knows both. The database's own name changes also in confirmed rounds, so the guard
of the allocations is off for that one statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

FORMER = ("greedy", "instant-runoff")
RANKED = "rule IN ('irv', 'stv', 'expanding-approvals', 'rank-points')"
RULES = (
    "greedy",
    "threshold",
    "no-skip",
    "per-euro",
    "knapsack",
    "equal-shares",
    "equal-shares/add1",
    "equal-shares/add1-greedy",
    "equal-shares/add1-comparison",
    "phragmen",
    "irv",
    "stv",
    "expanding-approvals",
    "rank-points",
)
IN_PART = "rule IN ('greedy', 'threshold', 'no-skip', 'per-euro', 'phragmen', 'rank-points')"
CHECKS = {
    "min_votes": "min_votes >= 0",
    "threshold_has_minimum": "rule <> 'threshold' OR min_votes > 0",
    "minimum_fits_rule": "min_votes = 0 OR NOT rule IN ('irv', 'stv')",
    "part_fits_rule": f"NOT part_funding OR {IN_PART}",
}


def rename(rules: tuple[str, ...], ranked: str, former: str, name: str) -> None:
    """Call one rule by another name, and allow just these rules."""
    for constraint in ("ck_allocation_rule_fits_ballot", "countrule"):
        op.drop_constraint(op.f(constraint), "allocation")
    op.execute("ALTER TABLE allocation DISABLE TRIGGER guard")
    op.execute(sa.text("UPDATE allocation SET rule = :name WHERE rule = :former").bindparams(name=name, former=former))
    op.execute("ALTER TABLE allocation ENABLE TRIGGER guard")
    allowed = ", ".join(f"'{rule}'" for rule in rules)
    op.create_check_constraint(op.f("countrule"), "allocation", f"rule IN ({allowed})")
    op.create_check_constraint(
        op.f("ck_allocation_rule_fits_ballot"), "allocation", f"(ballot_type = 'ranked') = ({ranked})"
    )


def add_filled(table: str, name: str, type_: sa.types.TypeEngine, value: str) -> None:
    """A column that is never empty; rows that are there get `value`."""
    op.add_column(table, sa.Column(name, type_, nullable=False, server_default=sa.text(value)))
    op.alter_column(table, name, server_default=None)


def upgrade() -> None:
    op.alter_column("allocation", "rule", type_=sa.String(40), existing_type=sa.String(20), existing_nullable=False)
    rename(RULES, RANKED, "instant-runoff", "irv")
    add_filled("allocation", "min_votes", sa.BigInteger(), "0")
    add_filled("allocation", "part_funding", sa.Boolean(), "false")
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_allocation_{name}"), "allocation", condition)
    add_filled("count", "margins", postgresql.JSONB(), "'{}'")
    add_filled("count", "comparison", postgresql.JSONB(), "'[]'")


def downgrade() -> None:
    """Fails where an allocation is counted by a rule that was not known before."""
    op.drop_column("count", "comparison")
    op.drop_column("count", "margins")
    op.drop_column("allocation", "part_funding")
    op.drop_column("allocation", "min_votes")
    rename(FORMER, "rule = 'instant-runoff'", "irv", "instant-runoff")
    op.alter_column("allocation", "rule", type_=sa.String(20), existing_type=sa.String(40), existing_nullable=False)
