"""What an outcome means for voters and areas, and several rules side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tally.election import Election
from tally.outcome import Outcome
from tally.profile import Profile, own_winners
from tally.rules import COMPARED, Unsupported, count


@dataclass(frozen=True, slots=True)
class Measures:
    """One outcome in numbers: `without_winner` voters named no winner, blank ballots included; `own_winners` is how
    many winners the voters named, all added up, to be divided by `voters`; `areas` gives each area's winners and
    the cents they cost, areas without a winner included.
    """

    outcome: Outcome
    voters: int
    without_winner: int
    own_winners: int
    areas: Mapping[str, tuple[int, int]]


def compare(election: Election, profile: Profile, names: Iterable[str] = COMPARED) -> dict[str, Measures]:
    """The same votes by each of the rules, by name; a rule that cannot count them is left out."""
    found = {}
    for name in names:
        try:
            found[name] = measure(election, profile, count(election, profile, name))
        except Unsupported:
            continue
    return found


def measure(election: Election, profile: Profile, outcome: Outcome) -> Measures:
    """What this outcome means for the voters and the areas."""
    own = own_winners(profile, outcome.winners)
    won = [project for project in election.projects if project.id in outcome.winners]
    number, cents = Counter(p.area for p in won), Counter[str]()
    for project in won:
        cents[project.area] += project.cost
    return Measures(
        outcome,
        profile.voters,
        int(profile.counts[own == 0].sum()),
        int((own * profile.counts).sum()),
        {area: (number[area], cents[area]) for area in sorted({p.area for p in election.projects})},
    )
