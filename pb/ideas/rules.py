"""What holds for drafts, and to which service an idea is first given."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pb.ideas.models import Idea, Theme
from pb.keys import derive_id
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Appointed

DRAFT_AGE = timedelta(days=30)  # what nobody sends in this time is swept away
MOST_DRAFTS = 20  # of one person at a time
UNCLAIMED_AGE = timedelta(days=7)  # the same for drafts written signed out, until their owner saves or sends them
MOST_TO_ADDRESS = 5  # such drafts for one address at a time; they do not count among the person's own
MOST_UNCLAIMED = 1000  # such drafts of all
MOST_SIMILAR = 5
CONTENT = ("title", "description", "area_id", "place", "latitude", "longitude", "theme", "service_id")
LIKE_ENOUGH = 0.15  # likeness of two ideas' words; below it a service is not guessed


@dataclass(frozen=True)
class Anybody:
    """Somebody who is not signed in yet and may do what every resident may, once a mailed link is opened."""

    appointments: tuple[Appointed, ...] = ()


def kept_for(me: Person | None, submission: UUID) -> UUID:
    """What the pictures belong to that a form has brought, but which has to be mended before it is an idea."""
    return derive_id("form", f"{me.id if me else None}", f"{submission}")


def asked_name(idea: Idea) -> str:
    """The name a draft's writer typed, where it may become the author's: it never replaces one that is there."""
    return "" if idea.author is None or idea.author.name else idea.asked_name


def theme_names() -> dict[str, str]:
    """Every theme in the reader's language, in the order of lists."""
    return {
        Theme.ARTS: _("Arts and events"),
        Theme.SPORTS: _("Sports and outdoor life"),
        Theme.NATURE: _("Nature and parks"),
        Theme.PLAY: _("Play"),
        Theme.MEETING: _("Meeting others"),
        Theme.LEARNING: _("Learning"),
        Theme.STREETS: _("Streets and moving about"),
        Theme.OTHER: _("Something else"),
    }


def guess_service(likenesses: Iterable[tuple[UUID, float]], fallback: UUID) -> UUID:
    """The service whose published ideas are most like the new one, or `fallback`: the round's own.

    `likenesses`: of the few most similar ideas the service and the likeness, each from 0 up. A service's likenesses
    are added up (k nearest neighbours, weighted by distance: Dudani 1976, doi:10.1109/TSMC.1976.5408784), so that
    three ideas that are somewhat alike weigh more than one. Of equals the one met first wins.
    """
    weights: Counter[UUID] = Counter()
    for service_id, likeness in likenesses:
        weights[service_id] += likeness if likeness >= LIKE_ENOUGH else 0
    best = max(weights, key=lambda service: weights[service], default=fallback)
    return best if weights[best] > 0 else fallback
