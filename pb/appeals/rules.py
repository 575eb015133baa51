"""Which decision can be appealed against, and until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from pb.appeals.models import Against
from pb.ideas.models import IdeaState
from pb.language import gettext as _
from pb.language import show_moment

TIME = timedelta(days=21)
"""How long a decision can be appealed against.

The Finnish Local Government Act (410/2015, chapter 16) gives fourteen days for a claim for a revised decision, and
seven more until residents are taken to know of it. An appeal here is not that claim, but is open as long.
"""


@dataclass(frozen=True)
class Decision:
    """What can be appealed against, and the moment it was made."""

    against: Against
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + TIME


def find_decision(
    state: IdeaState, decided_at: datetime | None, estimate: tuple[bool, datetime] | None
) -> Decision | None:
    """The decision on an idea that its authors may not agree with; `estimate` is the newest: feasible or not, when."""
    if state is IdeaState.REFUSED and decided_at is not None:
        return Decision(Against.REFUSAL, decided_at)
    if state is IdeaState.PUBLISHED and estimate is not None and not estimate[0]:
        return Decision(Against.ESTIMATE, estimate[1])
    return None


def why_closed(decision: Decision | None, appealed: Collection[datetime], confirmed: bool, now: datetime) -> str | None:
    """Why there can be no appeal now, or None. `appealed`: the decisions appealed against before, by their time."""
    if decision is None:
        return _("There is no decision on this idea to appeal against.")
    if decision.at in appealed:
        return _("There has been an appeal against this decision already. There can be one.")
    if now >= decision.until:
        return _("The time for an appeal ended on %(at)s.") % {"at": show_moment(decision.until)}
    if confirmed:
        return _(
            "The ballot is confirmed, so an appeal can change nothing any more. Propose the idea in the next round."
        )
    return None
