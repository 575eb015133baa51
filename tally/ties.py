"""Whether the published order of equals decided who won, for rules that have no shortcut: count again and see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from tally.election import Election, Project, ProjectId

Winners = object  # whatever two counts are compared by
MOST_SWAPPED = 4  # up to so many equals every order is tried


def decides(
    election: Election, group: Sequence[ProjectId], winners: Winners, count: Callable[[Election], Winners]
) -> bool:
    """Whether another order of `group`, the others in their published places, gives other winners.

    Of more than MOST_SWAPPED equals only the orders that put one of them first or last are tried, so that True is
    always shown and False may mean that nothing was found.
    """
    return any(count(replace(election, projects=order)) != winners for order in _orders(election.projects, group))


def _orders(projects: tuple[Project, ...], group: Sequence[ProjectId]) -> Iterator[tuple[Project, ...]]:
    places = [place for place, project in enumerate(projects) if project.id in set(group)]
    for order in _arranged([projects[place] for place in places]):
        other = list(projects)
        for place, project in zip(places, order, strict=True):
            other[place] = project
        yield tuple(other)


def _arranged(group: list[Project]) -> Iterator[Sequence[Project]]:
    if len(group) <= MOST_SWAPPED:
        yield from list(permutations(group))[1:]
        return
    for number, project in enumerate(group):
        rest = group[:number] + group[number + 1 :]
        yield [project, *rest]
        yield [*rest, project]
