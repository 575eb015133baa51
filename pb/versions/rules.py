"""When an idea's words may change, and what changed in them."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Literal

from pb.ideas.models import Idea, IdeaState
from pb.language import gettext as _
from pb.permissions import ALLOWED, Act, phase_at
from pb.translation import plain

CHANGING = (IdeaState.SUBMITTED, IdeaState.PUBLISHED)
MOST_CO_AUTHORS = 5
MOST_SHOWN = 30  # changes on one page, the newest

Piece = tuple[Literal["same", "gone", "new"], str]


def why_closed(idea: Idea, estimated: bool, now: datetime) -> str | None:
    """Why nobody can change the words of this idea now, or None. It is loaded with its round."""
    if idea.state not in CHANGING:
        return _("Only an idea that is published, or waits for it, can be changed.")
    if estimated:
        return _("The city has estimated this idea. Its words stay as they are, so that the estimate fits them.")
    if Act.EDIT_IDEA not in ALLOWED[phase_at(idea.round.windows, now)]:
        return _("An idea can be changed while the round takes ideas or estimates. That is not now.")
    return None


def why_no_joining(idea: Idea, estimated: bool, now: datetime) -> str | None:
    """Why nobody new can write this idea with its authors now, or None. It is loaded with its round."""
    if idea.is_hidden:
        return _("Staff have hidden this idea. Nobody can join it now.")
    return why_closed(idea, estimated, now)


def compare(before: str, after: str) -> list[Piece]:
    """`before` and `after` as one text: the words that stayed, those that are gone, and those that are new."""
    old, new = split(before), split(after)
    marked: list[Piece] = []
    i = j = 0
    for k, m in [*align(old, new), (len(old), len(new))]:
        marked += [("gone", word) for word in old[i:k]]
        marked += [("new", word) for word in new[j:m]]
        marked += [("same", word) for word in old[k : k + 1]]
        i, j = k + 1, m + 1
    return [(kind, "".join(word for _kind, word in run)) for kind, run in groupby(marked, key=itemgetter(0))]


def align(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places, in both texts ever further on, of the words that stayed, in about as many steps as there are words.

    A word that each text has once stayed, and so did equal neighbours of words that stayed (Heckel, "A technique for
    isolating differences between files", CACM 21(4), 1978, doi:10.1145/359460.359467). The steps are few whatever
    the texts: anybody can write them, and the page compares many.
    """
    pairs: list[tuple[int, int]] = []
    i = j = 0
    for k, m in [*anchors(old, new), (len(old), len(new))]:
        most = min(k - i, m - j)
        head = next((n for n in range(most) if old[i + n] != new[j + n]), most)
        rest = most - head
        tail = next((n for n in range(rest) if old[k - 1 - n] != new[m - 1 - n]), rest)
        pairs += [(i + n, j + n) for n in range(head)]
        pairs += [(k - n, m - n) for n in range(tail, 0, -1)]
        pairs += [(k, m)] if k < len(old) else []
        i, j = k + 1, m + 1
    return pairs


def anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the words that each text has once: of them the most that stand in one order in both.

    The longest increasing run: Schensted 1961, doi:10.4153/CJM-1961-015-3.
    """
    often_old, often_new, place = Counter(old), Counter(new), {word: m for m, word in enumerate(new)}
    found = [(k, place[word]) for k, word in enumerate(old) if often_old[word] == often_new[word] == 1]
    ends: list[int] = []  # for each length the least place in `new` that a run so long ends in
    last: list[int] = []  # and which of `found` that is
    before: list[int | None] = []
    for at, (_k, m) in enumerate(found):
        length = bisect_left(ends, m)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1], last[length : length + 1] = [m], [at]
    kept, step = [], last[-1] if last else None
    while step is not None:
        kept.append(found[step])
        step = before[step]
    return kept[::-1]


def split(text: str) -> list[str]:
    """The words, each with the space after it; a form's line ends are made plain ones."""
    return re.findall(r"\S+\s*|\s+", plain(text))
