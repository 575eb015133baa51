"""The city's areas, services and bodies, and its appointments."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Enum, ForeignKey, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from pb.database import Base
from pb.people.models import Person
from pb.permissions import Role
from pb.translation import Translated


def text_enum(kind: type[StrEnum], length: int = 20) -> Enum:
    """Store a StrEnum by its value, as text with a check, so that a new value is a small migration."""
    return Enum(
        kind,
        native_enum=False,
        length=length,
        create_constraint=True,
        name=kind.__name__.lower(),
        values_callable=lambda k: [m.value for m in k],
    )


class BodyKind(StrEnum):
    COUNCIL = "council"
    BOARD = "board"
    COMMITTEE = "committee"
    LOCAL = "local"  # local-democracy section
    AREA = "area"  # area council
    PARTICIPATION = "participation"  # youth council, elderly council, …
    WORKING_GROUP = "working group"


class Area(Translated, Base):
    """A part of the city with its own share of money. `boundary` is a GeoJSON geometry in WGS 84, or None.

    A postcode, five digits, belongs to one area at most: it leads voters who may choose their area to it.
    """

    __tablename__ = "area"
    WORDS = ("name",)
    __table_args__ = (
        CheckConstraint("population >= 0", name="population"),
        CheckConstraint(r"array_to_string(postcodes, ' ', '-') ~ '^(\d{5}( \d{5})*)?$'", name="postcodes"),
        ExcludeConstraint((text("(postcodes::integer[])"), "&&"), using="gist", name="ex_area_postcode_once"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    population: Mapped[int]
    population_date: Mapped[date]
    population_source: Mapped[str]
    boundary: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    postcodes: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)


class Service(Translated, Base):
    """An owner of money, with a named first contact."""

    __tablename__ = "service"
    WORDS = ("name",)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str]


class Body(Translated, Base):
    """A council, committee, area council or participation body."""

    __tablename__ = "body"
    WORDS = ("name",)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[BodyKind] = mapped_column(text_enum(BodyKind))


class Appointment(Base):
    """A person's role for one service, one body, or (neither named) the whole city."""

    __tablename__ = "appointment"
    __table_args__ = (CheckConstraint("service_id IS NULL OR body_id IS NULL", name="one_scope"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("service.id"))
    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("body.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="raise", backref=backref("appointments", lazy="raise"))
    service: Mapped[Service | None] = relationship(lazy="raise")
    body: Mapped[Body | None] = relationship(lazy="raise")
