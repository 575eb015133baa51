"""The votes as numbers: each distinct ballot once, with how many cast it, in flat arrays that numpy counts fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from tally.election import Election, ProjectId

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MOST_VOTES = 2**53  # sums below this are exact in the floats that numpy's bincount adds with


class Kind(StrEnum):
    """What a ballot says: which projects, how many points for each, or in which order."""

    APPROVAL = "approval"
    POINTS = "points"
    RANKED = "ranked"


@dataclass(frozen=True, eq=False)
class Profile:
    """All ballots: ballot `b` names the projects `ids[c]` for `c` in `choices[starts[b]:starts[b + 1]]`.

    `counts[b]` voters cast it. `points`, only of the kind POINTS, stands beside `choices`. A ranked ballot goes
    from most to least preferred. The empty ballot is a blank one. Build one with `of` or `counted`.
    """

    kind: Kind
    ids: tuple[ProjectId, ...]
    starts: Ints
    choices: Ints
    counts: Ints
    points: Ints | None = None

    @classmethod
    def of(cls, ballots: Iterable[Iterable[Any]], kind: Kind = Kind.APPROVAL) -> Profile:
        """Gather single ballots of project ids, or of (id, points) pairs for the kind POINTS."""
        tidy = ballots if kind is Kind.RANKED else map(sorted, ballots)
        return cls.counted(Counter(map(tuple, tidy)), kind)

    @classmethod
    def counted(cls, ballots: Mapping[tuple[Any, ...], int], kind: Kind = Kind.APPROVAL) -> Profile:
        """Each distinct ballot with how many voters cast it.

        Raises ValueError when a ballot names a project twice, was cast by fewer than one voter, or gives points
        below 0.
        """
        pairs = kind is Kind.POINTS
        flat = list(chain.from_iterable(ballots))
        named = [choice[0] for choice in flat] if pairs else flat
        ids = tuple(dict.fromkeys(named))
        place = {id_: number for number, id_ in enumerate(ids)}
        profile = cls(
            kind,
            ids,
            starts_of(np.fromiter(map(len, ballots), np.int64, len(ballots))),
            np.fromiter(map(place.__getitem__, named), np.int64, len(named)),
            np.fromiter(ballots.values(), np.int64, len(ballots)),
            np.array([choice[1] for choice in flat], dtype=np.int64) if pairs else None,
        )
        profile.check()
        return profile

    @property
    def voters(self) -> int:
        """How many ballots were cast, blank ones included."""
        return int(self.counts.sum())

    @cached_property
    def lengths(self) -> Ints:
        """How many projects each ballot names."""
        return np.diff(self.starts)

    @property
    def blank(self) -> int:
        """How many ballots named no project."""
        return int(self.counts[self.lengths == 0].sum())

    @cached_property
    def owners(self) -> Ints:
        """For each choice, the number of its ballot."""
        return np.repeat(np.arange(len(self.counts)), self.lengths)

    @cached_property
    def supporters(self) -> Ints:
        """For each project, how many voters named it, with at least a point where there are points."""
        return self._added_up(self.points > 0 if self.points is not None else np.True_)

    @cached_property
    def votes(self) -> Ints:
        """For each project, its votes: points where there are points, else the voters who named it."""
        return self._added_up(self.points if self.points is not None else np.True_)

    def _added_up(self, worth: Ints | Bools | np.bool_) -> Ints:
        weights = self.counts[self.owners] * np.multiply(worth, 1.0)  # floats: too many votes must not wrap around
        if np.abs(weights).sum() >= MOST_VOTES:
            raise ValueError("more votes than can be added exactly")
        return np.bincount(self.choices, weights, len(self.ids)).astype(np.int64)

    def __iter__(self) -> Iterator[tuple[tuple[Any, ...], int]]:
        """Each distinct ballot and its voters, in the shape that `counted` takes."""
        names: Sequence[Any] = [self.ids[c] for c in self.choices.tolist()]
        if self.points is not None:
            names = list(zip(names, self.points.tolist(), strict=True))
        starts = self.starts.tolist()
        for number, voters in enumerate(self.counts.tolist()):
            yield tuple(names[starts[number] : starts[number + 1]]), voters

    @property
    def ballots(self) -> dict[tuple[Any, ...], int]:
        """Each distinct ballot with how many cast it; unranked ones sorted, so that equal ones meet."""
        gathered: Counter[tuple[Any, ...]] = Counter()
        for ballot, voters in self:
            gathered[ballot if self.kind is Kind.RANKED else tuple(sorted(ballot))] += voters
        return dict(gathered)

    @cached_property
    def ordered(self) -> Ints:
        """The choices as `ballot * (len(ids) + 1) + project + 1`, each ballot's in the order of `ids`.

        So even a choice of -1, which is no project, is taken for no choice of another ballot.
        """
        return np.sort(self.owners * (len(self.ids) + 1) + self.choices + 1)

    @property
    def repeats(self) -> Bools:
        """Which ballots name a project twice."""
        pairs = self.ordered
        twice = np.zeros(len(self.counts), dtype=bool)
        twice[pairs[1:][pairs[1:] == pairs[:-1]] // (len(self.ids) + 1)] = True
        return twice

    def sums(self, values: Ints) -> Ints:
        """For each ballot the sum of `values`, which stand beside `choices`."""
        running = starts_of(values)
        sums: Ints = running[self.starts[1:]] - running[self.starts[:-1]]
        return sums

    def choices_of(self, ballots: Ints) -> Ints:
        """The places in `choices` of all that these ballots name, ballot by ballot."""
        starts, lengths = self.starts[ballots], self.lengths[ballots]
        before = np.cumsum(lengths) - lengths
        return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))

    def check(self) -> None:
        """Raise ValueError on what no voter can have cast."""
        if self.repeats.any():
            raise ValueError("a ballot names a project twice")
        if (self.counts < 1).any():
            raise ValueError("every ballot must have at least one voter")
        if self.points is not None and (self.points < 0).any():
            raise ValueError("points must not be below 0")

    def for_election(self, election: Election) -> Profile:
        """The same votes with `ids` as the election lists them. Raises ValueError on a vote for another project."""
        if self.ids == election.ids:
            return self
        place = {id_: number for number, id_ in enumerate(election.ids)}
        unknown = sorted(set(self.ids).difference(place))
        if unknown:
            raise ValueError(f"votes for unknown projects: {', '.join(unknown)}")
        moved = np.array([place[id_] for id_ in self.ids], dtype=np.int64)
        return Profile(self.kind, election.ids, self.starts, moved[self.choices], self.counts, self.points)

    def renamed(self, ids: tuple[ProjectId, ...]) -> Profile:
        """The same choices of other projects, place by place."""
        return replace(self, ids=ids)

    def only(self, ids: Iterable[ProjectId]) -> Profile:
        """The same voters with every choice crossed out that is not among `ids`."""
        kept = set(ids)
        mask = np.array([id_ in kept for id_ in self.ids], dtype=bool)[self.choices]
        left = np.bincount(self.owners[mask], minlength=len(self.counts))
        left_ids = tuple(id_ for id_ in self.ids if id_ in kept)
        place = {id_: number for number, id_ in enumerate(left_ids)}
        moved = np.array([place.get(id_, -1) for id_ in self.ids], dtype=np.int64)
        points = None if self.points is None else self.points[mask]
        return Profile(self.kind, left_ids, starts_of(left), moved[self.choices[mask]], self.counts, points)

    def plus(self, ballot: tuple[Any, ...], voters: int) -> Profile:
        """These votes and `voters` more ballots like this one, in the shape that `counted` takes."""
        more = Profile.counted({ballot: voters}, self.kind)
        ids = (*self.ids, *(id_ for id_ in more.ids if id_ not in self.ids))
        place = {id_: number for number, id_ in enumerate(ids)}
        added = np.array([place[id_] for id_ in more.ids], dtype=np.int64)[more.choices]
        return Profile(
            self.kind,
            ids,
            np.append(self.starts, self.starts[-1] + len(ballot)),
            np.concatenate([self.choices, added]),
            np.append(self.counts, voters),
            None if self.points is None or more.points is None else np.concatenate([self.points, more.points]),
        )


def starts_of(lengths: Sequence[int] | Ints) -> Ints:
    """Where each ballot's choices start, and at the end where the last one's are over."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def own_winners(profile: Profile, winners: Iterable[ProjectId]) -> Ints:
    """For each distinct ballot, how many of the winners it names (with at least a point)."""
    won = set(winners)
    winning = np.array([id_ in won for id_ in profile.ids], dtype=bool)[profile.choices]
    if profile.points is not None:
        winning &= profile.points > 0
    return np.bincount(profile.owners[winning], minlength=len(profile.counts))
