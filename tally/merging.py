"""Equal ballots gathered into one, so that memory and time grow with the distinct ballots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tally.profile import Bools, Ints, Kind, Profile, starts_of

FEW = 1 << 23  # choices that may wait before they are merged


class Gathering:
    """Takes parts of one vote, all with the same `ids`, and gathers equal ballots every now and then."""

    def __init__(self, kind: Kind, ids: tuple[str, ...]) -> None:
        self._whole = Profile.counted({}, kind).renamed(ids)
        self._waiting: list[Profile] = []

    def add(self, part: Profile) -> None:
        """Take a part; merge when what waits is as much as what is merged."""
        self._waiting.append(tidied(part))
        if sum(len(p.choices) for p in self._waiting) > max(FEW, len(self._whole.choices)):
            self.gathered()

    def gathered(self) -> Profile:
        """All parts so far as one profile."""
        if self._waiting:
            self._whole = merged(joined([self._whole, *self._waiting]))
            self._waiting = []
        return self._whole


def joined(profiles: Sequence[Profile]) -> Profile:
    """Profiles with the same `ids`, one after the other."""
    first = profiles[0]
    points = [profile.points for profile in profiles if profile.points is not None]
    return Profile(
        first.kind,
        first.ids,
        starts_of(np.concatenate([profile.lengths for profile in profiles])),
        np.concatenate([profile.choices for profile in profiles]),
        np.concatenate([profile.counts for profile in profiles]),
        np.concatenate(points) if points else None,
    )


def merged(tidy: Profile) -> Profile:
    """The same votes with equal ballots gathered; unranked ones must have their choices in the order of `ids`.

    A hash tells which ballots may be equal; they are merged only when they really are.
    """
    hashes = _hashes(tidy)
    order = np.argsort(hashes)
    ordered = hashes[order]
    starts = np.concatenate([np.ones(1, bool), ordered[1:] != ordered[:-1]])[: len(order)]
    models = order[starts][np.cumsum(starts) - 1]
    other = np.flatnonzero(models != order)
    odd = other[~_equal(tidy, order[other], models[other])]
    models[odd] = order[odd]
    counts = np.bincount(models, tidy.counts[order], len(order)).astype(np.int64)
    kept = np.flatnonzero(counts)
    places = tidy.choices_of(kept)
    points = None if tidy.points is None else tidy.points[places]
    return Profile(tidy.kind, tidy.ids, starts_of(tidy.lengths[kept]), tidy.choices[places], counts[kept], points)


def tidied(profile: Profile) -> Profile:
    """The same ballots, unranked ones with their choices in the order of `ids`."""
    if profile.kind is Kind.RANKED:
        return profile
    before = profile.owners * (len(profile.ids) + 1) + 1
    if profile.points is None:
        return replace(profile, choices=profile.ordered - before)
    order = np.argsort(before + profile.choices)
    return replace(profile, choices=profile.choices[order], points=profile.points[order])


def _hashes(profile: Profile) -> Ints:
    random = np.random.default_rng(0)
    worth = random.integers(1 << 63, size=len(profile.ids), dtype=np.uint64)[profile.choices]
    if profile.kind is Kind.RANKED:
        ranks = np.arange(len(worth)) - profile.starts[profile.owners]
        worth = worth * (2 * ranks + 1).astype(np.uint64)
    if profile.points is not None:
        worth = worth * (2 * profile.points + 1).astype(np.uint64)
    return profile.sums(worth.view(np.int64))


def _equal(profile: Profile, some: Ints, others: Ints) -> Bools:
    """Whether each ballot of `some` says the same as the one of `others` beside it."""
    equal: Bools = profile.lengths[some] == profile.lengths[others]
    left, right = profile.choices_of(some[equal]), profile.choices_of(others[equal])
    differ = profile.choices[left] != profile.choices[right]
    if profile.points is not None:
        differ |= profile.points[left] != profile.points[right]
    owners = np.repeat(np.flatnonzero(equal), profile.lengths[some[equal]])
    equal[owners[differ]] = False
    return equal
