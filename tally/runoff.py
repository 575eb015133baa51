"""Instant-runoff: one winner from ranked ballots, round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tally.election import Election, Outcome, Profile, ProjectId, Round, Step, Tie, check_profile

StillIn = tuple[ProjectId, ...]
Play = Callable[[StillIn], Round]


def instant_runoff(election: Election, profile: Profile) -> Outcome:
    """Elect the project with more than half of the ballots in play, else drop one with the fewest votes.

    Of several with the fewest, also of the last two, the one last in the published order is dropped. Blank
    and exhausted ballots are not in play. When no ballot names a project nothing wins, and the one round
    shows it. Raises ValueError on a project dearer than the budget, which could not be funded, and on votes
    for unknown projects. Source: Robert's Rules of Order, "preferential voting".
    """
    check_profile(election, profile)
    for project in election.projects:
        if project.cost > election.budget:
            raise ValueError(f"project {project.id!r} costs more than the budget")
    play = cache(lambda still_in: _round(still_in, profile))  # a round depends only on who is still in
    rounds = tuple(_rounds(election.ids, play))
    ties = tuple(_ties(rounds, play))
    steps = tuple(_steps(election, rounds))
    return Outcome(
        rule="instant-runoff",
        winners=tuple(step.project for step in steps if step.funded),
        spent=sum(step.cost for step in steps if step.funded),
        ties=ties,
        steps=steps,
        rounds=rounds,
        second_count="not compared" if ties else _second_count(election, profile, rounds[-1].elected),
    )


def _round(still_in: StillIn, profile: Profile) -> Round:
    """Count each ballot for the first of its choices that is still in, then elect or drop one."""
    votes = dict.fromkeys(still_in, 0)
    exhausted = 0
    for ballot, voters in profile.ballots.items():
        choice = next((project for project in ballot if project in votes), None)
        if choice is not None:
            votes[choice] += voters
        elif ballot:
            exhausted += voters
    in_play = sum(votes.values())
    elected = next((project for project in still_in if 2 * votes[project] > in_play), None)
    goes_on = elected is None and in_play > 0
    eliminated = min(reversed(still_in), key=votes.__getitem__) if goes_on else None
    return Round(tuple(votes.items()), exhausted, eliminated, elected)


def _rounds(still_in: StillIn, play: Play) -> Iterator[Round]:
    """The rounds until one is elected; with a ballot in play one is, as projects with votes go last."""
    while True:
        round_ = play(still_in)
        yield round_
        if round_.eliminated is None:
            return
        still_in = _without(round_.eliminated, still_in)


def _ties(rounds: tuple[Round, ...], play: Play) -> Iterator[Tie]:
    """Each round where several had the fewest votes; it decided if dropping another of them elects another.

    Later ties, also in that what-if, follow the published order.
    """
    for number, round_ in enumerate(rounds, start=1):
        votes = dict(round_.votes)
        if round_.eliminated is None:
            return
        equals = tuple(project for project in votes if votes[project] == votes[round_.eliminated])
        if len(equals) > 1:
            winners = {_winner(_without(project, tuple(votes)), play) for project in equals}
            yield Tie(equals, number, decided=len(winners) > 1)


def _winner(still_in: StillIn, play: Play) -> ProjectId | None:
    *_, last = _rounds(still_in, play)
    return last.elected


def _without(project: ProjectId, still_in: StillIn) -> StillIn:
    return tuple(other for other in still_in if other != project)


def _steps(election: Election, rounds: tuple[Round, ...]) -> Iterator[Step]:
    """The projects from the winner to the first dropped, each with its votes when it left or at the end."""
    costs = {project.id: project.cost for project in election.projects}
    last = rounds[-1]
    at_end = sorted(last.votes, key=lambda pair: -pair[1])
    dropped = [(r.eliminated, dict(r.votes)[r.eliminated]) for r in rounds if r.eliminated is not None]
    for project, votes in [*at_end, *reversed(dropped)]:
        yield Step(project, votes, costs[project], election.budget, project == last.elected)


def _second_count(election: Election, profile: Profile, elected: ProjectId | None) -> str:
    """Count again with pyrankvote: "agrees" or "differs" on the winner, or "not compared".

    Only winners are compared, as rounds may differ: pyrankvote drops several at once when together they
    cannot pass the next one, and with an odd number of ballots in play it asks for one vote more than a
    majority. Like ours, it leaves blank and exhausted ballots out of the majority. Not compared: a count
    with a tie, in our rounds or in its own, since it settles ties by later choices and then at random;
    a count without votes; and a single project, on which it can raise "Illigal state".
    """
    if elected is None or len(election.projects) < 2:
        return "not compared"
    import pyrankvote  # here, so that `pb tally` starts fast

    candidates = {project: pyrankvote.Candidate(project) for project in election.ids}
    ballots = []
    for ballot, voters in profile.ballots.items():
        ballots += [pyrankvote.Ballot([candidates[project] for project in ballot])] * voters
    result = pyrankvote.instant_runoff_voting(list(candidates.values()), ballots)
    if any(map(_tied_there, [None, *result.rounds], result.rounds)):
        return "not compared"
    return "agrees" if [winner.name for winner in result.get_winners()] == [elected] else "differs"


def _tied_there(before: Any, after: Any) -> bool:
    """Whether pyrankvote, in the round `after`, dropped one of several with equal votes and kept another."""
    gone = {c.candidate.name for c in before.candidate_results if c.status == "Rejected"} if before else set()
    now = [c for c in after.candidate_results if c.candidate.name not in gone]
    dropped = {c.number_of_votes for c in now if c.status == "Rejected"}
    return bool(dropped & {c.number_of_votes for c in now if c.status != "Rejected"})
