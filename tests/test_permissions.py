"""Role × act, phase × act and scope: the three tables that must all agree."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from pb.errors import NotAllowed, NotSignedIn, WrongPhase
from pb.permissions import (
    ALLOWED,
    ANYTIME,
    MAY,
    Act,
    Phase,
    Role,
    Scope,
    acting_role,
    has_desk,
    phase_at,
    reads_unpublished,
    refusal,
    require,
)

CULTURE, SPORTS, BOARD = uuid4(), uuid4(), uuid4()
OPENS, CLOSES = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MOMENTS = {
    "before": OPENS - TICK,
    "at the first instant": OPENS,
    "during": OPENS + timedelta(days=9),
    "at the last instant": CLOSES - TICK,
    "after": CLOSES,
}
# Written out again by hand: who may do each act, and in which phases (None: between phases).
WHO = {
    Act.SUBMIT_IDEA: set(Role),
    Act.EDIT_IDEA: set(Role),
    Act.SUPPORT_IDEA: set(Role),
    Act.FOLLOW_IDEA: set(Role),
    Act.COMMENT: set(Role),
    Act.MODERATE_COMMENT: {Role.OFFICER, Role.CLERK},
    Act.MODERATE_IDEA: {Role.OFFICER, Role.CLERK},
    Act.ESTIMATE_COST: {Role.OFFICER, Role.ESTIMATOR},
    Act.APPEAL: set(Role),
    Act.ANSWER_APPEAL: {Role.OFFICER},
    Act.EDIT_ROUND: {Role.OFFICER},
    Act.CONFIRM_BALLOT: {Role.OFFICER},
    Act.MANAGE_ROLL: {Role.OFFICER, Role.CLERK},
    Act.CAST_BALLOT: set(),  # the voting code gives the right, not a role
    Act.AMEND_BALLOT: {Role.OFFICER},
    Act.COUNT_BALLOTS: {Role.OFFICER},
    Act.PUBLISH_RESULTS: {Role.OFFICER},
    Act.UPDATE_DELIVERY: {Role.OFFICER, Role.ESTIMATOR},
    Act.SEE_DESK: set(Role) - {Role.RESIDENT},
    Act.SEE_AUDIT: {Role.AUDITOR},
    Act.ANSWER_FEEDBACK: {Role.COORDINATOR, Role.ADMINISTRATOR},
    Act.MANAGE_CITY: {Role.ADMINISTRATOR},
    Act.MANAGE_PEOPLE: {Role.ADMINISTRATOR},
}
PREPARING = {Phase.IDEAS, Phase.ESTIMATES, None}
WHEN = {
    Act.SUBMIT_IDEA: {Phase.IDEAS},
    Act.EDIT_IDEA: {Phase.IDEAS, Phase.ESTIMATES},
    Act.SUPPORT_IDEA: {Phase.IDEAS, Phase.ESTIMATES},
    Act.APPEAL: PREPARING,
    Act.MODERATE_IDEA: PREPARING,
    Act.ESTIMATE_COST: PREPARING,
    Act.CONFIRM_BALLOT: PREPARING,
    Act.CAST_BALLOT: {Phase.VOTING},
    Act.COUNT_BALLOTS: {Phase.RESULTS, None},
    Act.PUBLISH_RESULTS: {Phase.RESULTS, None},
}


@dataclass(frozen=True)
class Appointed:
    role: Role
    service_id: UUID | None = None
    body_id: UUID | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Someone:
    appointments: tuple[Appointed, ...] = ()


@dataclass(frozen=True)
class Window:
    phase: Phase
    opens: datetime = OPENS
    closes: datetime = CLOSES


def somebody(role: Role, **scope: UUID) -> Someone:
    """A person of one role; a resident is nobody's appointee."""
    return Someone(() if role is Role.RESIDENT else (Appointed(role, **scope),))


def test_every_act_has_a_role_and_a_time():
    for act in Act:
        assert act is Act.CAST_BALLOT or any(act in acts for acts in MAY.values())
        assert (act in ANYTIME) != any(act in acts for acts in ALLOWED.values())


