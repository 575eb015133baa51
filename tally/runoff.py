"""Instant-runoff: one winner from ranked ballots, round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tally.election import Election, ProjectId
from tally.outcome import MICRO, Outcome, Round, Step, Tie
from tally.profile import Profile
from tally.ranked import Papers, papers_of, steps_of, winners_of

StillIn = tuple[ProjectId, ...]
Play = Callable[[StillIn], Round]
MOST_VOTERS = 1_000_000  # that are counted a second time
MOST_STATES = 2_000  # looked at for one tie, before its order counts as not shown to decide


def irv(election: Election, profile: Profile) -> Outcome:
    """Count by instant-runoff, and a second time with pyrankvote."""
    outcome = instant_runoff(election, profile)
    return replace(outcome, second_count=second_count(election, profile, outcome))


def instant_runoff(election: Election, profile: Profile) -> Outcome:
    """Elect the project with more than half of the ballots in play, else drop one with the fewest votes.

    Of several with the fewest, also of the last two, the one last in the published order is dropped. Blank
    and exhausted ballots are not in play. When no ballot names a project nothing wins, and the one round
    shows it. Groups and part funding have no effect on a single winner. Raises ValueError on a project dearer
    than the budget, which could not be funded, on a minimum of votes, on ballots that are not ranked, and on
    votes for unknown projects. Source: Robert's Rules of Order, "preferential voting".
    """
    papers = papers_of(election, profile, "irv")
    for project in election.projects:
        if project.cost > election.budget:
            raise ValueError(f"project {project.id!r} costs more than the budget")
    play = _played(election.ids, papers)
    rounds = tuple(_rounds(election.ids, play))
    steps = tuple(_with_price(step) for step in steps_of(election, rounds))
    return Outcome(
        rule="irv",
        winners=winners_of(rounds),
        spent=sum(step.cost for step in steps if step.funded),
        ties=tuple(_ties(rounds, election.ids, play)),
        steps=steps,
        rounds=rounds,
    )


def _with_price(step: Step) -> Step:
    return replace(step, price=MICRO * step.cost // step.votes) if step.funded else step


def _played(ids: StillIn, papers: Papers) -> Play:
    """What one round gives, remembered, as it depends only on who is still in."""
    place = {project: number for number, project in enumerate(ids)}

    @cache
    def play(still_in: StillIn) -> Round:
        numbers = [place[project] for project in still_in]
        at = papers.first(papers.starts, papers.open_to(numbers))
        votes = papers.added_up(at, papers.counts).tolist()
        return _round({project: votes[place[project]] for project in still_in}, exhausted=votes[papers.nobody])

    return play


def _round(votes: dict[ProjectId, int], exhausted: int) -> Round:
    """Elect the one with more than half of the votes, or drop one of those with the fewest."""
    in_play = sum(votes.values())
    elected = tuple(project for project in votes if 2 * votes[project] > in_play)
    goes_on = not elected and in_play > 0
    eliminated = min(reversed(votes), key=votes.__getitem__) if goes_on else None
    return Round(tuple(votes.items()), exhausted, eliminated, elected)


def _rounds(still_in: StillIn, play: Play) -> Iterator[Round]:
    """The rounds until one is elected; with a ballot in play one is, as projects with votes go last."""
    while True:
        round_ = play(still_in)
        yield round_
        if round_.eliminated is None:
            return
        still_in = _without(round_.eliminated, still_in)


def _ties(rounds: tuple[Round, ...], ids: StillIn, play: Play) -> Iterator[Tie]:
    """Each round where several had the fewest votes, and whether their order decided who won."""
    for number, round_ in enumerate(rounds, start=1):
        if round_.eliminated is None:
            return
        equals = _fewest(round_)
        if len(equals) > 1:
            yield Tie(equals, number, _decides(equals, rounds[-1].elected, ids, play))


@dataclass(frozen=True, slots=True)
class _State:
    """A count under some of the orders of a group: who is still in, and what its orders have in common.

    The group's members trade places among themselves. `latest` is the last place that each member may still
    have; one that an order had to drop has its place and is not listed. `free` are the places left, ascending.
    Together they stand for every order that gives each listed member a free place not after its latest.
    """

    still_in: StillIn
    free: tuple[int, ...]
    latest: tuple[tuple[ProjectId, int], ...]


def _decides(group: tuple[ProjectId, ...], winner: StillIn, ids: StillIn, play: Play) -> bool:
    """Whether another order of the group, the others in their places, elects another in a count from the start.

    Follows all orders at once and parts them only where the group's order matters, so that no order is missed.
    Of equals with votes 2**n sets may have to be tried; after MOST_STATES the answer is False, as nothing was
    shown. No group of up to ten that ties as one comes near that, and one without votes takes a single state.
    """
    place = {project: number for number, project in enumerate(ids)}
    free = tuple(place[project] for project in group)
    waiting = [_State(ids, free, tuple((project, free[-1]) for project in group))]
    seen = set(waiting)
    while waiting and len(seen) <= MOST_STATES:
        state = waiting.pop()
        round_ = play(state.still_in)
        if round_.eliminated is None:
            if round_.elected != winner:
                return True
            continue
        new = [after for after in _next(state, round_, place) if after not in seen]
        waiting += new
        seen.update(new)
    return False


def _next(state: _State, round_: Round, place: dict[ProjectId, int]) -> Iterator[_State]:
    """The states after one round, or after several whose order cannot matter."""
    if doomed := _doomed(round_):
        yield replace(state, still_in=tuple(project for project in state.still_in if project not in doomed))
        return
    latest = dict(state.latest)
    tied = _fewest(round_)
    members = [project for project in tied if project in latest]
    other = next((project for project in reversed(tied) if project not in latest), None)
    after_other = -1 if other is None else place[other]
    if other is not None:
        yield from _state(state, other, state.free, latest | {m: min(latest[m], after_other) for m in members})
    for member in members:
        rest = {project: last for project, last in latest.items() if project != member}
        for own in state.free:
            if after_other < own <= latest[member]:
                before = {m: min(latest[m], own) for m in members if m != member}
                yield from _state(state, member, tuple(p for p in state.free if p != own), rest | before)


def _state(state: _State, gone: ProjectId, free: tuple[int, ...], latest: dict[ProjectId, int]) -> Iterator[_State]:
    """The state without `gone`, its latest places among the free ones; none when no order is like that."""
    if all(place <= last for place, last in zip(free, sorted(latest.values()), strict=True)):
        exact = tuple((project, max(place for place in free if place <= last)) for project, last in latest.items())
        yield _State(_without(gone, state.still_in), free, exact)


def _doomed(round_: Round) -> set[ProjectId]:
    """The projects with, all together, fewer votes than any other: they drop out next, in whatever order.

    Whoever would be elected meanwhile is not one of them, and has more than half without them too.
    """
    fewest_first = sorted(round_.votes, key=lambda pair: pair[1])
    together, doomed = 0, 0
    for number, (_project, votes) in enumerate(fewest_first):
        if together < votes:
            doomed = number
        together += votes
    return {project for project, _votes in fewest_first[:doomed]}


def _fewest(round_: Round) -> tuple[ProjectId, ...]:
    """Those with the fewest votes, in the published order."""
    fewest = min(votes for _project, votes in round_.votes)
    return tuple(project for project, votes in round_.votes if votes == fewest)


def _without(project: ProjectId, still_in: StillIn) -> StillIn:
    return tuple(other for other in still_in if other != project)


def second_count(election: Election, profile: Profile, outcome: Outcome) -> str:
    """Count again with pyrankvote: "agrees" or "differs" on the winner, or "not compared".

    Only winners are compared, as rounds may differ: pyrankvote drops several at once when together they
    cannot pass the next one, and with an odd number of ballots in play it asks for one vote more than a
    majority. Like ours, it leaves blank and exhausted ballots out of the majority. Not compared: a count
    with a tie, in our rounds or in its own, since it settles ties by later choices and then at random;
    a count without votes; a single project, on which it can raise "Illigal state"; and more than MOST_VOTERS,
    since it holds every ballot by itself.
    """
    if outcome.ties or not outcome.winners or len(election.projects) < 2 or profile.voters > MOST_VOTERS:
        return "not compared"
    import pyrankvote  # here, so that `pb tally` starts fast

    candidates = {project: pyrankvote.Candidate(project) for project in election.ids}
    ballots = []
    for ballot, voters in profile.ballots.items():
        ballots += [pyrankvote.Ballot([candidates[project] for project in ballot])] * voters
    result = pyrankvote.instant_runoff_voting(list(candidates.values()), ballots)
    if any(map(_tied_there, [None, *result.rounds], result.rounds)):
        return "not compared"
    return "agrees" if tuple(winner.name for winner in result.get_winners()) == outcome.winners else "differs"


def _tied_there(before: Any, after: Any) -> bool:
    """Whether pyrankvote, in the round `after`, dropped one of several with equal votes and kept another."""
    gone = {c.candidate.name for c in before.candidate_results if c.status == "Rejected"} if before else set()
    now = [c for c in after.candidate_results if c.candidate.name not in gone]
    dropped = {c.number_of_votes for c in now if c.status == "Rejected"}
    return bool(dropped & {c.number_of_votes for c in now if c.status != "Rejected"})
