"""Followers of a round are reminded when voting opens and before it ends, each of them once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

REMINDERS = ("voting opens", "voting ends soon")
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


def upgrade() -> None:
    op.drop_constraint("noticekind", "notice")
    op.create_check_constraint("noticekind", "notice", f"kind IN {KINDS + REMINDERS}")
    op.create_index("ix_notice_person_id_at", "notice", ["person_id", "at"])
    once = sa.text(f"kind IN {REMINDERS}")
    columns = ["person_id", "kind", "path", "detail"]
    op.create_index("uq_notice_reminder", "notice", columns, unique=True, postgresql_where=once)


def downgrade() -> None:
    op.drop_index("uq_notice_reminder", "notice")
    op.drop_index("ix_notice_person_id_at", "notice")
    op.execute(f"DELETE FROM notice WHERE kind IN {REMINDERS}")
    op.drop_constraint("noticekind", "notice")
    op.create_check_constraint("noticekind", "notice", f"kind IN {KINDS}")
