"""Instant-runoff, beside a slow twin and beside pyrankvote."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Kind, Profile, Project, Why
from tally.outcome import MICRO
from tally.runoff import instant_runoff, irv, second_count
from tests.tally.made_up import ranked_elections
from tests.tally.twins import runoff_tie_decides_twin, runoff_twin

ABCD = Election(tuple(Project(id_, 100) for id_ in "abcd"), 100)


def count(election, ballots):
    return irv(election, Profile.of(ballots, Kind.RANKED))


@given(ranked_elections())
def test_the_rounds_are_those_of_the_slow_count(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    winner, dropped = runoff_twin(election.ids, ballots)
    assert outcome.winners == (() if winner is None else (winner,))
    assert tuple(r.eliminated for r in outcome.rounds if r.eliminated) == dropped


@given(ranked_elections())
def test_every_voter_is_in_every_round(made_up):
    election, ballots = made_up
    profile = Profile.of(ballots, Kind.RANKED)
    for round_ in instant_runoff(election, profile).rounds:
        assert sum(votes for _, votes in round_.votes) + round_.exhausted + profile.blank == len(ballots)


@given(ranked_elections())
def test_the_winner_has_more_than_half_of_the_last_round(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    last = dict(outcome.rounds[-1].votes)
    assert outcome.winners == outcome.rounds[-1].elected
    assert all(2 * last[winner] > sum(last.values()) for winner in outcome.winners)
    assert len(outcome.winners) == any(ballots)


@given(ranked_elections())
def test_each_project_has_one_step_and_only_the_winner_is_funded(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    assert sorted(step.project for step in outcome.steps) == sorted(election.ids)
    assert tuple(step.project for step in outcome.steps if step.funded) == outcome.winners
    assert outcome.spent == sum(step.cost for step in outcome.steps if step.why is Why.FUNDED)


@given(ranked_elections(), st.randoms())
def test_the_order_of_ballots_does_not_matter(made_up, random):
    election, ballots = made_up
    assert count(election, ballots) == count(election, random.sample(ballots, len(ballots)))


@given(ranked_elections(), st.randoms())
def test_the_published_order_does_not_matter_without_ties(made_up, random):
    election, ballots = made_up
    outcome = count(election, ballots)
    other = Election(tuple(random.sample(election.projects, len(election.projects))), election.budget)
    if not outcome.ties:
        assert count(other, ballots).winners == outcome.winners


@given(ranked_elections(ids="abcdefg"))
def test_a_tie_decides_exactly_when_another_order_elects_another(made_up):
    election, ballots = made_up
    for tie in count(election, ballots).ties:
        if len(tie.projects) <= 5:
            assert tie.decided == runoff_tie_decides_twin(election, ballots, tie.projects)


def test_a_crowd_without_votes_decides_nothing_and_costs_nothing():
    crowd = [f"n{number}" for number in range(500)]
    election = Election(tuple(Project(id_, 100) for id_ in ["a", "b", "c", *crowd]), 100)
    tie, *others = count(election, [("a",)] * 4 + [("b",)] * 3 + [("c", "b")] * 2).ties
    assert (len(tie.projects), tie.decided, others[-1].projects) == (500, False, ("n0", "n1"))


def crowd_of(number, *others):
    """A count where `number` projects have a vote each, and the next choice of its voter is a."""
    crowd = [f"n{n:02}" for n in range(number)]
    election = Election(tuple(Project(id_, 100) for id_ in ["a", "b", *crowd]), 100)
    return count(election, [(id_, "a") for id_ in crowd] + list(others)).ties


def test_ten_equals_are_followed_in_every_order():
    assert not any(tie.decided for tie in crowd_of(10, *[("a",)] * 4, *[("b",)] * 3))


def test_of_very_many_equals_an_order_that_decides_is_found_and_none_is_claimed():
    """Fourteen could go in 2**14 ways: another winner is met soon if it is anywhere, else nothing is claimed."""
    first, *_ = crowd_of(14, *[("a",)] * 4, *[("b",)] * 2)
    assert (len(first.projects), first.decided) == (14, False)
    ids = [f"n{n:02}" for n in range(20)]
    first, *_ = count(Election(tuple(Project(id_, 100) for id_ in ids), 100), [(id_,) for id_ in ids]).ties
    assert (len(first.projects), first.decided) == (20, True)


@given(ranked_elections())
def test_each_round_that_drops_one_of_equals_is_named_as_a_tie(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    for number, round_ in enumerate(outcome.rounds, start=1):
        votes = dict(round_.votes)
        fewest = [id_ for id_ in votes if round_.eliminated and votes[id_] == votes[round_.eliminated]]
        named = [tie.projects for tie in outcome.ties if tie.place == number]
        assert named == ([tuple(fewest)] if len(fewest) > 1 else [])


@given(ranked_elections())
def test_pyrankvote_agrees_unless_something_was_tied(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    if outcome.ties or not outcome.winners or len(election.projects) == 1:
        assert outcome.second_count == "not compared"
    else:
        assert outcome.second_count != "differs"


def test_pyrankvote_is_not_compared_when_only_its_own_count_is_tied():
    """It drops b and d at once, as with c they cannot pass a; so c rises to a's nine."""
    outcome = count(ABCD, [("a",)] * 9 + [("b", "c")] * 4 + [("c",)] * 3 + [("d", "b", "c")] * 2)
    assert (outcome.winners, outcome.ties, outcome.second_count) == (("a",), (), "not compared")


