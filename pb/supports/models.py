"""Who supports which idea."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base


class Support(Base):
    """A person supports an idea, once. The number is public, the people are not."""

    __tablename__ = "support"
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]
