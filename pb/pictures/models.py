"""Pictures as the database keeps them: never the file that was sent."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base

MOST = 3  # pictures of one thing


class Picture(Base):
    """One JPEG of a thing (an idea's id, for example), in two sizes. `alt` says in words what it shows."""

    __tablename__ = "picture"
    __table_args__ = (
        UniqueConstraint("thing_id", "place"),
        CheckConstraint(f"place BETWEEN 1 AND {MOST}", name="place"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    thing_id: Mapped[UUID] = mapped_column(index=True)
    place: Mapped[int]
    alt: Mapped[str]
    width: Mapped[int]  # of `large`, in pixels
    height: Mapped[int]
    large: Mapped[bytes] = mapped_column(deferred=True)
    small: Mapped[bytes] = mapped_column(deferred=True)
    at: Mapped[datetime]
    kept_until: Mapped[datetime | None]  # of a form that has to be mended first; None: of a thing
