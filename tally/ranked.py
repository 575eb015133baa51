"""What the counts of ranked ballots share: papers that are passed on, and the steps that tell how it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from tally.election import Election, ProjectId
from tally.outcome import Round, Step, Why
from tally.profile import Ints, Kind, Profile

MOST_BALLOTS = 9 * 10**8  # 10**5 parts of 10**5 parts of so many votes still fit in 64 bits
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Papers:
    """The ballots that name someone: paper `p` names `choices[starts[p]:]` in turn, until it names `nobody`.

    `counts[p]` voters cast it. Projects are numbers, places in the election; `nobody` is the number after the last,
    so that every paper ends at a choice that can always take it.
    """

    choices: Ints
    starts: Ints
    counts: Ints
    nobody: int

    @property
    def total(self) -> int:
        """How many ballots name someone."""
        return int(self.counts.sum())

    def open_to(self, projects: Iterable[int]) -> Mask:
        """For each project, and nobody, whether it can take papers: only these and nobody can."""
        mask = np.zeros(self.nobody + 1, bool)
        mask[[*projects, self.nobody]] = True
        return mask

    def first(self, places: Ints, can_take: Mask) -> Ints:
        """For papers read from these places in `choices`, the places of the first choice that can take them."""
        places = places.copy()
        waiting = np.flatnonzero(~can_take[self.choices[places]])
        while len(waiting):
            places[waiting] += 1
            waiting = waiting[~can_take[self.choices[places[waiting]]]]
        return places

    def added_up(self, places: Ints, worth: Ints) -> Ints:
        """For each project, and nobody, what the papers at these places in `choices` are worth together."""
        return np.bincount(self.choices[places], worth, self.nobody + 1).astype(np.int64)


def papers_of(election: Election, profile: Profile, rule: str) -> Papers:
    """The papers of a ranked profile.

    Raises ValueError, in the rule's name, on ballots without an order, on a minimum of votes, which no ranked count
    can honour, on a vote for an unknown project, and on more than MOST_BALLOTS ballots.
    """
    if profile.kind is not Kind.RANKED:
        raise ValueError(f"it needs ranked ballots, and these are {profile.kind}")
    if election.min_votes:
        raise ValueError("it knows no minimum of votes")
    profile = profile.for_election(election)
    if profile.voters > MOST_BALLOTS:
        raise ValueError("more ballots than can be counted exactly")
    nobody, named = len(election.projects), profile.lengths > 0
    starts = profile.starts[:-1] + np.arange(len(profile.counts))
    choices = np.insert(profile.choices, profile.starts[1:], nobody)
    return Papers(choices, starts[named], profile.counts[named], nobody)


def steps_of(election: Election, rounds: tuple[Round, ...]) -> Iterator[Step]:
    """The winners in order, then who was still in at the end, then the others from the last dropped to the first.

    Each with its votes in the round when it was elected or dropped, or at the end.
    """
    won = {project: dict(round_.votes)[project] for round_ in rounds for project in round_.elected}
    out = {r.eliminated: dict(r.votes)[r.eliminated] for r in reversed(rounds) if r.eliminated is not None}
    at_end = sorted(rounds[-1].votes, key=lambda pair: -pair[1])
    still_in = [(project, votes) for project, votes in at_end if project not in won and project not in out]
    costs, left = {project.id: project.cost for project in election.projects}, election.budget
    for project, votes in chain(won.items(), still_in, out.items()):
        funded = project in won
        yield Step(project, votes, costs[project], left, funded, Why.FUNDED if funded else Why.OUT)
        left -= costs[project] if funded else 0


def winners_of(rounds: Iterable[Round]) -> tuple[ProjectId, ...]:
    """Those elected, in order."""
    return tuple(project for round_ in rounds for project in round_.elected)
