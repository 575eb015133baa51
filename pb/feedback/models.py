"""What people tell the city about the service itself, and what the city answers."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base


class Feedback(Base):
    """One message about a page of the service. `email` is None where no answer is wished for."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL) AND (answered_at IS NULL) = (answer = '')", name="answer"
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(index=True)
    accessibility: Mapped[bool] = mapped_column(server_default=false())  # the law's fourteen days hold for these
    page: Mapped[str]  # the path it is about, or ""
    text: Mapped[str]
    email: Mapped[str | None]
    language: Mapped[str]
    source_hmac: Mapped[bytes | None]  # of the network address it came from, with the day; forgotten a day later
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
