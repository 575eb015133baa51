"""The best affordable set, proven: no other is worth more, and of equally good ones it is the first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from time import monotonic

from tally.election import Election, ProjectId
from tally.greedy import votes_of
from tally.outcome import MICRO, Outcome, Step, Tie, Why
from tally.pareto import core_search, first_set
from tally.profile import Profile
from tally.relaxation import Group, Option

Votes = Mapping[ProjectId, int]


def knapsack(election: Election, profile: Profile, by_cost: bool = False, deadline: float = 20.0) -> Outcome:
    """The affordable set of projects with the most votes (points, where ballots give points), or votes × cost.

    Of equally good sets the first in the published order wins: the first project by which it differs from another is
    in it. So a project without votes is funded if it still fits. If a project lost that is in another best set, one
    tie names all that are in some best set but not in all of them. Part funding does not apply: a set has no last
    project.

    `deadline` in seconds. If it passes, or memory for the search runs out, before the first best set is proven, the
    best set found so far wins, no tie is named and `bound` is above `value` (even if it only stayed open which of the
    best sets is first; it is then above by 1). Raises ValueError on a vote for an unknown project. Source: the rules
    that maximise the number or the cost of the funded projects that each voter approves, Talmon & Faliszewski 2019,
    arXiv:1811.07691.
    """
    until = monotonic() + deadline
    votes = votes_of(election, profile)
    value = {p.id: votes[p.id] * p.cost if by_cost else votes[p.id] for p in election.projects}
    groups = _groups(election, votes, value)
    budget = min(election.budget, sum(max(group).cost for group in groups))
    search = core_search(groups, budget, until)
    possible = search.possible() if search.finished else []
    first = first_set(possible, budget, search.best, until) if search.finished else None
    winners = set(_ids(election, search.incumbent() if first is None else first))
    if first is None:
        winners |= set(_still_fitting(election, votes, winners))
    worth = sum(value[id_] for id_ in winners)
    tied = _ids(election, (option for group in possible if len(group) > 1 for option in group))
    decided = first is not None and not winners.issuperset(tied)
    steps = tuple(_steps(election, votes, winners))
    return Outcome(
        rule="knapsack/cost" if by_cost else "knapsack",
        winners=tuple(step.project for step in steps if step.funded),
        spent=sum(step.cost for step in steps if step.funded),
        ties=(Tie(tied, 1, decided),) if decided else (),
        steps=steps,
        value=worth,
        bound=max(search.bound, worth + 1) if first is None else worth,
    )


def _groups(election: Election, votes: Votes, value: Votes) -> list[Group]:
    """What can be chosen: of each group of projects that exclude each other, or of a project alone, one or none."""
    groups: dict[object, list[Option]] = {}
    for place, project in enumerate(election.projects):
        if votes[project.id] >= election.min_votes and project.cost <= election.budget:
            options = groups.setdefault(project.group or place, [])
            options.append(Option(project.cost, value[project.id], place))
    none = Option(0, 0, len(election.projects))
    return [(*options, none) for options in groups.values()]


def _ids(election: Election, options: Iterable[Option]) -> tuple[ProjectId, ...]:
    """The projects chosen by these options, in the published order."""
    ids = election.ids
    return tuple(ids[place] for place in sorted(option.place for option in options) if place < len(ids))


def _still_fitting(election: Election, votes: Votes, winners: Collection[ProjectId]) -> Iterator[ProjectId]:
    """The projects, in the published order, for which an unfinished search left money."""
    taken = {p.group for p in election.projects if p.id in winners and p.group}
    left = election.budget - sum(p.cost for p in election.projects if p.id in winners)
    for project in election.projects:
        allowed = votes[project.id] >= election.min_votes and project.group not in taken
        if project.id not in winners and allowed and project.cost <= left:
            yield project.id
            left -= project.cost
            taken |= {project.group} - {""}


def _steps(election: Election, votes: Votes, winners: Collection[ProjectId]) -> Iterator[Step]:
    """The winners in the published order, then the others, with what settled each."""
    taken = {p.group: p.id for p in election.projects if p.id in winners and p.group}
    left = election.budget
    for project in sorted(election.projects, key=lambda project: project.id not in winners):
        funded, vote, other = project.id in winners, votes[project.id], taken.get(project.group)
        price = MICRO * project.cost // vote if funded and vote else 0
        if funded:
            why, other = Why.FUNDED, None
        elif vote < election.min_votes:
            why, other = Why.FEW_VOTES, None
        else:
            why = Why.NOT_BEST if other is None else Why.CONFLICT
        yield Step(project.id, vote, project.cost, left, funded, why, other, price=price)
        left -= project.cost * funded
