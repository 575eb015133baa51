"""Who may vote in a round, without a name, and the codes that let them in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import Area
from pb.database import Base


class Voter(Base):
    """One line of the roll: a random person reference and the area whose ballot the person gets."""

    __tablename__ = "voter"
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person_ref: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"), index=True)
    area: Mapped[Area | None] = relationship(lazy="raise")


class VotingCode(Base):
    """A personal voting code, kept as HMAC-SHA256 only. A revoked code can be followed by a new one."""

    __tablename__ = "voting_code"
    __table_args__ = (
        ForeignKeyConstraint(["round_id", "person_ref"], ["voter.round_id", "voter.person_ref"]),
        CheckConstraint("octet_length(code_hmac) = 32", name="code_hmac"),
    )
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hmac: Mapped[bytes] = mapped_column(primary_key=True)
    person_ref: Mapped[UUID]
    revoked_at: Mapped[datetime | None]


class WrongGuesses(Base):
    """Wrong codes from one address (as HMAC) in one ten-minute slot; old slots are deleted."""

    __tablename__ = "wrong_guesses"
    source_hmac: Mapped[bytes] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int]
