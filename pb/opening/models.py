"""Who opened a round's box, and how many envelopes were in it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.database import Base
from pb.people.models import Person

NUMBERS = "opened_at, rehearsed, final, superseded, void"


class Opening(Base):
    """One officer asks, another opens; where trustees hold the key, who handed in what they opened.

    All numbers are of envelopes: `final` became ballots, `superseded` were replaced by a later cast of the same voter,
    `void` held no ballot. `rehearsed` were made up, and opened to try the key.
    """

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint("asked_by <> opened_by", name="two_officers"),
        CheckConstraint(f"num_nulls({NUMBERS}) IN (0, 5)", name="opened_whole"),
        CheckConstraint("least(rehearsed, final, superseded, void) >= 0", name="numbers"),
    )
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None]
    rehearsed: Mapped[int | None]
    final: Mapped[int | None]
    superseded: Mapped[int | None]
    void: Mapped[int | None]
    asker: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[asked_by])
    opener: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[opened_by])
