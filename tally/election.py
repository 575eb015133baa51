"""The nouns of an election: what is voted on, with how much money, under which terms; frozen, in whole cents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

ProjectId = str


@dataclass(frozen=True, slots=True)
class Project:
    """Something that can be funded, or a candidate; `cost` in cents. Of projects in one `group` at most one wins."""

    id: ProjectId
    cost: int
    title: str = ""
    area: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Election:
    """The projects of one ballot, the money for them in cents, and the terms that hold under every rule.

    The order of `projects` is the published tie order: of equals, the one named first goes first. A project with
    fewer than `min_votes` votes (points, where ballots give points) cannot win. With `part_funding` the first
    project that does not fit gets what money is left. `max_length` is how many choices a ballot could name, None
    for all. Raises ValueError when an id repeats, a cost is not above 0, or a number is below 0.
    """

    projects: tuple[Project, ...]
    budget: int
    min_votes: int = 0
    part_funding: bool = False
    max_length: int | None = None

    def __post_init__(self) -> None:
        """Refuse an election that no rule could count."""
        if len(set(self.ids)) != len(self.projects):
            raise ValueError("every project needs an id of its own")
        for project in self.projects:
            if project.cost <= 0:
                raise ValueError(f"project {project.id!r} must cost more than 0")
        if self.budget < 0 or self.min_votes < 0:
            raise ValueError("the budget and the minimum of votes must not be below 0")

    @classmethod
    def for_seats(cls, titles: Iterable[str], seats: int) -> Election:
        """A body's own election: candidates numbered from 1, each taking one of the seats."""
        candidates = tuple(Project(str(n), 1, title) for n, title in enumerate(titles, start=1))
        return cls(candidates, seats)

    @property
    def ids(self) -> tuple[ProjectId, ...]:
        """The project ids in the published order."""
        return tuple(project.id for project in self.projects)

    @property
    def seats(self) -> int | None:
        """How many can win when all cost the same; None when they do not."""
        costs = {project.cost for project in self.projects}
        return min(self.budget // costs.pop(), len(self.projects)) if len(costs) == 1 else None

    @property
    def is_for_seats(self) -> bool:
        """Whether it is a body's own election, as `for_seats` makes it, and not about money."""
        return {project.cost for project in self.projects} == {1}

    @property
    def has_groups(self) -> bool:
        """Whether some projects exclude each other."""
        return any(project.group for project in self.projects)

    def without(self, gone: Collection[ProjectId]) -> Election:
        """The election without these projects."""
        return replace(self, projects=tuple(p for p in self.projects if p.id not in gone))

    def at_costs(self, costs: Mapping[ProjectId, int]) -> Election:
        """The election with other costs, in cents, for the projects named."""
        return replace(self, projects=tuple(replace(p, cost=costs.get(p.id, p.cost)) for p in self.projects))
