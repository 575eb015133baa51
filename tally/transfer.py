"""Single transferable vote: several seats from ranked ballots, counted as in Scottish council elections.

The law is the Scottish Local Government Elections Order 2007 (SSI 2007/42), Schedule 1, rules 45 to 52: the weighted
inclusive Gregory method. Only its lot (rules 49 and 51) is replaced, by the published order, so that anyone can count
again. Votes and values of ballots are whole units of 1/100,000 vote, as the law cuts each value to five decimals.

pyrankvote also counts a single transferable vote, but is no second opinion here. It forgets what a ballot is worth: a
surplus is shared evenly among all ballots of the elected one, also those that came at a part of a vote. Its quota is
V/(s+1) in floats, and equals go by later choices and then at random. So this count is held to real elections instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from tally.election import Election, ProjectId
from tally.outcome import Outcome, Round, Tie
from tally.profile import Profile
from tally.ranked import Papers, papers_of, steps_of, winners_of
from tally.ties import decides

UNIT = 100_000  # units in a whole vote
Stage = tuple[Round, tuple[ProjectId, ...]]  # with the equals of whom the published order chose one


def stv(election: Election, profile: Profile) -> Outcome:
    """Fill the seats that the budget pays for: whoever reaches the quota is elected, and votes too many move on.

    The quota is V // (seats + 1) + 1 of the V ballots that name someone. After each round (the law's stage) the largest
    surplus moves on; when there is none, the one with the fewest votes is excluded. Equals are compared by their votes
    one round earlier, then two, and so on. Who was equal in all of them goes by the published order, in which the one
    listed first has more, and only these are named as a Tie. When as many are left as seats, all of them are elected
    and no more votes move.

    A round holds the votes of all not yet excluded, the newly elected, most votes first, and who is then excluded or
    passes a surplus on; `exhausted` is what names none still in, and what cutting to five decimals lost. Part funding
    has no effect. Raises ValueError when projects differ in cost or exclude each other, on a minimum of votes, on
    ballots that are not ranked, and on votes for unknown projects. Source: SSI 2007/42, as said above.
    """
    papers = papers_of(election, profile, "stv")
    seats = _seats(election)

    def count(order: Election) -> Iterator[Stage]:
        return _Count(papers, seats, election.ids, order.ids).stages()

    def winners(order: Election) -> frozenset[ProjectId]:
        return frozenset(winners_of(round_ for round_, _ in count(order)))

    stages = tuple(count(election))
    rounds = tuple(round_ for round_, _ in stages)
    steps = tuple(steps_of(election, rounds))
    return Outcome(
        rule="stv",
        winners=winners_of(rounds),
        spent=sum(step.cost for step in steps if step.funded),
        ties=tuple(_ties(election, stages, winners)),
        steps=steps,
        rounds=rounds,
        unit=UNIT,
        quota=_quota(papers, seats),
    )


def _seats(election: Election) -> int:
    if election.has_groups:
        raise ValueError("it knows no groups of which only one may win")
    seats = election.seats if election.projects else 0
    if seats is None:
        raise ValueError("it fills seats that cost the same; for other costs use expanding-approvals")
    return seats


def _quota(papers: Papers, seats: int) -> int:
    """Rule 46, in units."""
    return UNIT * (papers.total // (seats + 1) + 1)


class _Count:
    """A count under way. Candidates are numbers, places in `ids`; paper `p` is at `papers.choices[at[p]]`.

    `value` is what one ballot of each paper is worth, `votes` what each candidate has (and nobody, at the end), both in
    units. `standing` orders the candidates by their votes now, then one stage ago, and so on; equals were always equal.
    """

    def __init__(self, papers: Papers, seats: int, ids: Sequence[ProjectId], order: Sequence[ProjectId]) -> None:
        """Rule 45: each paper with its first choice, as one vote. `order` is the published order."""
        place = {project: number for number, project in enumerate(ids)}
        self.papers, self.ids, self.order = papers, ids, [place[project] for project in order]
        self.quota, self.vacancies = _quota(papers, seats), seats
        self.continuing = list(self.order)
        self.excluded: set[int] = set()
        self.at = papers.starts.copy()
        self.value = np.full(len(self.at), UNIT, np.int64)
        self.votes = papers.added_up(self.at, self.value * papers.counts)
        self.standing = [0] * len(ids)

    def stages(self) -> Iterator[Stage]:
        """The stages until every seat is filled."""
        while True:
            self._stand()
            round_ = self._round()
            elected = self._elect(c for c in self.continuing if self.votes[c] >= self.quota)  # rule 47
            elected += self._elect_the_last()
            if not self.vacancies:
                yield replace(round_, elected=self._names(elected)), ()
                return
            surpluses = [c for c in self.order if self._surplus(c) > 0]
            equals = self._equals(surpluses, max) if surpluses else self._equals(self.continuing, min)
            moving = equals[0] if surpluses else equals[-1]
            if surpluses:  # rule 49
                round_ = replace(round_, surplus_of=self.ids[moving])
            else:  # rules 50 and 51
                round_ = replace(round_, eliminated=self.ids[moving])
                self.continuing.remove(moving)
                self.excluded.add(moving)
                elected += self._elect_the_last()
            yield replace(round_, elected=self._names(elected)), self._names(equals)
            if not self.vacancies:
                return
            self._transfer(moving)

    def _round(self) -> Round:
        votes = self.votes.tolist()[:-1]
        shown = tuple((self.ids[c], number) for c, number in enumerate(votes) if c not in self.excluded)
        return Round(shown, UNIT * self.papers.total - sum(votes), None)

    def _names(self, candidates: Iterable[int]) -> tuple[ProjectId, ...]:
        return tuple(self.ids[c] for c in candidates)

    def _stand(self) -> None:
        keys = list(zip(self.votes.tolist()[:-1], self.standing, strict=True))
        number = {key: rank for rank, key in enumerate(sorted(set(keys)))}
        self.standing = [number[key] for key in keys]

    def _equals(self, among: list[int], best: Callable[[Iterable[int]], int]) -> list[int]:
        standing = best(self.standing[c] for c in among)
        return [c for c in among if self.standing[c] == standing]

    def _elect(self, candidates: Iterable[int]) -> list[int]:
        """Elect these; most votes first."""
        elected = sorted(candidates, key=lambda c: -self.standing[c])
        self.continuing = [c for c in self.continuing if c not in elected]
        self.vacancies -= len(elected)
        return elected

    def _elect_the_last(self) -> list[int]:
        """Rule 52: as many as there are seats left."""
        return self._elect(self.continuing if len(self.continuing) == self.vacancies else ())

    def _surplus(self, candidate: int) -> int:
        return int(self.votes[candidate]) - self.quota

    def _transfer(self, candidate: int) -> None:
        """Move the candidate's papers to their next continuing candidates, a surplus by rule 48, others by rule 50."""
        papers, surplus = self.papers, self._surplus(candidate)
        own = np.flatnonzero(papers.choices[self.at] == candidate)
        if surplus > 0:
            self.value[own] = self.value[own] * surplus // self.votes[candidate]
        self.votes[candidate] = self.quota if surplus > 0 else 0
        self.at[own] = papers.first(self.at[own], papers.open_to(self.continuing))
        self.votes += papers.added_up(self.at[own], self.value[own] * papers.counts[own])


def _ties(
    election: Election, stages: Sequence[Stage], winners: Callable[[Election], frozenset[ProjectId]]
) -> Iterator[Tie]:
    """Each stage where the published order chose between equals, and whether their order decided who won.

    Equals without votes need no other count. To exclude one moves no vote, so whatever their order they go one by
    one, until as many are left as seats or all are gone. So their order decided when one of them was elected.
    """
    elected = frozenset(winners_of(round_ for round_, _ in stages))
    for number, (round_, equals) in enumerate(stages, start=1):
        if len(equals) > 1:
            if dict(round_.votes)[equals[0]]:
                decided = decides(election, equals, elected, winners)
            else:
                decided = not elected.isdisjoint(equals)
            yield Tie(equals, number, decided)
