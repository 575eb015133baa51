"""The trace in plain English: a sentence or two for each project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tally.election import Election, ProjectId
from tally.margins import Margin
from tally.outcome import MICRO, Outcome, Step, Why
from tally.profile import Profile
from tally.sections import one_line

Money = Callable[[int], str]  # cents → text


def explain(
    election: Election, profile: Profile, outcome: Outcome, margins: Mapping[ProjectId, Margin], money: Money
) -> Iterator[tuple[ProjectId, str]]:
    """Each project, in the order of the count, and why it won or lost, with what it would have needed."""
    supporters = dict(zip(election.ids, profile.for_election(election).supporters.tolist(), strict=True))
    for step in outcome.steps:
        sentence = _why(election, outcome, step, supporters[step.project], money)
        margin = margins.get(step.project)
        yield step.project, f"{sentence}.{_needed(margin, money) if margin else ''}"


def _why(election: Election, outcome: Outcome, step: Step, supporters: int, money: Money) -> str:
    votes, cost, left = _votes(outcome, step), money(step.cost), money(step.left)
    if outcome.rounds or election.is_for_seats:
        return f"{'won' if step.funded else 'lost'} with {votes}"
    match step.why:
        case Why.FUNDED if outcome.share and step.price:
            price, share = money(-(-step.price // MICRO)), money(outcome.share // MICRO)
            paid = f"its {many(supporters, 'supporter')} paid at most {price} a vote"
            return f"won with {votes}: {paid} from shares of {share}"
        case Why.FUNDED:
            return f"won with {votes}: {left} was left and it cost {cost}"
        case Why.COMPLETED:
            return f"won with {votes} as the rest went to most votes first: {left} was left and it cost {cost}"
        case Why.PART:
            return f"funded in part: {left} was left of its {cost}"
        case Why.TOO_DEAR:
            return f"lost: {left} was left and it cost {cost}, so {money(step.cost - step.left)} was missing"
        case Why.OVER_BUDGET:
            return f"lost: it cost {cost}, more than there is in all"
        case Why.FEW_VOTES:
            return f"lost: it got {votes} and needed {election.min_votes}"
        case Why.CONFLICT:
            return f"lost: {one_line(step.other or '')} had won, and only one of the two can"
        case Why.STOPPED:
            return f"lost: the count ended at {one_line(step.other or '')}, which did not fit"
        case Why.NO_SUPPORT if step.support is not None:
            had = money(step.support)
            return f"lost: its {many(supporters, 'supporter')} had {had} of their share left, it cost {cost}"
        case Why.NO_SUPPORT:
            return f"lost: nobody could pay for it, with {votes}"
        case Why.NOT_BEST:
            return f"lost: with {votes} for {cost} it is not in the best set that the budget can pay"
    return f"lost with {votes}"


def _votes(outcome: Outcome, step: Step) -> str:
    if outcome.unit > 1:
        return f"{step.votes // outcome.unit}.{step.votes % outcome.unit:05} votes"
    return many(step.votes, "vote")


def many(number: int, word: str) -> str:
    """A number with its word: 1 vote, 1,200 votes."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _needed(margin: Margin, money: Money) -> str:
    votes = "" if margin.votes is None else f" It would have won with {many(margin.votes, 'more vote')}."
    cost = "" if margin.cost is None else f" It would have won at {money(margin.cost)}."
    same = f" That is with the same share of {money(margin.share)}." if margin.share is not None else ""
    return votes + cost + (same if votes or cost else "")
