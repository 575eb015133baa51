"""Who may do what, when, and for which service or body: three tables that must all agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pb.errors import NotAllowed, NotSignedIn, Refusal, WrongPhase
from pb.language import gettext as _


class Role(StrEnum):
    RESIDENT = "resident"  # everybody who is signed in
    ESTIMATOR = "estimator"
    OFFICER = "officer"
    CLERK = "clerk"
    COUNCILLOR = "councillor"
    SECRETARY = "secretary"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Phase(StrEnum):
    IDEAS = "ideas"
    ESTIMATES = "estimates"
    VOTING = "voting"
    RESULTS = "results"


class Act(StrEnum):
    SUBMIT_IDEA = "submit idea"
    EDIT_IDEA = "edit idea"  # its authors only
    SUPPORT_IDEA = "support idea"
    FOLLOW_IDEA = "follow idea"
    COMMENT = "comment"  # and report what others wrote
    MODERATE_COMMENT = "moderate comment"
    MODERATE_IDEA = "moderate idea"
    ESTIMATE_COST = "estimate cost"
    APPEAL = "appeal"  # the authors only
    ANSWER_APPEAL = "answer appeal"
    EDIT_ROUND = "edit round"
    CONFIRM_BALLOT = "confirm ballot"
    MANAGE_ROLL = "manage roll"
    CAST_BALLOT = "cast ballot"  # no role's: the voting code gives the right
    AMEND_BALLOT = "amend ballot"
    COUNT_BALLOTS = "count ballots"
    PUBLISH_RESULTS = "publish results"
    UPDATE_DELIVERY = "update delivery"
    SEE_DESK = "see desk"
    SEE_AUDIT = "see audit trail"
    ANSWER_FEEDBACK = "answer feedback"
    MANAGE_CITY = "manage city"
    MANAGE_PEOPLE = "manage people"


STAFF = frozenset({Act.SEE_DESK})
MAY: dict[Role, frozenset[Act]] = {
    Role.RESIDENT: frozenset(
        {Act.SUBMIT_IDEA, Act.EDIT_IDEA, Act.SUPPORT_IDEA, Act.FOLLOW_IDEA, Act.COMMENT, Act.APPEAL}
    ),
    Role.ESTIMATOR: STAFF | {Act.ESTIMATE_COST, Act.UPDATE_DELIVERY},
    Role.OFFICER: STAFF
    | {
        Act.MODERATE_COMMENT,
        Act.MODERATE_IDEA,
        Act.ESTIMATE_COST,
        Act.ANSWER_APPEAL,
        Act.EDIT_ROUND,
        Act.CONFIRM_BALLOT,
        Act.MANAGE_ROLL,
        Act.AMEND_BALLOT,
        Act.COUNT_BALLOTS,
        Act.PUBLISH_RESULTS,
        Act.UPDATE_DELIVERY,
    },
    Role.CLERK: STAFF | {Act.MODERATE_COMMENT, Act.MODERATE_IDEA, Act.MANAGE_ROLL},
    Role.COUNCILLOR: STAFF,
    Role.SECRETARY: STAFF,
    Role.COORDINATOR: STAFF | {Act.ANSWER_FEEDBACK},
    Role.AUDITOR: STAFF | {Act.SEE_AUDIT},
    Role.ADMINISTRATOR: STAFF | {Act.ANSWER_FEEDBACK, Act.MANAGE_CITY, Act.MANAGE_PEOPLE},
}

# Acts that no phase limits; their service still refuses what the ballot's confirmation has frozen.
ANYTIME = frozenset(
    {
        Act.FOLLOW_IDEA,
        Act.COMMENT,
        Act.MODERATE_COMMENT,
        Act.ANSWER_APPEAL,
        Act.EDIT_ROUND,
        Act.MANAGE_ROLL,
        Act.AMEND_BALLOT,
        Act.UPDATE_DELIVERY,
        Act.SEE_DESK,
        Act.SEE_AUDIT,
        Act.ANSWER_FEEDBACK,
        Act.MANAGE_CITY,
        Act.MANAGE_PEOPLE,
    }
)
STAFF_WORK = frozenset({Act.MODERATE_IDEA, Act.ESTIMATE_COST, Act.CONFIRM_BALLOT})
AFTER_VOTING = frozenset({Act.COUNT_BALLOTS, Act.PUBLISH_RESULTS})
ALLOWED: dict[Phase | None, frozenset[Act]] = {
    Phase.IDEAS: STAFF_WORK | {Act.SUBMIT_IDEA, Act.EDIT_IDEA, Act.SUPPORT_IDEA, Act.APPEAL},
    Phase.ESTIMATES: STAFF_WORK | {Act.EDIT_IDEA, Act.SUPPORT_IDEA, Act.APPEAL},
    Phase.VOTING: frozenset({Act.CAST_BALLOT}),
    Phase.RESULTS: AFTER_VOTING,
    None: STAFF_WORK | AFTER_VOTING | {Act.APPEAL},  # between phases, before the first, after the last
}


class Window(Protocol):
    """When a phase is open: from `opens` until just before `closes`."""

    @property
    def phase(self) -> Phase: ...
    @property
    def opens(self) -> datetime: ...
    @property
    def closes(self) -> datetime: ...


class Appointed(Protocol):
    """A role for one service, one body, or (neither named) the whole city, until it has ended."""

    @property
    def role(self) -> Role: ...
    @property
    def service_id(self) -> UUID | None: ...
    @property
    def body_id(self) -> UUID | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


class Someone(Protocol):
    @property
    def appointments(self) -> Iterable[Appointed]: ...


@dataclass(frozen=True)
class Scope:
    """What a thing belongs to: a service, a body, or (neither) the city."""

    service_id: UUID | None = None
    body_id: UUID | None = None


@dataclass(frozen=True)
class Resident:
    """The appointment that every signed-in person has."""

    role: Role = Role.RESIDENT
    service_id: UUID | None = None
    body_id: UUID | None = None
    ended_at: datetime | None = None


def phase_at(windows: Sequence[Window], now: datetime) -> Phase | None:
    """The open phase at `now`, or None between phases. `closes` is the first instant it is over."""
    return next((w.phase for w in windows if w.opens <= now < w.closes), None)


def covers(appointment: Appointed, scope: Scope) -> bool:
    if appointment.ended_at is not None:
        return False
    if appointment.service_id is None and appointment.body_id is None:
        return True
    return (appointment.service_id, appointment.body_id) == (scope.service_id, scope.body_id)


def acting_role(person: Someone | None, act: Act, scope: Scope) -> Role | None:
    """The role in which `person` may do `act` on a thing of `scope`, or None."""
    if person is None:
        return None
    held = [*person.appointments, Resident()]
    return next((a.role for a in held if act in MAY[a.role] and covers(a, scope)), None)


def has_desk(person: Someone | None) -> bool:
    """Whether `person` works here at all: an appointment of any service or body."""
    return person is not None and any(a.ended_at is None for a in person.appointments)


def reads_unpublished(person: Someone | None, scope: Scope) -> bool:
    """Staff of the service see what is not public yet; so does the auditor, who reads all but people."""
    return any(acting_role(person, act, scope) for act in (Act.MODERATE_IDEA, Act.ESTIMATE_COST, Act.SEE_AUDIT))


def require_reading(person: Someone | None, act: Act, scope: Scope, *, now: datetime) -> None:
    """Raise the refusal unless `person` may do `act`, or is an auditor, who reads all but people."""
    if acting_role(person, Act.SEE_AUDIT, scope) is None:
        require(person, act, scope, now=now)


def refusal(person: Someone | None, act: Act, scope: Scope, windows: Sequence[Window], now: datetime) -> Refusal | None:
    """Why `person` may not do `act` on a thing of `scope` now, or None. Templates show it; `require` raises it."""
    if person is None:
        return NotSignedIn(_("Sign in first. You get a link by mail, no password is needed."))
    if acting_role(person, act, scope) is None:
        return NotAllowed(_("Your account cannot do this. Ask the city's administrator for the right."))
    if act not in ANYTIME and act not in ALLOWED[phase_at(windows, now)]:
        return WrongPhase(_("This is not open now. The round's page lists its dates."))
    return None


def require(person: Someone | None, act: Act, scope: Scope, windows: Sequence[Window] = (), *, now: datetime) -> None:
    """Raise the refusal, if there is one."""
    found = refusal(person, act, scope, windows, now)
    if found is not None:
        raise found
