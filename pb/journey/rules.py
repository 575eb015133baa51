"""An idea's way from its first words to what was built, as steps: what was, what is now, what comes and by when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pb.appeals.models import Against, AppealOutcome
from pb.delivery.models import DeliveryState
from pb.ideas.models import IdeaState
from pb.permissions import Phase, Window


class Name(StrEnum):
    IDEA = "idea"
    REFUSED = "refused"
    APPEAL = "appeal"
    PUBLISHED = "published"
    MERGED = "merged"
    ESTIMATE = "estimate"
    BALLOT = "ballot"
    WITHDRAWN = "withdrawn"
    VOTING = "voting"
    RESULT = "result"
    DELIVERY = "delivery"


class Mark(StrEnum):
    PAST = "past"
    NOW = "now"
    NEXT = "next"
    END = "end"  # past, and nothing comes after it


@dataclass(frozen=True)
class Step:
    """One step. `at`: when it was taken; `starts`: when it begins; `by`: when it is ready; not `good`: a no."""

    name: Name
    mark: Mark
    at: datetime | None = None
    starts: datetime | None = None
    by: datetime | date | None = None
    good: bool = True


@dataclass(frozen=True)
class Asked:
    """An appeal, as far as the way tells of it."""

    against: Against
    decided_at: datetime
    at: datetime
    outcome: AppealOutcome | None = None
    answered_at: datetime | None = None

    @property
    def good(self) -> bool:
        return self.outcome is not AppealOutcome.STANDS


@dataclass(frozen=True)
class Facts:
    """What is known of an idea. `estimate` is the newest one: feasible, when; `chosen` is None until it is public."""

    state: IdeaState
    submitted_at: datetime
    decided_at: datetime | None = None
    merged_at: datetime | None = None
    appeals: Sequence[Asked] = ()
    estimate: tuple[bool, datetime] | None = None
    confirmed_at: datetime | None = None
    withdrawn: bool = False
    published_at: datetime | None = None
    chosen: bool | None = None
    delivery: tuple[DeliveryState, datetime, date | None] | None = None
    windows: Sequence[Window] = field(default_factory=list)

    def window(self, phase: Phase) -> Window | None:
        return next((w for w in self.windows if w.phase is phase), None)

    def closes(self, phase: Phase) -> datetime | None:
        window = self.window(phase)
        return window.closes if window else None


REST = (Name.ESTIMATE, Name.BALLOT, Name.VOTING, Name.RESULT, Name.DELIVERY)


def way(facts: Facts, now: datetime) -> list[Step]:
    """The steps in order. Whoever waits for something sees who is to do it and by when."""
    route = [Step(Name.IDEA, Mark.PAST, facts.submitted_at), *appealed(facts, Against.REFUSAL)]
    if facts.state is IdeaState.REFUSED:
        return ended(route, Step(Name.REFUSED, Mark.END, facts.decided_at, good=False))
    if facts.state in (IdeaState.DRAFT, IdeaState.SUBMITTED):
        by = facts.closes(Phase.ESTIMATES)
        return [*route, Step(Name.PUBLISHED, Mark.NOW, by=by), *(coming(facts, name, now) for name in REST)]
    route.append(Step(Name.PUBLISHED, Mark.PAST, facts.decided_at))
    if facts.state is IdeaState.MERGED:
        return [*route, Step(Name.MERGED, Mark.END, facts.merged_at)]
    return estimated(facts, [*route, *appealed(facts, Against.ESTIMATE)], now)


def appealed(facts: Facts, against: Against) -> list[Step]:
    """Each decision of this kind that was appealed against, and the appeal."""
    name = Name.REFUSED if against is Against.REFUSAL else Name.ESTIMATE
    found = []
    for asked in (a for a in facts.appeals if a.against is against):
        mark = Mark.PAST if asked.answered_at else Mark.NOW
        found.append(Step(name, Mark.PAST, asked.decided_at, good=False))
        found.append(Step(Name.APPEAL, mark, asked.answered_at or asked.at, good=asked.good))
    return found


def ended(route: list[Step], end: Step) -> list[Step]:
    """The way ends with `end`, unless that was appealed against: then with the appeal, once it is answered."""
    if not any(step.name is end.name and step.at == end.at for step in route):
        return [*route, end]
    last = route[-1]
    return [*route[:-1], Step(last.name, Mark.END, last.at, good=last.good)] if last.mark is Mark.PAST else route


def estimated(facts: Facts, route: list[Step], now: datetime) -> list[Step]:
    last = route[-1]
    again = last.name is Name.APPEAL and last.good and facts.estimate is not None and facts.estimate[1] < last.at
    if facts.estimate is None or (again and last.mark is Mark.PAST):
        if facts.confirmed_at is not None:  # nobody estimated it in time
            return [*route, Step(Name.ESTIMATE, Mark.END, good=False)]
        step = Step(Name.ESTIMATE, Mark.NOW, by=facts.closes(Phase.ESTIMATES))
        return [*route, step, *(coming(facts, name, now) for name in REST[1:])]
    feasible, at = facts.estimate
    if not feasible:
        return ended(route, Step(Name.ESTIMATE, Mark.END, at, good=False))
    return on_ballot(facts, [*route, Step(Name.ESTIMATE, Mark.PAST, at)], now)


def on_ballot(facts: Facts, route: list[Step], now: datetime) -> list[Step]:
    if facts.confirmed_at is None:
        voting = facts.window(Phase.VOTING)
        step = Step(Name.BALLOT, Mark.NOW, by=voting.opens if voting else None)
        return [*route, step, *(coming(facts, name, now) for name in REST[2:])]
    route.append(Step(Name.BALLOT, Mark.PAST, facts.confirmed_at))
    if facts.withdrawn:
        return [*route, Step(Name.WITHDRAWN, Mark.END, good=False)]
    route.append(coming(facts, Name.VOTING, now))
    if facts.published_at is None:
        return [*route, coming(facts, Name.RESULT, now), coming(facts, Name.DELIVERY, now)]
    if not facts.chosen:
        return [*route, Step(Name.RESULT, Mark.END, facts.published_at, good=False)]
    return [*route, Step(Name.RESULT, Mark.PAST, facts.published_at), delivered(facts)]


def coming(facts: Facts, name: Name, now: datetime) -> Step:
    """A step that only the calendar tells of."""
    phase = {Name.ESTIMATE: Phase.ESTIMATES, Name.VOTING: Phase.VOTING, Name.RESULT: Phase.RESULTS}.get(name)
    window = facts.window(phase) if phase else None
    if window is None:
        return Step(name, Mark.NEXT)
    if name is Name.ESTIMATE or window.opens > now:
        return Step(name, Mark.NEXT, starts=window.opens, by=window.closes)
    if name is Name.VOTING and window.closes <= now:
        return Step(name, Mark.PAST, window.closes)
    return Step(name, Mark.NOW, starts=window.opens, by=window.closes)


def delivered(facts: Facts) -> Step:
    """What the newest note says; without one the work is still ahead."""
    if facts.delivery is None:
        return Step(Name.DELIVERY, Mark.NOW)
    state, at, due = facts.delivery
    if state is DeliveryState.DONE:
        return Step(Name.DELIVERY, Mark.END, at)
    if state is DeliveryState.STOPPED:
        return Step(Name.DELIVERY, Mark.END, at, good=False)
    return Step(Name.DELIVERY, Mark.NOW, at, by=due)
