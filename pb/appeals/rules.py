"""Which decision can be appealed against, and until when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pb.appeals.models import Against
from pb.estimates.models import Estimate
from pb.ideas.models import Idea, IdeaState
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


def find_decision(idea: Idea, estimates: Sequence[Estimate]) -> Decision | None:
    """The decision on an idea that its authors may not agree with; `estimates` of it, the newest first."""
    if idea.state is IdeaState.REFUSED and idea.decided_at is not None:
        return Decision(Against.REFUSAL, idea.decided_at)
    if idea.state is IdeaState.PUBLISHED and estimates and not estimates[0].feasible:
        return Decision(Against.ESTIMATE, estimates[0].at)
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
