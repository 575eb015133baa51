"""Most votes first, skip what does not fit: the rule most cities use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from tally.election import Election, Outcome, Profile, ProjectId, Step, Tie, check_profile


def greedy(election: Election, profile: Profile) -> Outcome:
    """Fund projects from most to fewest votes, skipping any that no longer fits.

    For approval and knapsack ballots. Equal votes follow the published order. A project without votes comes
    last and is funded if it still fits, so that no money stays unused while a project fits; a round that
    wants a minimum of votes needs a threshold rule. (The published outcomes we have leave this open: the only
    project without votes in a greedy one no longer fitted.) Raises ValueError on a vote for an unknown
    project. Source: Talmon & Faliszewski 2019, arXiv:1811.07691.
    """
    check_profile(election, profile)
    steps = tuple(_steps(election, votes_by_project(profile)))
    funded = [step for step in steps if step.funded]
    return Outcome(
        rule="greedy",
        winners=tuple(step.project for step in funded),
        spent=sum(step.cost for step in funded),
        ties=tuple(_ties(steps)),
        steps=steps,
    )


def votes_by_project(profile: Profile) -> Counter[ProjectId]:
    """How many voters named each project; 0 for one that nobody named."""
    votes: Counter[ProjectId] = Counter()
    for ballot, voters in profile.ballots.items():
        for project in ballot:
            votes[project] += voters
    return votes


def _steps(election: Election, votes: Counter[ProjectId]) -> Iterator[Step]:
    left = election.budget
    most_first = sorted(election.projects, key=lambda project: -votes[project.id])  # stable: published order
    for project in most_first:
        funded = project.cost <= left
        yield Step(project.id, votes[project.id], project.cost, left, funded)
        left -= project.cost if funded else 0


def _ties(steps: tuple[Step, ...]) -> Iterator[Tie]:
    """Each group of equals; it decided when those that fit alone in the money left do not fit together.

    Proof: if they fit together, every order funds just them; if not, one stays out, and an order that starts
    with that one funds it.
    """
    place = 1
    for _, equals in groupby(steps, key=lambda step: step.votes):
        group = list(equals)
        left = group[0].left
        if len(group) > 1:
            wanted = sum(step.cost for step in group if step.cost <= left)
            yield Tie(tuple(step.project for step in group), place, decided=wanted > left)
        place += len(group)