def test_every_phase_has_acts_and_every_role_too():
    assert set(ALLOWED) == {*Phase, None}
    assert all(ALLOWED.values())
    assert set(MAY) == set(Role)
    assert all(MAY.values())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_a_role_may_do_its_own_acts_only(role, act):
    acting = acting_role(somebody(role, service_id=CULTURE), act, Scope(CULTURE))
    assert (acting is not None) == (role in WHO[act])


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("act", [a for a in Act if a is not Act.CAST_BALLOT])
def test_an_act_is_open_in_its_phases_to_the_instant(act, phase, moment):
    now = MOMENTS[moment]
    at = phase if OPENS <= now < CLOSES else None
    role = next(iter(WHO[act]))
    found = refusal(somebody(role), act, Scope(CULTURE), [Window(phase)], now)
    assert (found is None) == (act not in WHEN or at in WHEN[act])
    assert found is None or isinstance(found, WrongPhase)


@pytest.mark.parametrize("moment", MOMENTS)
def test_ballots_are_cast_in_the_voting_phase_only(moment):
    now = MOMENTS[moment]
    assert (Act.CAST_BALLOT in ALLOWED[phase_at([Window(Phase.VOTING)], now)]) == (OPENS <= now < CLOSES)


def test_where_one_phase_closes_the_next_has_opened():
    line = [Window(Phase.IDEAS), Window(Phase.ESTIMATES, CLOSES, CLOSES + timedelta(days=1))]
    assert [phase_at(line, now) for now in (CLOSES - TICK, CLOSES)] == [Phase.IDEAS, Phase.ESTIMATES]


@pytest.mark.parametrize(
    ("appointed", "scope", "covered"),
    [
        ({"service_id": CULTURE}, Scope(CULTURE), True),
        ({"service_id": CULTURE}, Scope(SPORTS), False),
        ({"service_id": CULTURE}, Scope(), False),
        ({"body_id": BOARD}, Scope(body_id=BOARD), True),
        ({"body_id": BOARD}, Scope(CULTURE), False),
        ({"body_id": CULTURE}, Scope(service_id=CULTURE), False),
        ({}, Scope(CULTURE), True),
        ({}, Scope(body_id=BOARD), True),
        ({"service_id": CULTURE, "ended_at": OPENS}, Scope(CULTURE), False),
        ({"ended_at": OPENS}, Scope(), False),
    ],
)
def test_an_appointment_covers_its_own_scope_until_it_ends(appointed, scope, covered):
    officer = Someone((Appointed(Role.OFFICER, **appointed),))
    found = refusal(officer, Act.EDIT_ROUND, scope, [], OPENS)
    assert (found is None) == covered
    assert covered or (isinstance(found, NotAllowed) and found.status == 403)


def test_rights_of_two_appointments_do_not_mix():
    both = Someone((Appointed(Role.CLERK, CULTURE), Appointed(Role.OFFICER, SPORTS)))
    assert acting_role(both, Act.EDIT_ROUND, Scope(CULTURE)) is None
    assert acting_role(both, Act.MANAGE_ROLL, Scope(CULTURE)) is Role.CLERK
    assert acting_role(both, Act.MANAGE_ROLL, Scope(SPORTS)) is Role.OFFICER


@pytest.mark.parametrize("act", Act)
def test_nobody_acts_signed_out(act):
    with pytest.raises(NotSignedIn) as refused:
        require(None, act, Scope(), [Window(Phase.VOTING)], now=OPENS)
    assert refused.value.status == 401


def test_the_auditor_reads_what_is_unpublished_and_does_nothing():
    auditor = somebody(Role.AUDITOR)
    assert reads_unpublished(auditor, Scope(CULTURE))
    assert MAY[Role.AUDITOR] == {Act.SEE_DESK, Act.SEE_AUDIT}
    assert acting_role(auditor, Act.MANAGE_PEOPLE, Scope()) is None


@pytest.mark.parametrize("role", Role)
def test_who_reads_what_is_unpublished(role):
    reads = {Role.OFFICER, Role.CLERK, Role.ESTIMATOR, Role.AUDITOR}
    assert reads_unpublished(somebody(role, service_id=CULTURE), Scope(CULTURE)) == (role in reads)
    assert not reads_unpublished(somebody(role, service_id=SPORTS), Scope(CULTURE))


def test_a_desk_is_for_those_in_office():
    assert has_desk(somebody(Role.COUNCILLOR, body_id=BOARD))
    assert not has_desk(Someone((Appointed(Role.OFFICER, ended_at=OPENS),)))
    assert not has_desk(somebody(Role.RESIDENT))
    assert not has_desk(None)
