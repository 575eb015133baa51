"""The trace in plain English: a sentence for each project, whatever became of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally import Election, Kind, Margin, Profile, Project, Why, count, explain, margins
from tally.rules import COMPARED
from tests.tally.test_rules import any_elections


def money(cents):
    return f"{cents} c"


def sentences(election, profile, rule, needed=None):
    outcome = count(election, profile, rule)
    return dict(explain(election, profile, outcome, needed or {}, money))


@pytest.mark.parametrize("rule", [*COMPARED, "knapsack/cost", "equal-shares/comparison/cardinality"])
@settings(max_examples=8)
@given(st.data())
def test_every_project_has_a_sentence_on_one_line(rule, data):
    election, ballots, kind = data.draw(any_elections(rule))
    profile = Profile.of(ballots, kind)
    outcome = count(election, profile, rule)
    told = list(explain(election, profile, outcome, margins(election, profile, outcome), money))
    assert [id_ for id_, _ in told] == [step.project for step in outcome.steps]
    for (_, sentence), step in zip(told, outcome.steps, strict=True):
        assert sentence.isprintable()
        assert sentence.endswith(".")
        assert sentence.startswith("won" if step.funded else "funded in part" if step.why is Why.PART else "lost")
        assert "None" not in sentence


ELECTION = Election(
    (Project("a", 600), Project("b", 500, group="g"), Project("c", 400, group="g"), Project("d", 9)), 1050
)
VOTES = Profile.counted({("a", "b"): 5, ("a",): 2, ("c",): 1})


@pytest.mark.parametrize(
    ("rule", "terms", "expected"),
    [
        (
            "greedy",
            {},
            {
                "a": "won with 7 votes: 1050 c was left and it cost 600 c.",
                "b": "lost: 450 c was left and it cost 500 c, so 50 c was missing.",
                "c": "won with 1 vote: 450 c was left and it cost 400 c.",
                "d": "won with 0 votes: 50 c was left and it cost 9 c.",
            },
        ),
        ("greedy", {"part_funding": True}, {"b": "funded in part: 450 c was left of its 500 c."}),
        ("greedy", {"min_votes": 2}, {"c": "lost: it got 1 vote and needed 2."}),
        ("greedy", {"budget": 1200}, {"c": "lost: b had won, and only one of the two can."}),
        ("no-skip", {}, {"c": "lost: the count ended at b, which did not fit."}),
        ("equal-shares", {}, {"b": "lost: its 5 supporters had 227 c of their share left, it cost 500 c."}),
        (
            "knapsack",
            {"budget": 600},
            {"b": "lost: with 5 votes for 500 c it is not in the best set that the budget can pay."},
        ),
        ("phragmen", {}, {"d": "lost: the count ended at b, which did not fit."}),
    ],
)
def test_each_reason_has_its_words(rule, terms, expected):
    told = sentences(replace(ELECTION, **terms), VOTES, rule)
    assert {id_: told[id_] for id_ in expected} == expected


def test_votes_in_parts_are_told_with_their_decimals():
    election = Election.for_seats(["Ann", "Ben", "Cat"], 2)
    told = sentences(election, Profile.counted({("1", "2"): 5, ("3",): 2}, Kind.RANKED), "stv")
    assert told == {"1": "won with 5.00000 votes.", "3": "won with 2.00000 votes.", "2": "lost with 2.00000 votes."}


def test_what_was_needed_follows():
    told = sentences(ELECTION, VOTES, "greedy", {"b": Margin(3, 450), "c": Margin(1, None)})
    assert told["b"].endswith("missing. It would have won with 3 more votes. It would have won at 450 c.")
    assert told["c"].endswith(" It would have won with 1 more vote.")
