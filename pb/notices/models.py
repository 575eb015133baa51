"""Who follows what, and what they are to be told."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from pb.city.models import text_enum
from pb.database import Base


class Pace(StrEnum):
    """How often a person is mailed what is new."""

    AT_ONCE = "at once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class NoticeKind(StrEnum):
    """What happened to a thing that somebody follows; the mail says it in the reader's language."""

    IDEA_PUBLISHED = "idea published"
    IDEA_REFUSED = "idea refused"
    IDEA_EDITED = "idea edited"
    IDEA_MERGED = "idea merged"
    IDEA_PARTED = "idea parted"
    IDEA_ESTIMATED = "idea estimated"
    APPEAL_ANSWERED = "appeal answered"
    COMMENTED = "commented"
    ON_BALLOT = "on the ballot"
    RESULT_PUBLISHED = "result published"
    DELIVERY_MOVED = "delivery moved"
    VOTING_OPENS = "voting opens"
    VOTING_ENDS_SOON = "voting ends soon"


REMINDERS = (NoticeKind.VOTING_OPENS, NoticeKind.VOTING_ENDS_SOON)  # by the clock; `detail` is when voting ends


class Follow(Base):
    """A person wants to be told about a thing: an idea's id, or a round's."""

    __tablename__ = "follow"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    at: Mapped[datetime]


class Notice(Base):
    """One thing to tell one person. `subject` is the thing's title (empty where staff hid it), `path` its page.

    `mailed_at`: when it was given to the mail queue, or passed over as this person wants no mail.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_waiting", "person_id", postgresql_where=text("mailed_at IS NULL")),
        Index("ix_notice_person_id_at", "person_id", "at"),
        Index(
            "uq_notice_reminder",
            *("person_id", "kind", "path", "detail"),
            unique=True,
            postgresql_where=text("kind IN ('voting opens', 'voting ends soon')"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[NoticeKind] = mapped_column(text_enum(NoticeKind))
    subject: Mapped[str]
    detail: Mapped[str]
    path: Mapped[str]
    at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]


class NoticePace(Base):
    """How often a person wants mail; without a row, daily."""

    __tablename__ = "notice_pace"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    pace: Mapped[Pace] = mapped_column(text_enum(Pace))
