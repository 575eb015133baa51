"""From opened ballots to tally's count, and from the stored count back to it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import tally
from ballots import to_vote
from ballots.types import BallotType
from pb.rounds.rules import AllocationRules
from pb.told.terms import in_play, last_round
from tally import Election, Kind, Margin, Outcome, Profile, Round, Step, Tie, Why, paid_by
from tally.outcome import MICRO
from tally.rules import COMPARED


@dataclass(frozen=True)
class Compared:
    """What one rule makes of the votes: how many voters named no winner, and how many winners all named together.

    `proven` is False where another set may be better by the rule's own measure.
    """

    rule: str
    winners: tuple[str, ...]
    spent: int
    without_winner: int
    own_winners: int
    proven: bool = True


@dataclass(frozen=True)
class Counted:
    """The outcome, what each project that lost would have needed, and the same votes by other rules."""

    outcome: Outcome
    margins: Mapping[str, Margin] = field(default_factory=dict)
    comparison: tuple[Compared, ...] = ()


def election_of(allocation: AllocationRules, withdrawn: Collection[int] = ()) -> Election:
    """The projects in the published tie order; ids are ballot numbers, withdrawn projects are left out."""
    projects = {p.number: p for p in allocation.projects}
    stand = [projects[number] for number in allocation.tie_order if number not in withdrawn]
    return Election(
        tuple(tally.Project(str(p.number), p.cost_cents, p.title) for p in stand),
        allocation.amount_cents,
        min_votes=allocation.min_votes,
        part_funding=allocation.part_funding,
        max_length=None if allocation.ballot_type is BallotType.POINTS else allocation.max_choices,
    )


def profile_of(
    allocation: AllocationRules, ballots: Iterable[Sequence[int]], withdrawn: Collection[int] = ()
) -> Profile:
    """The ballots as tally counts them: a withdrawn project is crossed out, the other choices stand."""
    stand = ([number for number in ballot if number not in withdrawn] for ballot in ballots)
    kinds = {BallotType.RANKED: Kind.RANKED, BallotType.POINTS: Kind.POINTS}
    kind = kinds.get(allocation.ballot_type, Kind.APPROVAL)
    return Profile.of((to_vote(allocation.ballot_type, ballot) for ballot in stand), kind)


def count_allocation(
    allocation: AllocationRules, ballots: Iterable[Sequence[int]], withdrawn: Collection[int] = ()
) -> Counted:
    """Count one allocation's ballots by its own rule, and see what would have changed the outcome."""
    election, profile = election_of(allocation, withdrawn), profile_of(allocation, ballots, withdrawn)
    outcome = tally.count(election, profile, allocation.rule)
    measured = tally.compare(election, profile, rules_beside(allocation.rule))
    compared = (
        Compared(name, m.outcome.winners, m.outcome.spent, m.without_winner, m.own_winners, m.outcome.proven)
        for name, m in measured.items()
    )
    return Counted(outcome, tally.margins(election, profile, outcome), tuple(compared))


def paid_from_share(outcome: Outcome, choices: Iterable[int]) -> dict[int, int]:
    """What a ballot with these choices paid for each winner, by ballot number, to the nearest cent.

    Empty where the rule gives voters no money of their own. What completed the outcome was paid from nobody's share.
    """
    shares = outcome.share and outcome.rule.startswith("equal-shares")
    if not shares and outcome.rule != "phragmen":
        return {}
    bought = {step.project for step in outcome.steps if step.why is Why.FUNDED}
    paid = paid_by(outcome, Counter(map(str, choices)))
    return {int(id_): (micros + MICRO // 2) // MICRO for id_, micros in paid.items() if id_ in bought}


def rules_beside(rule: str) -> list[str]:
    """This rule and those to set beside it. With a minimum, `greedy` and `threshold` are the same."""
    twin = "greedy" if rule == "threshold" else "threshold"
    return [name for name in dict.fromkeys((rule, *COMPARED)) if name != twin]


def as_data(counted: Counted) -> dict[str, Any]:
    """The columns of a stored count."""
    return {
        "outcome": tally.outcome_as_data(counted.outcome),
        "margins": {project: asdict(margin) for project, margin in counted.margins.items()},
        "comparison": [{**asdict(row), "winners": list(row.winners)} for row in counted.comparison],
    }


def read_counted(outcome: Mapping[str, Any], margins: Mapping[str, Any], comparison: Iterable[Any]) -> Counted:
    """The count that `as_data` made these columns of."""
    return Counted(
        read_outcome(outcome),
        {project: Margin(**margin) for project, margin in margins.items()},
        tuple(Compared(**{**row, "winners": tuple(row["winners"])}) for row in comparison),
    )


def read_outcome(data: Mapping[str, Any]) -> Outcome:
    """The outcome that `tally.outcome_as_data` made `data` of, or an earlier version, which knew fewer things."""
    known = {
        "winners": tuple(data["winners"]),
        "ties": tuple(Tie(tuple(t["projects"]), t["place"], t["decided"]) for t in data["ties"]),
        "steps": tuple(_step(step, bool(data["rounds"])) for step in data["steps"]),
        "rounds": tuple(_round(round_) for round_ in data["rounds"]),
    }
    known |= {name: tuple(data[name]) for name in ("part", "preferring") if data.get(name)}
    return Outcome(**{**data, **known})


def _step(data: Mapping[str, Any], ranked: bool) -> Step:
    lost = Why.OUT if ranked else Why.TOO_DEAR
    former = Why.FUNDED if data["funded"] else lost
    return Step(**{**data, "why": Why(data.get("why", former))})


def _round(data: Mapping[str, Any]) -> Round:
    elected = data["elected"]  # formerly one project or none
    return Round(
        tuple((project, votes) for project, votes in data["votes"]),
        data["exhausted"],
        data["eliminated"],
        tuple(elected) if isinstance(elected, list) else tuple(filter(None, [elected])),
        data.get("surplus_of"),
    )


def state(step: Step) -> str:
    if step.funded:
        return "funded"
    return "part" if step.why is Why.PART else "lost"


def out_of(outcome: Outcome, step: Step, most: int) -> int:
    """What the project's votes are out of: in a ranked count those in play in its last round, else `most`."""
    return in_play(outcome.rounds[last_round(outcome, step) - 1]) if outcome.rounds else most


def paid(outcome: Outcome, step: Step) -> int:
    """The cents that the project gets."""
    if step.funded:
        return step.cost
    return outcome.part[1] if outcome.part and step.why is Why.PART else 0
