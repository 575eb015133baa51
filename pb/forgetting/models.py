"""The record of a forgotten round."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base


class Forgotten(Base):
    """A round whose envelopes and keys were destroyed; `record` is signed with the key of the round's log."""

    __tablename__ = "forgotten"
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    at: Mapped[datetime]
    record: Mapped[str]
