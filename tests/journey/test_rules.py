"""An idea's way as steps, over what can become of it and over the phases of its round."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from pb.appeals.models import Against, AppealOutcome
from pb.delivery.models import DeliveryState
from pb.ideas.models import IdeaState
from pb.journey.rules import Asked, Facts, Step, way
from pb.permissions import Phase

DAY = timedelta(days=1)
START = datetime(2027, 1, 1, tzinfo=UTC)


def day(n: int) -> datetime:
    return START + n * DAY


@dataclass(frozen=True)
class Window:
    phase: Phase
    opens: datetime
    closes: datetime


WINDOWS = [
    Window(Phase.IDEAS, day(0), day(10)),
    Window(Phase.ESTIMATES, day(10), day(20)),
    Window(Phase.VOTING, day(21), day(30)),
    Window(Phase.RESULTS, day(31), day(60)),
]
SUBMITTED = Facts(IdeaState.SUBMITTED, day(1), windows=WINDOWS)
PUBLISHED = replace(SUBMITTED, state=IdeaState.PUBLISHED, decided_at=day(2))
REFUSED = replace(SUBMITTED, state=IdeaState.REFUSED, decided_at=day(2))
FEASIBLE = replace(PUBLISHED, estimate=(True, day(12)))
INFEASIBLE = replace(PUBLISHED, estimate=(False, day(12)))
CONFIRMED = replace(FEASIBLE, confirmed_at=day(20))
OPEN = Asked(Against.REFUSAL, day(2), day(3))
STANDS = replace(OPEN, outcome=AppealOutcome.STANDS, answered_at=day(5))
AGAIN = Asked(Against.ESTIMATE, day(12), day(13), AppealOutcome.CHANGED, day(14))
COUNTED = replace(CONFIRMED, published_at=day(32), chosen=True)


def told(steps: list[Step]) -> str:
    """Each step as its name with a sign: + past, - past with a no, > now, ? next, . the end, x the end with a no."""
    signs = {("past", True): "+", ("past", False): "-", ("end", True): ".", ("end", False): "x"}
    return " ".join(signs.get((s.mark, s.good), {"now": ">", "next": "?"}.get(s.mark, "")) + s.name for s in steps)


@pytest.mark.parametrize(
    ("facts", "today", "expected"),
    [
        (SUBMITTED, 2, "+idea >published ?estimate ?ballot ?voting ?result ?delivery"),
        (PUBLISHED, 3, "+idea +published >estimate ?ballot ?voting ?result ?delivery"),
        (REFUSED, 3, "+idea xrefused"),
        (replace(REFUSED, appeals=[OPEN]), 4, "+idea -refused >appeal"),
        (replace(REFUSED, appeals=[STANDS]), 6, "+idea -refused xappeal"),
        (
            replace(PUBLISHED, decided_at=day(5), appeals=[replace(STANDS, outcome=AppealOutcome.CHANGED)]),
            6,
            "+idea -refused +appeal +published >estimate ?ballot ?voting ?result ?delivery",
        ),
        (replace(PUBLISHED, state=IdeaState.MERGED, merged_at=day(4)), 5, "+idea +published .merged"),
        (FEASIBLE, 13, "+idea +published +estimate >ballot ?voting ?result ?delivery"),
        (INFEASIBLE, 13, "+idea +published xestimate"),
        (
            replace(INFEASIBLE, appeals=[replace(AGAIN, outcome=None, answered_at=None)]),
            13,
            "+idea +published -estimate >appeal",
        ),
        (
            replace(INFEASIBLE, appeals=[replace(AGAIN, outcome=AppealOutcome.STANDS)]),
            15,
            "+idea +published -estimate xappeal",
        ),
        (
            replace(INFEASIBLE, appeals=[AGAIN]),
            15,
            "+idea +published -estimate +appeal >estimate ?ballot ?voting ?result ?delivery",
        ),
        (
            replace(INFEASIBLE, appeals=[AGAIN], estimate=(False, day(16))),
            17,
            "+idea +published -estimate +appeal xestimate",
        ),
        (
            replace(FEASIBLE, appeals=[AGAIN], estimate=(True, day(16))),
            17,
            "+idea +published -estimate +appeal +estimate >ballot ?voting ?result ?delivery",
        ),
        (replace(PUBLISHED, confirmed_at=day(20)), 20, "+idea +published xestimate"),
        (CONFIRMED, 20, "+idea +published +estimate +ballot ?voting ?result ?delivery"),
        (CONFIRMED, 25, "+idea +published +estimate +ballot >voting ?result ?delivery"),
        (CONFIRMED, 30, "+idea +published +estimate +ballot +voting ?result ?delivery"),
        (CONFIRMED, 31, "+idea +published +estimate +ballot +voting >result ?delivery"),
        (replace(CONFIRMED, withdrawn=True), 25, "+idea +published +estimate +ballot xwithdrawn"),
        (COUNTED, 33, "+idea +published +estimate +ballot +voting +result >delivery"),
        (replace(COUNTED, chosen=False), 33, "+idea +published +estimate +ballot +voting xresult"),
        (
            replace(COUNTED, delivery=(DeliveryState.UNDER_WAY, day(40), day(90).date())),
            41,
            "+idea +published +estimate +ballot +voting +result >delivery",
        ),
        (
            replace(COUNTED, delivery=(DeliveryState.DONE, day(80), None)),
            81,
            "+idea +published +estimate +ballot +voting +result .delivery",
        ),
        (
            replace(COUNTED, delivery=(DeliveryState.STOPPED, day(80), None)),
            81,
            "+idea +published +estimate +ballot +voting +result xdelivery",
        ),
    ],
)
def test_the_way_of_an_idea(facts, today, expected):
    assert told(way(facts, day(today))) == expected


def test_each_step_says_when():
    by = {step.name: step for step in way(PUBLISHED, day(3))}
    assert (by["idea"].at, by["published"].at) == (day(1), day(2))
    assert by["estimate"].by == day(20)
    assert (by["voting"].starts, by["voting"].by) == (day(21), day(30))
    assert by["result"].starts == day(31)
    by = {
        step.name: step
        for step in way(replace(COUNTED, delivery=(DeliveryState.PLANNED, day(40), day(90).date())), day(41))
    }
    assert (by["ballot"].at, by["voting"].at, by["result"].at) == (day(20), day(30), day(32))
    assert by["delivery"].by == day(90).date()


def test_a_round_that_has_no_dates_yet_promises_none():
    steps = way(replace(PUBLISHED, windows=[]), day(3))
    assert told(steps) == "+idea +published >estimate ?ballot ?voting ?result ?delivery"
    assert all(step.by is None and step.starts is None for step in steps)
