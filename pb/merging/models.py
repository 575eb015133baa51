"""Which idea staff merged into which, and why."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base


class Merge(Base):
    """Staff merged an idea into another one for a public reason, until (if ever) they undid it.

    `into_id` is what they chose then. If that one is merged further, this idea moves along: `Idea.merged_into_id`
    names where it is now.
    """

    __tablename__ = "merge"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("into_id <> idea_id", name="elsewhere"),
        Index("uq_merge_standing", "idea_id", unique=True, postgresql_where=text("undone_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"))
    into_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"), index=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
