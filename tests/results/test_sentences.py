"""Whatever is counted can be told: every step and tie of every rule, in every language, and what is said is so."""

import re
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

import tally
from ballots.types import BallotType
from pb.language import LANGUAGES, in_language
from pb.results.queries import Result, read_result
from pb.results.rules import Counted, count_allocation, election_of, profile_of
from pb.rounds.models import FUNDS_IN_PART, RANKED, WITHOUT_MINIMUM, CountRule
from pb.rounds.rules import AllocationRules
from pb.told.terms import show_votes
from tally import Tie
from tests.results.made import allocation

COMPARED = CountRule.EQUAL_SHARES_ADD1_COMPARISON
EACH = re.compile(
    r"(?:[Ii]n round (\d+)\.? (?:It and )?)?\b([A-F, and]+) had (?:the fewest votes, )?([\d.,]+) votes? each"
)
DECIDED = re.compile(r"It decided: ([A-F, and]+) (?:was|were) chosen, ([A-F, and]+) (?:was|were) not")
AS_MANY = re.compile(r"Not chosen: ([A-F, and]+) got as many votes and came first")


@st.composite
def papers(draw: st.DrawFn) -> tuple[AllocationRules, list[list[int]]]:
    """A small paper for any rule, with few different costs and votes so that many are equal; and its ballots."""
    rule = draw(st.sampled_from(CountRule))
    most = draw(st.integers(1, 6))
    costs = draw(st.lists(st.integers(1, 4), min_size=most, max_size=most))
    euros = draw(st.integers(1, 9))
    if rule is CountRule.STV:
        costs = [costs[0]] * most
    elif rule is CountRule.IRV:
        euros = max(euros, *costs)
    terms: dict[str, Any] = {
        "min_votes": 0 if rule in WITHOUT_MINIMUM else draw(st.integers(int(rule is CountRule.THRESHOLD), 2)),
        "part_funding": rule in FUNDS_IN_PART and draw(st.booleans()),
        "order": draw(st.permutations(range(1, most + 1))),
    }
    kind = BallotType.RANKED if rule in RANKED else BallotType.APPROVAL
    ballots = draw(st.lists(st.lists(st.integers(1, most), unique=True), max_size=10))
    return allocation(kind, costs, euros=euros, rule=rule, **terms), ballots


LOST_TO_GREEDY = [[1, 2]] * 2 + [[4], [2], [3, 4], [3]]


@settings(max_examples=250)
@given(papers())
@example((allocation(BallotType.APPROVAL, [3, 4, 4, 2], euros=7, rule=COMPARED), LOST_TO_GREEDY))
def test_every_step_and_tie_is_told_in_every_language_and_truly(paper: tuple[AllocationRules, list[list[int]]]) -> None:
    rules, ballots = paper
    counted = count_allocation(rules, ballots)
    for language in LANGUAGES:
        with in_language(language):
            result = read_result(rules, "EUR", counted, (20, len(ballots), 0), {})
        for sentence in (*result.ties, *(fate.why for fate in result.fates)):
            assert re.fullmatch(r"(?!.*(  | ,|%\()).+\.", sentence), sentence
    with in_language("en"):
        check_truth(read_result(rules, "EUR", counted, (20, len(ballots), 0), {}))


def check_truth(result: Result) -> None:
    """Named as equal are only those with so many votes; as chosen or not, only those that were."""
    fates = {fate.project.title: fate for fate in result.fates}
    for sentence in (*result.ties, *(fate.why for fate in result.fates)):
        if each := EACH.search(sentence):
            round_, names, votes = each.groups()
            had = {name: fates[name].votes for name in titles(names)}
            if round_:
                in_round = dict(result.outcome.rounds[int(round_) - 1].votes)
                had = {name: in_round[str(fates[name].project.number)] for name in had}
            assert {show_votes(n, result.outcome.unit) for n in had.values()} == {votes}, sentence
        if decided := DECIDED.search(sentence):
            chosen, left_out = ([fates[name].state for name in titles(names)] for names in decided.groups())
            assert (set(chosen), set(left_out)) == ({"funded"}, {"lost"}), sentence
    for fate in result.fates:
        if as_many := AS_MANY.match(fate.why):
            assert {fates[name].votes for name in titles(as_many[1])} == {fate.votes}, fate.why


def titles(names: str) -> list[str]:
    return re.findall("[A-F]", names)


def tie_of(count: int, rule: str, ties: int = 1, **terms: Any) -> str:
    """The last sentence of the last tie of so many equals, as the rule would tell it."""
    kind = BallotType.RANKED if rule in ("irv", "stv", "expanding-approvals") else BallotType.APPROVAL
    paper = allocation(kind, [1] * count, euros=count, rule=rule, **terms)
    ballots = [[n] for n in range(1, count + 1)]
    outcome = tally.count(election_of(paper), profile_of(paper, ballots), rule)
    equals = tuple(str(n) for n in range(1, count + 1))
    told = tuple(Tie(equals, place, decided=False) for place in range(1, ties + 1))
    with in_language("en"):
        result = read_result(paper, "EUR", Counted(replace(outcome, ties=told)), (9, 9, 0), {})
    return result.ties[-1]


UNTRIED = "It was not tried whether another order would have changed what was chosen."
NONE_TRIED = "No other order that was tried would have changed what was chosen."
NO_EFFECT = "Their order did not change what was chosen."


def test_no_more_is_said_of_a_tie_than_was_tried() -> None:
    assert tie_of(4, "equal-shares").endswith(NO_EFFECT)
    assert tie_of(5, "equal-shares").endswith(NONE_TRIED)
    assert tie_of(4, "equal-shares", ties=17).endswith(UNTRIED)
    assert tie_of(5, "expanding-approvals").endswith(NONE_TRIED)
    assert tie_of(9, "greedy").endswith(NO_EFFECT)
    assert tie_of(9, "greedy", part_funding=True).endswith(NONE_TRIED)
    assert tie_of(9, "irv").endswith("This did not change what was chosen.")
    assert tie_of(11, "irv").endswith(NONE_TRIED)
