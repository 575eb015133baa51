"""How much came in an hour from one source. Nothing here points at a voter, a code or an envelope."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pb.city.models import text_enum
from pb.database import Base


class Kind(StrEnum):
    """What is counted. A code tried while the guesses are limited is locked out, whether it is right or wrong."""

    CAST = "cast"
    CHANGED = "changed vote"
    WRONG_CODE = "wrong code"
    LOCKED_OUT = "locked out"


class Traffic(Base):
    """How many times a kind came from a source in the hour that starts at `hour`.

    `source` is an HMAC of the address. No foreign key: checking one would wait for whoever holds the round's row.
    """

    __tablename__ = "traffic"
    __table_args__ = (
        CheckConstraint("mod(extract(epoch FROM hour), 3600) = 0", name="whole_hour"),
        CheckConstraint("octet_length(source) = 8", name="source"),
        CheckConstraint("times > 0", name="times"),
    )
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(text_enum(Kind), primary_key=True)
    source: Mapped[bytes] = mapped_column(primary_key=True)
    times: Mapped[int]
