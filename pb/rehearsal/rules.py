"""A deck of made-up ballots whose outcome is known: sealed, opened and compared before the real ballots are.

Its envelopes are sealed for a round of their own, whose name only the deck has. So none of them can be counted in the
real round, and no real one in the deck: that is how they are void.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from uuid import UUID, uuid5

from ballots.check import Papers
from ballots.codes import new_ballot_code
from ballots.opening import Opened, open_envelopes
from ballots.plaintext import canonical, encode_ballot
from ballots.seal import public_half, seal_ballot
from ballots.types import BallotType, Paper
from pb.rounds.rules import AllocationRules, ProjectRules, Rules

BLANK = 2
Choices = dict[int, list[int]]


class RehearsalFailed(Exception):
    """The deck did not come out as it went in; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Outcome:
    """What a deck must give: ballots, how many of them blank, envelopes refused, and each project's marks."""

    ballots: int
    blank: int
    refused: int
    marks: Mapping[int, int]


def rehearsed(rules: Rules) -> Rules:
    """The rules under the deck's own name."""
    return rules.model_copy(update={"round_id": uuid5(rules.round_id, "rehearsal")})


def stand_in(round_id: UUID) -> Rules:
    """Rules to rehearse a key with before the round has its own: one purse of three projects."""
    zero = UUID(int=0)
    projects = tuple(ProjectRules(id=UUID(int=n), number=n, title=f"{n}", cost_cents=100) for n in (1, 2, 3))
    purse = AllocationRules(
        number=1,
        name="-",
        area_id=zero,
        service="-",
        amount_cents=200,
        ballot_type=BallotType.KNAPSACK,
        max_choices=None,
        rule="greedy",
        projects=projects,
        tie_order=(1, 2, 3),
    )
    then = datetime.fromtimestamp(0, UTC)
    known = {"round_id": round_id, "opens": then, "closes": then, "allocations": (purse,)}
    return rehearsed(
        Rules.model_validate({**known, "title": "Rehearsal", "service": "-", "currency": "EUR", "seed": ""})
    )


def deck(rules: Rules) -> list[Choices]:
    """Allowed ballots: every project of every voter's papers at least once, and two blank ones."""
    ballots = [choices for papers in rules.papers_per_voter() for choices in filled(papers)]
    return ballots + [{number: [] for number in rules.papers_per_voter()[0]} for _ in range(BLANK)]


def filled(papers: Papers) -> Iterator[Choices]:
    """As many full ballots as it takes to choose each project of these papers."""
    for parts in zip_longest(*(handfuls(paper) for paper in papers.values()), fillvalue=[]):
        yield dict(zip(papers, parts, strict=True))


def handfuls(paper: Paper) -> list[list[int]]:
    """The paper's projects, each as often as it may stand there, cut into choices that the paper allows."""
    most = paper.max_choices or len(paper.costs)
    cut: list[list[int]] = [[]]
    for number, cost in (of for of in paper.costs.items() for _point in range(paper.most_each)):
        spent = sum(paper.costs[n] for n in cut[-1])
        full = paper.type is BallotType.KNAPSACK and spent + cost > paper.amount
        if cut[-1] and (full or len(cut[-1]) == most):
            cut.append([])
        cut[-1].append(number)
    return cut


def over_the_limit(papers: Papers) -> Choices:
    """A ballot that chooses a project of each paper once more than the paper allows: no paper takes it."""
    return {number: [*paper.costs][:1] * (paper.most_each + 1) for number, paper in papers.items()}


def expected(rules: Rules) -> Outcome:
    """What the deck must give, counted from the choices themselves."""
    ballots = deck(rules)
    marks = Counter(number for choices in ballots for chosen in choices.values() for number in chosen)
    return Outcome(len(ballots), BLANK, 1, marks)


def seal_deck(rules: Rules, public_key: bytes) -> tuple[list[bytes], bytes]:
    """The deck's envelopes, its ballots and one over the limit; and the digest of the ballots' codes, drawn anew.

    Only who opens the envelopes learns the codes, so the digest tells whether somebody did.
    """
    ballots = [(new_ballot_code(), choices) for choices in [*deck(rules), over_the_limit(rules.papers_per_voter()[0])]]
    length = max(len(canonical(rules.round_id, code, choices)) for code, choices in ballots)
    plain = (encode_ballot(rules.round_id, code, choices, length) for code, choices in ballots)
    sealed = [seal_ballot(public_key, rules.round_id, one) for one in plain]
    return sealed, digest(code for code, _choices in ballots[:-1])


def digest(codes: Iterable[str]) -> bytes:
    return hashlib.sha256("\n".join(sorted(codes)).encode()).digest()


def check_deck(rules: Rules, opened: Opened, codes: bytes) -> Outcome:
    """What came out of the deck, if it is what went in. Raises RehearsalFailed."""
    chosen = [[number for numbers in ballot.choices.values() for number in numbers] for ballot in opened.ballots]
    blank, marks = chosen.count([]), Counter(number for numbers in chosen for number in numbers)
    found, wanted = Outcome(len(chosen), blank, len(opened.void), marks), expected(rules)
    if digest(ballot.code for ballot in opened.ballots) != codes:
        raise RehearsalFailed("the codes are not those that were sealed")
    if found != wanted:
        raise RehearsalFailed(f"expected {wanted}, found {found}")
    return found


def rehearse(rules: Rules, private_key: bytes) -> Outcome:
    """Seal the round's deck, open it and compare. Raises RehearsalFailed: then nothing real should be opened."""
    own = rehearsed(rules)
    sealed, codes = seal_deck(own, public_half(private_key))
    return check_deck(own, open_envelopes(private_key, own.round_id, own.papers_per_voter(), sealed), codes)
