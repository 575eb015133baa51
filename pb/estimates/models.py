"""What a service says of an idea, and the projects that reach the ballot."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.database import Base
from pb.ideas.models import Idea
from pb.people.models import Person
from pb.rounds.models import Allocation
from pb.translation import Translated


class Estimate(Base):
    """Feasible or not, with a public reason; the cost in whole cents; who says so and when. The newest counts."""

    __tablename__ = "estimate"
    __table_args__ = (
        CheckConstraint("feasible = (cost_cents IS NOT NULL)", name="feasible_has_cost"),
        CheckConstraint("cost_cents > 0", name="cost"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_estimate_idea_id_at", "idea_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"))
    feasible: Mapped[bool]
    reason: Mapped[str]
    cost_cents: Mapped[int | None]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    idea: Mapped[Idea] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class Project(Translated, Base):
    """What voters choose from. `number` is its ballot number, given once when the ballot is confirmed."""

    __tablename__ = "project"
    WORDS = ("title", "summary")
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        ForeignKeyConstraint(["allocation_id", "round_id"], ["allocation.id", "allocation.round_id"]),
        CheckConstraint("cost_cents > 0", name="cost"),
        CheckConstraint("number > 0", name="number"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    allocation_id: Mapped[UUID] = mapped_column(index=True)
    idea_id: Mapped[UUID | None] = mapped_column(ForeignKey("idea.id"), unique=True)
    number: Mapped[int | None]
    title: Mapped[str]
    summary: Mapped[str]
    cost_cents: Mapped[int]
    withdrawn_reason: Mapped[str | None]
    allocation: Mapped[Allocation] = relationship(lazy="raise")
    idea: Mapped[Idea | None] = relationship(lazy="raise")
