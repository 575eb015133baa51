"""The audit trail: who did what in which role. Rows are only ever added (a trigger refuses the rest)."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base
from pb.permissions import Act, Role


class Event(Base):
    """One act of staff. The auditor reads the role and the act; the person is a reference only."""

    __tablename__ = "event"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]


def record(
    session: AsyncSession,
    person_id: UUID | None,
    role: Role | None,
    act: Act,
    subject: str,
    detail: str = "",
    *,
    now: datetime,
) -> None:
    """Note an act in the same transaction that does it."""
    session.add(
        Event(at=now, person_id=person_id, role=role or "", act=act, subject=subject[:200], detail=detail[:500])
    )


async def list_events(session: AsyncSession, limit: int = 200) -> list[Event]:
    """The newest acts first."""
    return list(await session.scalars(select(Event).order_by(Event.at.desc(), Event.id).limit(limit)))
