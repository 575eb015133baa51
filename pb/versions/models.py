"""What an idea said before, and who writes it together with its author."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import text_enum
from pb.database import Base
from pb.people.models import Person, ShownName


class IdeaVersion(Base):
    """The words of an idea until `person_id` changed them at `at`. Rows are only ever added."""

    __tablename__ = "idea_version"
    __table_args__ = (Index("ix_idea_version_idea_id_at", "idea_id", "at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"))
    at: Mapped[datetime]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str]
    description: Mapped[str]


class CoAuthor(Base):
    """Somebody whom the author asked to write the idea together; an author too once they have accepted."""

    __tablename__ = "co_author"
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    invited_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    shown_name: Mapped[ShownName] = mapped_column(text_enum(ShownName), default=ShownName.AREA)
    person: Mapped[Person] = relationship(lazy="raise")
