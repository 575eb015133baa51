"""Points ballots, and rounds whose voters choose the area they vote in; an area's postcodes lead them to it.

No postcode belongs to two areas: an exclusion constraint over arrays of numbers, so the database needs intarray.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

RANKED = "(ballot_type = 'ranked') = (rule IN ('irv', 'stv', 'expanding-approvals', 'rank-points'))"
POINTS = "ballot_type <> 'points' OR rule <> 'phragmen'"
CHECKS = {
    "points_fit_ballot": "max_points IS NULL OR ballot_type = 'points'",
    "max_points": "max_points BETWEEN 1 AND max_choices",
    "points_in_all": "ballot_type <> 'points' OR max_choices <= 100",
}


def allow(types: str, rules: str) -> None:
    """Allow just these ballot types, each with its rules."""
    for name, condition in (("ballottype", f"ballot_type IN ({types})"), ("ck_allocation_rule_fits_ballot", rules)):
        op.drop_constraint(op.f(name), "allocation")
        op.create_check_constraint(op.f(name), "allocation", condition)


def upgrade() -> None:
    allow("'approval', 'knapsack', 'ranked', 'points'", f"{RANKED} AND ({POINTS})")
    op.add_column("allocation", sa.Column("max_points", sa.BigInteger(), nullable=True))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_allocation_{name}"), "allocation", condition)
    op.add_column("round", sa.Column("area_choice", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("round", "area_choice", server_default=None)
    op.execute("CREATE EXTENSION IF NOT EXISTS intarray")
    op.add_column(
        "area", sa.Column("postcodes", postgresql.ARRAY(sa.String()), nullable=False, server_default=sa.text("'{}'"))
    )
    op.alter_column("area", "postcodes", server_default=None)
    op.create_check_constraint(
        op.f("ck_area_postcodes"), "area", r"array_to_string(postcodes, ' ', '-') ~ '^(\d{5}( \d{5})*)?$'"
    )
    once = "EXCLUDE USING gist ((postcodes::integer[]) WITH &&)"
    op.execute(f"ALTER TABLE area ADD CONSTRAINT ex_area_postcode_once {once}")


def downgrade() -> None:
    """Fails where an allocation has a points ballot."""
    op.drop_constraint("ex_area_postcode_once", "area")
    op.drop_constraint(op.f("ck_area_postcodes"), "area")
    op.drop_column("area", "postcodes")
    op.execute("DROP EXTENSION intarray")
    op.drop_column("round", "area_choice")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_allocation_{name}"), "allocation")
    op.drop_column("allocation", "max_points")
    allow("'approval', 'knapsack', 'ranked'", RANKED)
