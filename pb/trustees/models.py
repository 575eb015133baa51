"""The public half of a key that trustees hold."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base


class TrusteeKey(Base):
    """A round's key whose private half is on paper only. A round without a row has a key that the service holds."""

    __tablename__ = "trustee_key"
    __table_args__ = (
        CheckConstraint("octet_length(public_key) = 32", name="public_key"),
        CheckConstraint("octet_length(signing_key) = 32", name="signing_key"),
    )
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    public_key: Mapped[bytes]
    signing_key: Mapped[bytes]
    rehearsal: Mapped[bytes]  # the export of made-up ballots that the trustees open before the ballot is confirmed
    rehearsal_codes: Mapped[bytes]  # digest of what only those can know who opened it
    added_at: Mapped[datetime]
    rehearsed_at: Mapped[datetime | None]

    @property
    def fingerprint(self) -> str:
        """As `Ceremony.fingerprint`: of both keys."""
        return hashlib.sha256(self.public_key + self.signing_key).hexdigest()
