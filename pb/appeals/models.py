"""What authors ask to be looked at again, and the answers."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import text_enum
from pb.database import Base
from pb.ideas.models import Idea
from pb.people.models import Person


class Against(StrEnum):
    REFUSAL = "refusal"
    ESTIMATE = "estimate"


class AppealOutcome(StrEnum):
    STANDS = "stands"
    CHANGED = "changed"


class Appeal(Base):
    """An author's reasons against a decision (made at `decided_at`), once for each, and the public answer."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("idea_id", "decided_at"),
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("at >= decided_at", name="after_decision"),
        CheckConstraint("num_nonnulls(outcome, answered_at, answered_by_id) IN (0, 3)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer_has_reasons"),
        Index("ix_appeal_open", "at", postgresql_where=text("answered_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    against: Mapped[Against] = mapped_column(text_enum(Against))
    decided_at: Mapped[datetime]
    text: Mapped[str]
    at: Mapped[datetime]
    outcome: Mapped[AppealOutcome | None] = mapped_column(text_enum(AppealOutcome))
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    idea: Mapped[Idea] = relationship(lazy="raise")
    answered_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=answered_by_id)
