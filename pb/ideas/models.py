"""What residents propose."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, false, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.city.models import Area, Service, text_enum
from pb.database import Base
from pb.people.models import Person, ShownName
from pb.rounds.models import Round
from pb.translation import Translated


class IdeaState(StrEnum):
    DRAFT = "draft"  # its author writes, or has not yet opened the link that was mailed
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REFUSED = "refused"
    MERGED = "merged"  # into another idea, which credits its people


class Theme(StrEnum):
    ARTS = "arts"
    SPORTS = "sports"
    NATURE = "nature"
    PLAY = "play"
    MEETING = "meeting"
    LEARNING = "learning"
    STREETS = "streets"
    OTHER = "other"


class Origin(StrEnum):
    """How the idea came to the city; all but the first are entered by staff on somebody's behalf."""

    WEB = "web"
    EVENT = "event"
    PAPER = "paper"
    PHONE = "phone"


class Idea(Translated, Base):
    """One resident's idea in a round, for an area or (None) the whole city. A refusal has a public reason.

    Its place is given in words, on the map (WGS 84 degrees), both, or not at all. Staff who enter an idea on
    somebody's behalf say where it came from; its author is then known (to be told) or nobody's business.
    """

    __tablename__ = "idea"
    WORDS = ("title", "description")
    __table_args__ = (
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refusal_has_reason"),
        CheckConstraint("(state IN ('draft', 'submitted')) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint("merged_into_id <> id", name="merged_elsewhere"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="whole_place"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="place"),
        CheckConstraint("(origin = 'web') = (entered_by_id IS NULL)", name="entered_by_staff"),
        CheckConstraint("author_id IS NOT NULL OR entered_by_id IS NOT NULL", name="somebody"),
        CheckConstraint("NOT unclaimed OR state = 'draft'", name="unclaimed"),
        Index("ix_idea_search", "search", postgresql_using="gin"),
        Index("ix_idea_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), index=True)
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("service.id"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    shown_name: Mapped[ShownName] = mapped_column(text_enum(ShownName), default=ShownName.AREA)
    title: Mapped[str]
    description: Mapped[str]
    theme: Mapped[Theme | None] = mapped_column(text_enum(Theme))
    place: Mapped[str] = mapped_column(default="", server_default=text("''"))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    origin: Mapped[Origin] = mapped_column(text_enum(Origin), default=Origin.WEB)
    origin_note: Mapped[str] = mapped_column(default="", server_default=text("''"))  # "the autumn fair of Lammi"
    entered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # A draft that somebody wrote signed out, with the name and the wish not to be named that they typed; they hold
    # once the owner of the address sends it.
    unclaimed: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_name: Mapped[str] = mapped_column(default="", server_default=text("''"))
    asked_unnamed: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[IdeaState] = mapped_column(text_enum(IdeaState), default=IdeaState.SUBMITTED)
    reason: Mapped[str] = mapped_column(default="")
    hidden_reason: Mapped[str] = mapped_column(default="", server_default=text("''"))  # why staff hid the words
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("idea.id"), index=True)
    submitted_at: Mapped[datetime]  # of a draft: when it was begun
    decided_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('finnish', title || ' ' || description)", persisted=True), deferred=True
    )
    round: Mapped[Round] = relationship(lazy="raise")
    area: Mapped[Area | None] = relationship(lazy="raise")
    service: Mapped[Service | None] = relationship(lazy="raise")
    author: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=author_id)

    @property
    def is_hidden(self) -> bool:
        """Staff hid its title, text and pictures from everybody but its author and themselves."""
        return self.hidden_reason != ""

    @property
    def public_title(self) -> str:
        """The title, or nothing where staff hid it."""
        return "" if self.is_hidden else self.title
