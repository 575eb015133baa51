"""Best first, as most cities count: most votes, or most votes for the money; skip what does not fit, or stop there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from tally.election import Election, Project, ProjectId
from tally.outcome import MICRO, Outcome, Step, Tie, Why
from tally.profile import Profile
from tally.ties import decides

Keys = Mapping[ProjectId, Fraction | int]  # the higher goes first


def greedy(election: Election, profile: Profile, name: str = "greedy") -> Outcome:
    """Fund projects from most to fewest votes (points, where ballots give points), skipping any that does not fit.

    Equal votes follow the published order. A project without votes comes last and is funded if it still fits, so
    that no money stays unused while a project fits, unless the election sets a minimum of votes. Raises ValueError
    on a vote for an unknown project. Source: Talmon & Faliszewski 2019, arXiv:1811.07691.
    """
    votes = votes_of(election, profile)
    return _outcome(name, election, votes, votes)


def threshold(election: Election, profile: Profile) -> Outcome:
    """Greedy among the projects with the election's minimum of votes. Raises ValueError when it sets none."""
    if not election.min_votes:
        raise ValueError("it needs a minimum of votes")
    return greedy(election, profile, "threshold")


def no_skip(election: Election, profile: Profile) -> Outcome:
    """Fund projects from most to fewest votes and stop at the first that does not fit (Wrocław)."""
    votes = votes_of(election, profile)
    return _outcome("no-skip", election, votes, votes, stops=True)


def per_euro(election: Election, profile: Profile) -> Outcome:
    """Fund projects from most to fewest votes for each cent of cost, skipping any that does not fit.

    Source: the greedy approximation of the knapsack, Dantzig 1957; in participatory budgeting Talmon & Faliszewski
    2019. Exact: votes and costs are compared as fractions.
    """
    votes = votes_of(election, profile)
    return _outcome("per-euro", election, votes, {p.id: Fraction(votes[p.id], p.cost) for p in election.projects})


def votes_of(election: Election, profile: Profile) -> dict[ProjectId, int]:
    """Each project's votes, or points; 0 for one that nobody named. Raises ValueError on an unknown project."""
    return dict(zip(election.ids, profile.for_election(election).votes.tolist(), strict=True))


def _outcome(name: str, election: Election, votes: Mapping[ProjectId, int], keys: Keys, stops: bool = False) -> Outcome:
    steps = tuple(fund(election, votes, best_first(election, keys), election.budget, stops=stops))

    def winners(other: Election) -> object:
        again = fund(other, votes, best_first(other, keys), other.budget, stops=stops)
        return {(step.project, step.why) for step in again if step.funded or step.why is Why.PART}

    return Outcome(
        rule=name,
        winners=tuple(step.project for step in steps if step.funded),
        spent=spent(steps),
        ties=tuple(_ties(election, keys, steps, winners, stops)),
        steps=steps,
        part=next(((step.project, step.left) for step in steps if step.why is Why.PART), None),
    )


def best_first(election: Election, keys: Keys) -> list[Project]:
    """The projects with the highest key first; equals stay in the published order."""
    return sorted(election.projects, key=lambda project: keys[project.id], reverse=True)


def spent(steps: Sequence[Step]) -> int:
    """The cents that went to the funded projects, and to the one funded in part."""
    return sum(step.cost for step in steps if step.funded) + sum(s.left for s in steps if s.why is Why.PART)


def fund(
    election: Election,
    votes: Mapping[ProjectId, int],
    order: Sequence[Project],
    left: int,
    taken: Mapping[str, ProjectId] | None = None,
    stops: bool = False,
) -> Iterator[Step]:
    """Each project of `order` at its turn, with `left` cents and the groups `taken` by earlier winners."""
    groups, ended = dict(taken or {}), ""
    for project in order:
        why, other = _fate(election, project, votes[project.id], left, groups, ended)
        if why is Why.TOO_DEAR and election.part_funding and left:
            why = Why.PART
        funded = why is Why.FUNDED
        price = MICRO * project.cost // votes[project.id] if funded and votes[project.id] else 0
        yield Step(project.id, votes[project.id], project.cost, left, funded, why, other, price=price)
        left = 0 if why is Why.PART else left - project.cost if funded else left
        if funded and project.group:
            groups[project.group] = project.id
        if (why is Why.TOO_DEAR and stops) or why is Why.PART:
            ended = ended or project.id


def _fate(
    election: Election, project: Project, votes: int, left: int, groups: Mapping[str, ProjectId], ended: ProjectId
) -> tuple[Why, ProjectId | None]:
    """What settles the project now, and the other project it depends on."""
    if votes < election.min_votes:
        return Why.FEW_VOTES, None
    if project.group and project.group in groups:
        return Why.CONFLICT, groups[project.group]
    if ended:
        return Why.STOPPED, ended
    return (Why.TOO_DEAR if project.cost > left else Why.FUNDED), None


def _ties(
    election: Election, keys: Keys, steps: tuple[Step, ...], winners: Callable[[Election], object], stops: bool
) -> Iterator[Tie]:
    """Each group of equals, and whether their order decided.

    Without groups and part funding: it decided when those that fit alone in the money left do not fit together
    (with `stops`: when one fits alone, but not all together). Proof: if they fit together, every order funds just
    them; if not, one stays out, and an order that starts with that one funds it. Else the orders are tried.
    """
    at = {step.project: step for step in steps}
    for place, ids in equals_of(steps, keys):
        group = [at[id_] for id_ in ids]
        left = group[0].left
        fits = sum(step.cost for step in group if step.cost <= left)
        if election.has_groups or election.part_funding:
            decided = decides(election, ids, winners(election), winners)
        elif group[0].why is Why.STOPPED:
            decided = False
        else:
            decided = bool(fits) and sum(s.cost for s in group) > left if stops else fits > left
        yield Tie(ids, place, decided)


def equals_of(steps: Sequence[Step], keys: Keys | None = None) -> Iterator[tuple[int, tuple[ProjectId, ...]]]:
    """The groups with equal keys, or else votes, among the steps that have the minimum; and each one's place."""
    place = 1
    standing = [step for step in steps if step.why is not Why.FEW_VOTES]
    for _, equals in groupby(standing, key=lambda step: keys[step.project] if keys else step.votes):
        group = tuple(step.project for step in equals)
        if len(group) > 1:
            yield place, group
        place += len(group)
