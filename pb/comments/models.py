"""What people say of an idea, and what others report."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import text_enum
from pb.database import Base
from pb.ideas.models import Idea
from pb.people.models import Person, ShownName


class Comment(Base):
    """One comment on an idea, or (with a parent) an answer to one; an answer has no answers: a trigger sees to it.

    `as_staff` is the service for which a member of its staff speaks, by the name it then had, else "". One that was
    taken back by its writer has no text; one that staff hid has a public reason.
    """

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("id", "idea_id"),
        ForeignKeyConstraint(["parent_id", "idea_id"], ["comment.id", "comment.idea_id"]),
        CheckConstraint("(text = '') = (taken_back_at IS NOT NULL)", name="taken_back"),
        CheckConstraint("length(text) <= 2000", name="text"),
        CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_reason = '')", name="hidden"
        ),
        Index("ix_comment_person_id_at", "person_id", "at"),
        Index("ix_comment_idea_id_at", "idea_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("idea.id"))
    parent_id: Mapped[UUID | None] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    shown_name: Mapped[ShownName] = mapped_column(text_enum(ShownName))
    as_staff: Mapped[str] = mapped_column(default="", server_default=text("''"))
    text: Mapped[str]
    at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str] = mapped_column(default="", server_default=text("''"))
    hidden_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    idea: Mapped[Idea] = relationship(lazy="raise", foreign_keys=idea_id)
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=person_id)


class Flag(Base):
    """Somebody asks staff to look at a comment or an idea, once for each; settled when staff have decided."""

    __tablename__ = "flag"
    __table_args__ = (
        CheckConstraint("num_nonnulls(comment_id, idea_id) = 1", name="one_thing"),
        CheckConstraint("reason <> ''", name="reason"),
        UniqueConstraint("comment_id", "person_id"),
        UniqueConstraint("idea_id", "person_id"),
        Index("ix_flag_waiting", "at", postgresql_where=text("settled_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    idea_id: Mapped[UUID | None] = mapped_column(ForeignKey("idea.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    reason: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    comment: Mapped[Comment | None] = relationship(lazy="raise")
    idea: Mapped[Idea | None] = relationship(lazy="raise")
