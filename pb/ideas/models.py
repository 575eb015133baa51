"""What residents propose."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import Area, text_enum
from pb.database import Base
from pb.people.models import Person
from pb.rounds.models import Round


class IdeaState(StrEnum):
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REFUSED = "refused"


class Idea(Base):
    """One resident's idea in a round, for an area or (None) the whole city. A refusal has a public reason."""

    __tablename__ = "idea"
    __table_args__ = (
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refusal_has_reason"),
        CheckConstraint("(state = 'submitted') = (decided_at IS NULL)", name="decided"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), index=True)
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str]
    description: Mapped[str]
    state: Mapped[IdeaState] = mapped_column(text_enum(IdeaState), default=IdeaState.SUBMITTED)
    reason: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    round: Mapped[Round] = relationship(lazy="raise")
    area: Mapped[Area | None] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise")
