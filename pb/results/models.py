"""What the count gave, and the reports made of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from pb.database import Base
from pb.rounds.models import Allocation


class Count(Base):
    """The count of one allocation: `outcome` is tally's outcome as data, in ballot numbers and cents.

    `margins` is what each project that lost would have needed, `comparison` what other rules make of the same votes.
    """

    __tablename__ = "count"
    __table_args__ = (CheckConstraint("0 <= blank AND blank <= voters AND voters <= eligible", name="turnout"),)
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("allocation.id"), primary_key=True)
    eligible: Mapped[int]
    voters: Mapped[int]
    blank: Mapped[int]
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB)
    margins: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    comparison: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    counted_at: Mapped[datetime]
    allocation: Mapped[Allocation] = relationship(lazy="raise")


class Report(Base):
    """The round's result as an accessible PDF in one language."""

    __tablename__ = "report"
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    pdf: Mapped[bytes] = mapped_column(deferred=True)
    size: Mapped[int] = column_property(func.octet_length(pdf))  # bytes
    pages: Mapped[int]
    made_at: Mapped[datetime]
