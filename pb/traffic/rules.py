"""What of an hour's traffic is unusual, by rules simple enough to stand on the page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median_low
from string import ascii_uppercase

SOURCE_VOTES = 20  # in an hour from one source: more than a household has; a library or a school may have them
PEAK_TIMES = 10  # times the middle hour: a letter or the news bring a few times as many votes, seldom ten
PEAK_VOTES = 50  # in an hour with fewer, ten times the middle is chance
WRONG_TRIES = 50  # in an hour: people mistype and try again, but seldom so many in one hour


@dataclass(frozen=True)
class Hour:
    """One hour's traffic from all sources; `most` is the largest number of votes from one of them."""

    start: datetime
    casts: int
    changed: int
    wrong: int
    locked_out: int
    most: int

    @property
    def votes(self) -> int:
        return self.casts + self.changed

    @property
    def tries(self) -> int:
        """Codes that did not let anybody in."""
        return self.wrong + self.locked_out


@dataclass(frozen=True)
class Busy:
    """An hour in which one source had SOURCE_VOTES or more."""

    start: datetime
    source: bytes
    votes: int


class Unusual(StrEnum):
    SOURCE = "many votes from one source"
    PEAK = "many votes in an hour"
    TRIES = "many wrong codes in an hour"


@dataclass(frozen=True)
class Note:
    """How many hours were unusual in one way, and the one with the most; `source` is a letter, or empty for all."""

    what: Unusual
    hours: int
    most: int
    start: datetime
    source: str = ""


def middle_votes(hours: Sequence[Hour]) -> int:
    """At least half of the hours in which anybody voted had this many votes or fewer; 0 without votes."""
    voted = [hour.votes for hour in hours if hour.votes]
    return median_low(voted) if voted else 0


def unusual(hours: Sequence[Hour], busy: Iterable[Busy]) -> list[Note]:
    """What is worth a look, a note for each kind and each source; the earliest of equal hours is named."""
    middle = middle_votes(hours)
    peaks = [(h.votes, h.start) for h in hours if h.votes >= max(PEAK_VOTES, PEAK_TIMES * middle)]
    tries = [(h.tries, h.start) for h in hours if h.tries >= WRONG_TRIES]
    found = [note(what, most) for what, most in ((Unusual.PEAK, peaks), (Unusual.TRIES, tries)) if most]
    return found + busy_sources(busy)


def busy_sources(busy: Iterable[Busy]) -> list[Note]:
    """A note for each source, the busiest first. The letters hold for this list only."""
    of_source = defaultdict(list)
    for hour in busy:
        of_source[hour.source].append((hour.votes, hour.start))
    ordered = sorted(of_source.values(), key=lambda own: (-max(votes for votes, _ in own), min(at for _, at in own)))
    return [note(Unusual.SOURCE, own, letter(n)) for n, own in enumerate(ordered)]


def note(what: Unusual, found: Sequence[tuple[int, datetime]], source: str = "") -> Note:
    most, start = min(found, key=lambda hour: (-hour[0], hour[1]))
    return Note(what, len(found), most, start, source)


def letter(n: int) -> str:
    """A for 0, Z for 25, then AA."""
    return (letter(n // 26 - 1) if n >= 26 else "") + ascii_uppercase[n % 26]
