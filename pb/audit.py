"""The audit trail: who did what in which role. Rows are only ever added (a trigger refuses the rest)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pb.database import Base
from pb.permissions import Role


class Deed(StrEnum):
    """What was done; the audit page says it in the reader's language."""

    PART_SAVED = "part saved"  # an area, a service or a body
    APPOINTED = "appointed"
    APPOINTMENT_ENDED = "appointment ended"
    ROUND_CREATED = "round created"
    ROUND_EDITED = "round edited"
    ALLOCATION_SAVED = "allocation saved"
    ALLOCATION_REMOVED = "allocation removed"
    MONEY_SHARED = "money shared"
    IDEA_PUBLISHED = "idea published"
    IDEA_REFUSED = "idea refused"
    IDEA_ENTERED = "idea entered"  # on somebody's behalf
    IDEA_SORTED = "idea sorted"  # to another area, theme or service
    IDEA_HIDDEN = "idea hidden"
    IDEA_KEPT = "idea kept"  # or shown again
    COMMENT_HIDDEN = "comment hidden"
    COMMENT_KEPT = "comment kept"
    IDEAS_MERGED = "ideas merged"
    MERGE_UNDONE = "merge undone"
    APPEAL_ANSWERED = "appeal answered"
    FOUND_FEASIBLE = "found feasible"
    FOUND_NOT_FEASIBLE = "found not feasible"
    BALLOT_CONFIRMED = "ballot confirmed"
    VOTERS_ADDED = "voters added"
    CODE_REPLACED = "code replaced"
    VOTING_EXTENDED = "voting extended"
    PROJECT_WITHDRAWN = "project withdrawn"
    TEXT_CORRECTED = "text corrected"
    TEXTS_TRANSLATED = "texts translated"
    TRUSTEES_CHOSEN = "trustees chosen"
    TRUSTEES_DROPPED = "trustees dropped"
    SHARES_REHEARSED = "shares rehearsed"
    BOX_CLOSED = "box closed"
    OPENING_ASKED = "opening asked"
    BOX_EXPORTED = "box exported"
    BOX_OPENED = "box opened"
    VOTES_COUNTED = "votes counted"
    ENVELOPES_VOID = "envelopes void"
    RESULT_PUBLISHED = "result published"
    REPORTS_REMADE = "reports remade"
    DELIVERY_NOTED = "delivery noted"
    ROUND_FORGOTTEN = "round forgotten"
    FEEDBACK_ANSWERED = "feedback answered"


class Event(Base):
    """One act of staff. The auditor reads the role and the act; the person is a reference only."""

    __tablename__ = "event"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    deed: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]


def record(
    session: AsyncSession,
    person_id: UUID | None,
    role: Role | None,
    deed: Deed,
    subject: str,
    detail: str = "",
    *,
    now: datetime,
) -> None:
    """Note a deed in the same transaction that does it; `detail` is a name or a figure, not a sentence."""
    session.add(
        Event(at=now, person_id=person_id, role=role or "", deed=deed, subject=subject[:200], detail=detail[:500])
    )


async def list_events(session: AsyncSession, limit: int = 200) -> list[Event]:
    """The newest acts first."""
    return list(await session.scalars(select(Event).order_by(Event.at.desc(), Event.id).limit(limit)))