def test_pyrankvote_waits_for_a_vote_more_than_a_majority_but_elects_the_same():
    outcome = count(ABCD, [("a",)] * 3 + [("b",)] * 2)
    assert (outcome.winners, len(outcome.rounds), outcome.second_count) == (("a",), 1, "agrees")


def test_exactly_half_is_not_a_majority():
    outcome = count(ABCD, [("a",)] * 4 + [("b", "c")] * 3 + [("c",)])
    assert [r.elected for r in outcome.rounds] == [(), (), ("a",)]


def test_the_steps_go_from_the_winner_to_the_first_dropped():
    outcome = count(ABCD, [("a",)] * 4 + [("b", "c")] * 3 + [("c",)])
    assert [(s.project, s.votes, s.left, s.why) for s in outcome.steps] == [
        ("a", 4, 100, Why.FUNDED),
        ("b", 3, 0, Why.OUT),
        ("c", 1, 0, Why.OUT),
        ("d", 0, 0, Why.OUT),
    ]
    assert [step.price for step in outcome.steps] == [MICRO * 100 // 4, 0, 0, 0]


def test_the_rule_is_our_count_and_a_second_one():
    profile = Profile.of([("a",), ("a", "b"), ("b",)], Kind.RANKED)
    outcome = instant_runoff(ABCD, profile)
    assert (outcome.rule, outcome.second_count, second_count(ABCD, profile, outcome)) == ("irv", "", "agrees")
    assert irv(ABCD, profile) == replace(outcome, second_count="agrees")


def test_another_winner_than_pyrankvote_finds_is_told():
    profile = Profile.of([("a",), ("a", "b"), ("b",)], Kind.RANKED)
    wrong = replace(instant_runoff(ABCD, profile), winners=("b",))
    assert second_count(ABCD, profile, wrong) == "differs"


@pytest.mark.parametrize("ballots", [[], [()] * 3])
def test_without_votes_nothing_wins_and_one_round_shows_it(ballots):
    outcome = count(ABCD, ballots)
    assert (outcome.winners, outcome.spent, outcome.ties, outcome.second_count) == ((), 0, (), "not compared")
    assert [(round_.exhausted, round_.eliminated) for round_ in outcome.rounds] == [(0, None)]


def test_groups_and_part_funding_change_nothing():
    ballots = Profile.of([("a",)] * 3 + [("b", "c")] * 2 + [("c", "b")] * 2, Kind.RANKED)
    grouped = Election(tuple(Project(id_, 100, group="g") for id_ in "abcd"), 150, part_funding=True)
    assert instant_runoff(grouped, ballots).winners == instant_runoff(ABCD, ballots).winners == ("b",)


def test_a_project_dearer_than_the_money_is_refused():
    with pytest.raises(ValueError, match="'b' costs more than the budget"):
        count(Election((Project("a", 100), Project("b", 101)), 100), [])


def test_a_minimum_of_votes_is_refused():
    with pytest.raises(ValueError, match="it knows no minimum of votes"):
        count(replace(ABCD, min_votes=1), [])


@pytest.mark.parametrize("kind", [Kind.APPROVAL, Kind.POINTS])
def test_ballots_without_an_order_are_refused(kind):
    with pytest.raises(ValueError, match=f"it needs ranked ballots, and these are {kind}"):
        irv(ABCD, Profile.of([], kind))


def test_votes_for_an_unknown_project_are_refused():
    with pytest.raises(ValueError, match="unknown projects: z"):
        count(ABCD, [("a", "z")])


def test_more_ballots_than_fit_exact_numbers_are_refused():
    with pytest.raises(ValueError, match="more ballots than can be counted exactly"):
        irv(ABCD, Profile.counted({("a",): 9 * 10**8 + 1}, Kind.RANKED))
