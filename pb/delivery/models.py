"""How a chosen project goes on."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import text_enum
from pb.database import Base
from pb.people.models import Person


class DeliveryState(StrEnum):
    PLANNED = "planned"
    UNDER_WAY = "under way"
    DONE = "done"
    STOPPED = "stopped"  # with a public reason


class Delivery(Base):
    """One note on a chosen project: where it stands, what happened, by when it is done, cents spent until then.

    Rows are only ever added; the newest counts.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("spent_cents >= 0", name="spent"),
        CheckConstraint("state <> 'stopped' OR text <> ''", name="stopped_has_reason"),
        Index("ix_delivery_project_id_at", "project_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    at: Mapped[datetime]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState))
    text: Mapped[str]
    due: Mapped[date | None]
    spent_cents: Mapped[int]
    person: Mapped[Person] = relationship(lazy="raise")
