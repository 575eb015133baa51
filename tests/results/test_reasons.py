"""One plain sentence for each project by what settled its fate, in the three languages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ballots.types import BallotType
from pb.language import in_language
from pb.results.queries import Result, read_result
from pb.results.rules import count_allocation
from pb.told.reasons import needed, unmeasured, why
from pb.told.terms import Told, rule_names, show_votes
from pb.told.ties import tie_sentence, unproven
from tally import Election, Margin, Outcome, Profile, Project, Step, Tie, Why, count
from tests.results.made import allocation

APPROVAL, RANKED = BallotType.APPROVAL, BallotType.RANKED
Ballots = Sequence[Sequence[int]]


def result(rule: str, costs: Sequence[int], ballots: Ballots, language: str = "en", **terms: Any) -> Result:
    """The result of one paper, ready to show, without margins; 100 euros are there."""
    kind = RANKED if rule in ("irv", "stv", "expanding-approvals", "rank-points") else APPROVAL
    paper = allocation(kind, costs, rule=rule, **terms)
    with in_language(language):
        counted = replace(count_allocation(paper, ballots), margins={})
        return read_result(paper, "EUR", counted, (99, len(ballots), 0), {})


FIVE_TWO_THREE: Ballots = [[1, 2]] * 5 + [[2]] * 2 + [[3]] * 3
SPREAD: Ballots = [[1, 2]] * 7 + [[2]] * 3 + [[3]] * 3
CASES: dict[str, tuple[str, list[int], Ballots, dict[str, Any], str, tuple[str, str, str]]] = {
    "shares could pay": (
        "equal-shares",
        [60, 50, 30],
        FIVE_TWO_THREE,
        {},
        "B",
        (
            "Chosen: its 7 supporters paid its €50 from their shares, at most €7.15 each.",
            "Valittiin: sen 7 kannattajaa maksoi sen hinnan, 50 €, osuuksistaan, kukin enintään 7,15 €.",
            "Valt: dess 7 anhängare betalade de 50 € ur sina andelar, högst 7,15 € var.",
        ),
    ),
    "shares could not pay": (
        "equal-shares",
        [60, 50, 30],
        FIVE_TWO_THREE,
        {},
        "A",
        (
            "Not chosen: its 5 supporters had €14.28 of their share left, and it cost €60.",
            "Jäi pois: sen 5 kannattajalla oli osuuksistaan jäljellä 14,28 €, ja se maksoi 60 €.",
            "Inte valt: dess 5 anhängare hade 14,28 € kvar av sina andelar, och det kostade 60 €.",
        ),
    ),
    "completed by most votes": (
        "equal-shares/add1-greedy",
        [50, 50, 60],
        [[1]] * 9 + [[2]] + [[3]] * 2,
        {},
        "B",
        (
            "Chosen when the rest went to most votes first: €50 was left and it costs €50.",
            "Valittiin, kun loput rahat jaettiin eniten ääniä ensin: jäljellä oli 50 € ja se maksaa 50 €.",
            "Valt när resten delades ut med flest röster först: 50 € fanns kvar och det kostar 50 €.",
        ),
    ),
    "too dear for the rest": (
        "equal-shares/add1-greedy",
        [60, 50, 30],
        FIVE_TWO_THREE,
        {},
        "A",
        (
            "Not chosen: its supporters could not pay for it. When the rest went to most votes first, €20 was left "
            "and it costs €60, so €40 was missing.",
            "Jäi pois: sen kannattajat eivät pystyneet maksamaan sitä. Kun loput jaettiin eniten ääniä ensin, "
            "jäljellä oli 20 € ja se maksaa 60 €: puuttui 40 €.",
            "Inte valt: dess anhängare kunde inte betala det. När resten delades ut med flest röster först fanns det "
            "20 € kvar och det kostar 60 €, så 40 € fattades.",
        ),
    ),
    "part funded": (
        "greedy",
        [60, 50, 30],
        [[1, 2]] * 5 + [[1]] * 2 + [[3]] * 3,
        {"part_funding": True},
        "B",
        (
            "Chosen in part: it costs €50 and gets the €40 that was left.",
            "Valittiin osittain: se maksaa 50 € ja saa jäljellä olleet rahat, 40 €.",
            "Valt till en del: det kostar 50 € och får de 40 € som fanns kvar.",
        ),
    ),
    "stopped": (
        "no-skip",
        [60, 50, 30],
        FIVE_TWO_THREE,
        {},
        "C",
        (
            "Not chosen: the count had ended at A, for which too little money was left.",
            "Jäi pois: laskenta oli päättynyt, kun rahat eivät riittäneet tähän: A.",
            "Inte valt: räkningen hade slutat vid A, som pengarna inte räckte till.",
        ),
    ),
    "the count ended at it": (
        "phragmen",
        [60, 50, 30],
        FIVE_TWO_THREE,
        {},
        "A",
        (
            "Not chosen: it was next, but €20 was left and it costs €60, so €40 was missing. The count ended there.",
            "Jäi pois: se oli seuraavana, mutta jäljellä oli 20 € ja se maksaa 60 €, joten puuttui 40 €. "
            "Laskenta päättyi siihen.",
            "Inte valt: det stod på tur, men 20 € fanns kvar och det kostar 60 €, så 40 € fattades. "
            "Räkningen slutade där.",
        ),
    ),
    "saved for": (
        "phragmen",
        [60, 50, 30],
        FIVE_TWO_THREE,
        {},
        "C",
        (
            "Chosen: its 3 supporters were the next to have saved its €30 together.",
            "Valittiin: sen 3 kannattajaa oli seuraavana säästänyt yhdessä sen hinnan, 30 €.",
            "Valt: dess 3 anhängare var nästa som tillsammans hade sparat ihop 30 €.",
        ),
    ),
    "few votes": (
        "threshold",
        [60, 50, 30],
        [[1]] * 5 + [[2]] + [[3]] * 3,
        {"min_votes": 4},
        "B",
        (
            "Not chosen: it got 1 vote and needed at least 4.",
            "Jäi pois: se sai 1 äänen, ja vähimmäisäänimäärä oli 4.",
            "Inte valt: det fick 1 röst och behövde minst 4.",
        ),
    ),
    "few points": (
        "rank-points",
        [60, 60, 30],
        [[1, 2]] * 2 + [[2, 1]] * 2 + [[3]],
        {"min_votes": 20},
        "C",
        (
            "Not chosen: it got 9 points and needed at least 20.",
            "Jäi pois: se sai 9 pistettä ja tarvitsi vähintään 20.",
            "Inte valt: det fick 9 poäng och behövde minst 20.",
        ),
    ),
    "not in the best set": (
        "knapsack",
        [60, 50, 40],
        [[1]] * 4 + [[2]] * 4 + [[3]] * 3,
        {},
        "B",
        (
            "Not chosen: with 4 votes for €50 it is not in the best set that the money can pay.",
            "Jäi pois: 4 ääntä, hinta 50 €, eikä se kuulu parhaaseen joukkoon, johon rahat riittävät.",
            "Inte valt: med 4 röster för 50 € hör det inte till den bästa mängd som pengarna räcker till.",
        ),
    ),
    "in the best set": (
        "knapsack",
        [60, 50, 40],
        [[1]] * 4 + [[2]] * 4 + [[3]] * 3,
        {},
        "A",
        (
            "Chosen: it belongs to the set with most votes in all that the money can pay.",
            "Valittiin: se kuuluu joukkoon, jolla on yhteensä eniten ääniä ja johon rahat riittävät.",
            "Valt: det hör till den mängd med sammanlagt flest röster som pengarna räcker till.",
        ),
    ),
    "elected with the quota": (
        "stv",
        [50, 50, 50, 50],
        [*SPREAD, [4]],
        {},
        "A",
        (
            "Chosen in round 1 with 7 votes: 5 were enough.",
            "Valittiin laskentakierroksella 1, ääniä 7: 5 riitti.",
            "Valt i räkneomgång 1 med 7 röster: 5 räckte.",
        ),
    ),
    "elected as the last": (
        "stv",
        [50, 50, 50, 50],
        [*SPREAD, [4]],
        {},
        "B",
        (
            "Chosen in round 3 with 4.99997 votes: as many were still in as could be chosen.",
            "Valittiin laskentakierroksella 3, ääniä 4,99997: mukana oli enää yhtä monta kuin voitiin valita.",
            "Valt i räkneomgång 3 med 4,99997 röster: det var bara så många kvar som kunde väljas.",
        ),
    ),
    "still in when the places were filled": (
        "stv",
        [50, 50, 50],
        [[1]] * 5 + [[2]] * 5 + [[3]],
        {},
        "C",
        (
            "Not chosen: it had 1 vote when the last place was filled.",
            "Jäi pois: sillä oli 1 ääni, kun viimeinen paikka täyttyi.",
            "Inte valt: det hade 1 röst när den sista platsen fylldes.",
        ),
    ),
    "dropped out": (
        "stv",
        [50, 50, 50, 50],
        [*SPREAD, [4]],
        {},
        "D",
        (
            "Dropped out in round 2 with 1 vote, the fewest.",
            "Putosi laskentakierroksella 2. Sillä oli vähiten ääniä: 1.",
            "Föll bort i räkneomgång 2 med 1 röst, minst av alla.",
        ),
    ),
    "ranks could pay": (
        "expanding-approvals",
        [60, 50, 30],
        SPREAD,
        {},
        "B",
        (
            "Chosen: its supporters had €76.92 of their share left and it costs €50.",
            "Valittiin: sen kannattajilla oli osuuksistaan jäljellä 76,92 € ja se maksaa 50 €.",
            "Valt: dess anhängare hade 76,92 € kvar av sina andelar och det kostar 50 €.",
        ),
    ),
    "over the budget": (
        "equal-shares",
        [100, 101, 30],
        FIVE_TWO_THREE,
        {},
        "B",
        (
            "Not chosen: it costs €101, more than there is in all.",
            "Jäi pois: se maksaa 101 €, enemmän kuin rahaa on yhteensä.",
            "Inte valt: det kostar 101 €, mer än vad som finns sammanlagt.",
        ),
    ),
    "nobody named it": (
        "equal-shares",
        [60, 50, 30],
        [[1]] * 5,
        {},
        "C",
        (
            "Not chosen: nobody voted for it.",
            "Jäi pois: kukaan ei äänestänyt sitä.",
            "Inte valt: ingen röstade på det.",
        ),
    ),
}


@pytest.mark.parametrize(("place", "language"), [(0, "en"), (1, "fi"), (2, "sv")])
@pytest.mark.parametrize("case", CASES)
def test_why(case: str, place: int, language: str) -> None:
    rule, costs, ballots, terms, project, sentences = CASES[case]
    fates = result(rule, costs, ballots, language, **terms).fates
    said = {fate.project.title: fate.why for fate in fates}
    assert said[project].replace("\u00a0", " ") == sentences[place]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Not chosen: Swing was chosen, and only one of the two can be."),
        ("fi", "Jäi pois: Swing valittiin, ja näistä kahdesta vain toinen voidaan valita."),
        ("sv", "Inte valt: Swing valdes, och bara ett av de två kan väljas."),
    ],
)
def test_one_that_another_excludes(language: str, sentence: str) -> None:
    election = Election((Project("1", 10, "Swing", group="x"), Project("2", 10, "Slide", group="x")), 50)
    outcome = count(election, Profile.of([["1"], ["1"], ["2"]]), "greedy")
    with in_language(language):
        assert why(Told(outcome, {"1": "Swing", "2": "Slide"}, "EUR"), outcome.steps[1]) == sentence


def test_every_fate_that_tally_knows_has_its_sentence() -> None:
    outcome = count(Election((Project("1", 10, "Swing"),), 50), Profile.of([["1"]]), "greedy")
    with in_language("en"):
        said = {why(Told(outcome, {"1": "Swing"}, "EUR"), Step("1", 3, 10, 5, False, fate, "1", 4)) for fate in Why}
    assert len(said) == len(Why) - 1  # what is out of a ranked count is told by its rounds


def test_the_rule_of_two_that_pleases_more_voters_tells_its_own_story() -> None:
    ballots = [[1], [1], [1], [2, 3], [2, 3], [4]]
    told = result("equal-shares/add1-comparison", [90, 50, 50, 5], ballots)
    assert told.preferring.startswith("Two counts were compared. ")
    ours, other = told.outcome.preferring or (0, 0)
    assert told.preferring.endswith("So most votes first counts." if other > ours else "So equal shares count.")
    greedy = replace(told.outcome, preferring=(1, 2))
    assert Told(greedy, {}, "EUR").rule == "greedy"


def test_the_project_funded_in_part_is_paid_what_is_left() -> None:
    told = result("greedy", [60, 50, 30], [[1, 2]] * 5 + [[1]] * 2 + [[3]] * 3, part_funding=True)
    assert [(fate.project.title, fate.state, fate.paid_cents) for fate in told.paid] == [
        ("A", "funded", 60_00),
        ("B", "part", 40_00),
    ]
    assert [fate.project.title for fate in told.winners] == ["A"]
    assert [fate.project.title for fate in told.others] == ["C"]
    assert (told.outcome.spent, told.left_cents) == (100_00, 0)


def test_votes_of_a_transfer_add_up_in_every_round() -> None:
    told = result("stv", [50, 50, 50, 50], [*SPREAD, [4], [4], []])
    with in_language("en"):
        assert [told.show(votes) for votes in told.in_play] == ["15", "14.99995", "12.99995"]
        assert [told.show(votes) for votes in told.out_of_play] == ["1", "1.00005", "3.00005"]
        assert [told.show(votes) for votes in (1, 100_000, 1_250_000)] == ["0.00001", "1", "12.50000"]
    assert all(0 <= fate.votes <= fate.out_of for fate in told.fates)


def test_points_are_out_of_all_that_ranks_could_give() -> None:
    told = result("rank-points", [60, 60, 30], [[1, 2], [2, 1], [3]])
    assert [(fate.project.title, fate.votes, fate.out_of) for fate in told.fates] == [
        ("A", 17, 27),
        ("B", 17, 27),
        ("C", 9, 27),
    ]


TIES: dict[str, tuple[str, list[int], Ballots, str]] = {
    "equal shares": (
        "equal-shares",
        [60, 60],
        [[1, 2]] * 4,
        "The rule could not tell A and B apart. The published order decided what was chosen.",
    ),
    "without effect": (
        "phragmen",
        [40, 40],
        [[1], [2]],
        "The rule could not tell A and B apart. Their order did not change what was chosen.",
    ),
    "knapsack": (
        "knapsack",
        [60, 60],
        [[1], [2]],
        "The rule could not tell A and B apart. The published order decided what was chosen.",
    ),
    "surpluses": (
        "stv",
        [50, 50, 50],
        [[1]] * 4 + [[2]] * 4 + [[3]],
        "",
    ),
}


@pytest.mark.parametrize("case", TIES)
def test_ties_of_every_rule_are_told(case: str) -> None:
    rule, costs, ballots, sentence = TIES[case]
    assert list(result(rule, costs, ballots).ties) == ([sentence] if sentence else [])


def test_equal_surpluses_name_whose_votes_moved_on_first() -> None:
    told = result("stv", [25, 25, 25, 25, 25, 25], [[1, 3]] * 6 + [[2, 4]] * 6 + [[3], [4], [5], [6]], euros=75)
    assert told.ties[0].startswith(
        "In round 1 A and B had the same number of votes more than was enough. "
        "The published order put A first, so its extra votes moved on first."
    )


@pytest.mark.parametrize(
    ("value", "bound", "sentence"),
    [
        (100, 100, ""),
        (999, 1000, "It has at most 0.1% fewer votes than any other could."),
        (2, 3, "It has at most 33.4% fewer votes than any other could."),
    ],
)
def test_a_set_not_proven_best_says_how_far_it_can_be(value: int, bound: int, sentence: str) -> None:
    with in_language("en"):
        outcome = Outcome("knapsack", (), 0, (), (), value=value, bound=bound)
        assert unproven(Told(outcome, {}, "EUR")).endswith(sentence)


def test_a_tie_and_votes_are_said_in_the_readers_language() -> None:
    outcome = count(Election((Project("1", 60), Project("2", 60)), 100), Profile.of([["1"], ["2"]]), "per-euro")
    with in_language("sv"):
        said = tie_sentence(Told(outcome, {"1": "Å", "2": "Ö"}, "EUR"), Tie(("1", "2"), 1, True))
        assert said == "Regeln kunde inte skilja mellan Å och Ö. Den publicerade ordningen avgjorde vad som valdes."
        assert show_votes(1_234_550_000, 100_000) == "12\u00a0345,50000"


NEEDED = {
    "en": "With 37 more votes it would have been chosen. At €18,200 it would have been chosen.",
    "fi": "Jos sillä olisi ollut 37 ääntä enemmän, se olisi valittu. Jos se olisi maksanut 18 200 €, se olisi valittu.",
    "sv": "Med 37 röster till hade det valts. Om det hade kostat 18 200 € hade det valts.",
}


@pytest.mark.parametrize("language", NEEDED)
def test_what_would_have_been_enough(language: str) -> None:
    told = Told(Outcome("greedy", (), 0, (), ()), {}, "EUR")
    with in_language(language):
        assert " ".join(needed(Margin(37, 18_200_00), told)).replace("\u00a0", " ") == NEEDED[language]


def test_one_vote_is_one_vote_and_nothing_is_said_of_what_is_not_known() -> None:
    told = Told(Outcome("greedy", (), 0, (), ()), {}, "EUR")
    with in_language("en"):
        assert needed(Margin(1, None), told) == ["With 1 more vote it would have been chosen."]
        assert needed(Margin(None, None, 313_00), told) == []
        assert needed(Margin(1, 9_00, 0), told) == []
        assert needed(Margin(None, 9_00, 313_00), told) == [
            "At €9 it would have been chosen.",
            "That is so with the same share of €313 for every voter.",
        ]


def test_a_count_says_what_the_loser_would_have_needed() -> None:
    paper = allocation(APPROVAL, [60, 50])
    with in_language("en"):
        told = read_result(paper, "EUR", count_allocation(paper, [[1], [1], [2]]), (9, 3, 0), {})
    assert told.fates[1].why == (
        "Not chosen: at its turn €40 was left and it costs €50, so €10 was missing. "
        "With 2 more votes it would have been chosen. At €40 it would have been chosen."
    )


def test_projects_without_a_margin_are_counted_where_there_should_be_one() -> None:
    lost = [Step(project, 1, 10, 5, False, Why.TOO_DEAR) for project in "ABC"]
    steps = (Step("D", 3, 10, 10, True), *lost, Step("E", 1, 10, 5, False, Why.PART))
    told = Told(Outcome("greedy", (), 0, (), steps), {}, "EUR")
    why_not = "it was not worked out what would have been enough: it takes too long to count again that often."
    with in_language("en"):
        assert unmeasured(told) == f"For 3 projects {why_not}"
        assert (
            unmeasured(replace(told, margins={"A": Margin(1, 1), "B": Margin(None, None)}))
            == f"For 1 project {why_not}"
        )
        assert unmeasured(replace(told, margins=dict.fromkeys("ABC", Margin(1, 1)))) == ""
        assert unmeasured(replace(told, outcome=replace(told.outcome, bound=1))) == ""


def test_a_set_not_proven_best_is_the_best_that_was_found() -> None:
    step = Step("A", 4, 50_00, 5, False, Why.NOT_BEST)
    with in_language("en"):
        assert why(Told(Outcome("knapsack", (), 0, (), (step,), value=1, bound=2), {}, "EUR"), step) == (
            "Not chosen: with 4 votes for €50 it is not in the best set that was found."
        )


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_every_rule_has_a_name_of_its_own(language: str) -> None:
    with in_language(language):
        assert len(set(rule_names().values())) == len(rule_names()) == 14
