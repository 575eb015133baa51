"""People with an account, their sign-in links and their sessions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pb.database import Base


class ShownName(StrEnum):
    """How an idea or a comment names its author."""

    NAME = "name"
    FIRST = "first name"
    AREA = "area"  # "a resident of Lammi"


class Person(Base):
    """Somebody who has signed in at least once, or (`unclaimed`) whose address others gave. It is in lower case."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    unnamed: Mapped[bool] = mapped_column(default=False, server_default=false())  # a child, or under non-disclosure
    unclaimed: Mapped[bool] = mapped_column(default=False, server_default=false())  # has never signed in
    language: Mapped[str]
    created_at: Mapped[datetime]

    def speaking_for(self, service: str) -> str:
        """What everybody reads of staff: the name and the service; of those who are never named the service alone."""
        return service if self.unnamed or not self.name else f"{self.name}, {service}"


class SignInLink(Base):
    """A link sent by mail, good once and for a short time. Only the token's SHA-256 is kept."""

    __tablename__ = "sign_in_link"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    email: Mapped[str]
    then: Mapped[str]  # the path to go on to
    expires_at: Mapped[datetime]


class SignIn(Base):
    """A browser in which a person is signed in; the cookie holds the token, the table its SHA-256."""

    __tablename__ = "sign_in"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="raise")
