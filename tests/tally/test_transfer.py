"""The single transferable vote, beside a slow count of every single ballot and beside a council's real elections."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Kind, Profile, Project, Tie, Why
from tally.blt import read_blt
from tally.runoff import instant_runoff
from tally.transfer import UNIT, stv
from tests.tally.transfer_twin import orders, stv_twin, winners_twin

WARDS = Path(__file__).parents[2].parent / "shared" / "data" / "ranked" / "edinburgh2017"


def count(ids, seats, ballots):
    return stv(seats_for(ids, seats), Profile.of(ballots, Kind.RANKED))


def seats_for(ids, seats):
    return Election(tuple(Project(id_, 1) for id_ in ids), seats)


@st.composite
def seat_elections(draw, most_seats=3):
    """Up to five candidates in some order, seats, and up to eight ballots, some short, some blank."""
    ids = draw(st.permutations("abcde"[: draw(st.integers(1, 5))]))
    choices = st.lists(st.sampled_from(ids), unique=True).map(tuple)
    return ids, draw(st.integers(1, most_seats)), draw(st.lists(choices, max_size=8))


@given(seat_elections())
def test_the_stages_are_those_of_the_slow_count(made_up):
    outcome, stages = count(*made_up), stv_twin(*made_up)
    assert [set(round_.elected) for round_ in outcome.rounds] == [stage[1] for stage in stages]
    assert [round_.surplus_of or round_.eliminated for round_ in outcome.rounds] == [stage[2] for stage in stages]
    for round_, (votes, *_) in zip(outcome.rounds, stages, strict=True):
        assert all(votes[id_] == number for id_, number in round_.votes)
        assert not any(votes[id_] for id_ in votes if id_ not in dict(round_.votes))


@given(seat_elections())
def test_every_vote_is_with_a_candidate_or_exhausted_in_every_round(made_up):
    _ids, _seats, ballots = made_up
    for round_ in count(*made_up).rounds:
        assert sum(votes for _, votes in round_.votes) + round_.exhausted == UNIT * sum(map(bool, ballots))
        assert round_.exhausted >= 0


@given(seat_elections())
def test_all_seats_are_filled_and_only_the_last_ones_without_the_quota(made_up):
    ids, seats, _ballots = made_up
    outcome = count(*made_up)
    assert len(set(outcome.winners)) == len(outcome.winners) == min(seats, len(ids)) == outcome.spent
    for round_ in outcome.rounds[:-1]:
        assert all(dict(round_.votes)[winner] >= outcome.quota for winner in round_.elected)
    reached = {id_ for round_ in outcome.rounds for id_, votes in round_.votes if votes >= outcome.quota}
    assert reached <= set(outcome.winners)


@given(seat_elections())
def test_who_is_first_on_a_quota_of_ballots_is_elected_in_the_first_round(made_up):
    ids, _seats, ballots = made_up
    outcome = count(*made_up)
    first = {id_: UNIT * sum(ballot[:1] == (id_,) for ballot in ballots) for id_ in ids}
    assert {id_ for id_ in ids if first[id_] >= outcome.quota} <= set(outcome.rounds[0].elected)
    votes = [first[id_] for id_ in outcome.rounds[0].elected]
    assert votes == sorted(votes, reverse=True)


@given(seat_elections())
def test_the_published_order_is_named_wherever_it_was_needed(made_up):
    stages = stv_twin(*made_up)
    needed = [(lots, number) for number, (_, _, _, lots) in enumerate(stages, start=1) if len(lots) > 1]
    assert [(tie.projects, tie.place) for tie in count(*made_up).ties] == needed


@given(seat_elections())
def test_a_tie_decides_exactly_when_another_order_elects_others(made_up):
    ids, seats, ballots = made_up
    for tie in count(*made_up).ties:
        if len(tie.projects) <= 4 or not any(map(set(tie.projects).intersection, ballots)):
            published = winners_twin(*made_up)
            assert tie.decided == any(
                winners_twin(other, seats, ballots) != published for other in orders(ids, tie.projects)
            )


@given(seat_elections(), st.randoms())
def test_without_ties_neither_order_matters(made_up, randoms):
    ids, seats, ballots = made_up
    outcome = count(*made_up)
    assert count(ids, seats, randoms.sample(ballots, len(ballots))) == outcome
    if not outcome.ties:
        assert set(count(randoms.sample(ids, len(ids)), seats, ballots).winners) == set(outcome.winners)


@given(seat_elections(most_seats=1))
def test_one_seat_without_ties_goes_to_the_winner_of_the_runoff(made_up):
    """The first elected ends the count, so no surplus moves; who has a majority in play never has the fewest."""
    ids, _seats, ballots = made_up
    outcome = count(*made_up)
    runoff = instant_runoff(seats_for(ids, 1), Profile.of(ballots, Kind.RANKED))
    if not outcome.ties and not runoff.ties and any(ballots):
        assert outcome.winners == runoff.winners


@given(seat_elections())
def test_the_steps_are_the_winners_and_then_the_others_last_excluded_first(made_up):
    ids, _seats, _ballots = made_up
    outcome = count(*made_up)
    excluded = [round_.eliminated for round_ in outcome.rounds if round_.eliminated]
    order = [step.project for step in outcome.steps]
    assert sorted(order) == sorted(ids)
    assert order[: len(outcome.winners)] == list(outcome.winners)
    assert order[len(order) - len(excluded) :] == excluded[::-1]
    for step in outcome.steps:
        assert (step.why is Why.FUNDED) == step.funded == (step.project in outcome.winners)


def test_a_count_worked_by_hand():
    """Ten ballots for two seats: the quota is 4. Ann has 6, so 2 of them move on: each of her ballots is worth 0.33333.

    Four of these go to Ben, who has 1 + 4 × 0.33333, and two to Cem, who has 3 + 2 × 0.33333; 0.00002 are lost. Nobody
    reaches 4, Ben has fewest, and is excluded; Cem alone is left for the last seat.
    """
    outcome = count(["Ann", "Ben", "Cem"], 2, [("Ann", "Ben")] * 4 + [("Ann", "Cem")] * 2 + [("Ben",)] + [("Cem",)] * 3)
    assert (outcome.rule, outcome.unit, outcome.quota, outcome.spent) == ("stv", 100_000, 400_000, 2)
    assert [(r.votes, r.elected, r.surplus_of, r.eliminated, r.exhausted) for r in outcome.rounds] == [
        ((("Ann", 600_000), ("Ben", 100_000), ("Cem", 300_000)), ("Ann",), "Ann", None, 0),
        ((("Ann", 400_000), ("Ben", 233_332), ("Cem", 366_666)), ("Cem",), None, "Ben", 2),
    ]
    assert [(s.project, s.votes, s.left) for s in outcome.steps] == [
        ("Ann", 600_000, 2),
        ("Cem", 366_666, 1),
        ("Ben", 233_332, 0),
    ]
    assert outcome.ties == ()


def test_a_ballot_that_came_at_a_part_of_a_vote_moves_on_at_a_part_of_that_part():
    """Of a's 7 votes 3 are over the quota of 4: each ballot is worth 0.42857, and b has 2 + 7 × 0.42857 = 4.99999.

    0.99999 of these are over: ballots from a are worth 0.42857 × 0.99999 / 4.99999 = 0.08571, b's own 0.19999.
    """
    outcome = count("abcd", 3, [("a", "b", "c")] * 7 + [("b", "d")] * 2 + [("c",)] * 3 + [("d",)] * 3)
    assert [(round_.elected, round_.surplus_of) for round_ in outcome.rounds] == [
        (("a",), "a"),
        (("b",), "b"),
        (("c",), None),
    ]
    last = outcome.rounds[-1]
    assert dict(last.votes) == {"a": 400_000, "b": 400_000, "c": 300_000 + 7 * 8_571, "d": 300_000 + 2 * 19_999}
    assert (last.exhausted, last.eliminated) == (5, "d")


def test_equals_are_told_apart_by_the_round_before():
    """After d is excluded b and c have 3 each; b had 2 before, c had 3, so b goes, although c is listed last."""
    outcome = count("abcd", 1, [("a",)] * 4 + [("b",)] * 2 + [("c",)] * 3 + [("d", "b")])
    assert ([round_.eliminated for round_ in outcome.rounds], outcome.ties) == (["d", "b", "c"], ())


def test_equal_surpluses_move_in_the_published_order_and_are_named():
    """a and b have 3 of a quota of 2: whose surplus moves first is the published order, and c is elected anyway."""
    ballots = [("a", "c")] * 3 + [("b", "c")] * 3 + [("d",)]
    outcome = count("abcd", 3, ballots)
    assert outcome.rounds[0].surplus_of == "a"
    assert outcome.ties[0] == Tie(("a", "b"), 1, decided=False)


def test_whose_equal_surplus_moves_first_can_decide():
    """Either surplus elects c; so that of b, which moves later, goes past c to d, and in the other order a's to e."""
    outcome = count("abcde", 4, [("a", "c", "e")] * 4 + [("b", "c", "d")] * 4)
    assert (outcome.winners, outcome.ties) == (tuple("abcd"), (Tie(("a", "b"), 1, decided=True),))


def test_equals_of_whom_one_is_excluded_are_named_with_whether_it_decided():
    outcome = count("abc", 1, [("a",), ("b",), ("c", "b")])
    assert (outcome.winners, outcome.ties) == (("b",), (Tie(("a", "b", "c"), 1, decided=True),))


def test_blank_ballots_do_not_raise_the_quota():
    outcome = count("ab", 1, [("a",)] * 2 + [("b",)] + [()] * 10)
    assert (outcome.winners, outcome.quota, outcome.rounds[0].exhausted) == (("a",), 2 * UNIT, 0)


def test_with_as_many_seats_as_candidates_all_are_elected_at_once_most_votes_first():
    outcome = count("abc", 7, [("b",), ("b", "a"), ("c",)])
    assert (outcome.winners, len(outcome.rounds), outcome.ties) == (("b", "c", "a"), 1, ())


def test_when_nobody_voted_the_published_order_fills_the_seats_and_is_named():
    outcome = count("abcd", 2, [()])
    assert (outcome.winners, [round_.eliminated for round_ in outcome.rounds]) == (("a", "b"), ["d", "c"])
    assert outcome.ties == (Tie(tuple("abcd"), 1, decided=True), Tie(tuple("abc"), 2, decided=True))


def test_hundreds_of_candidates_without_votes_cost_no_other_counts():
    crowd = [f"n{number}" for number in range(300)]
    outcome = count(["a", "b", *crowd], 1, [("a",)] * 2 + [("b",)] * 3 + [("a",)])
    assert (outcome.winners, len(outcome.ties[0].projects)) == (("a",), 300)
    assert not any(tie.decided for tie in outcome.ties if tie.projects[0] == "n0")


def test_no_seats_and_no_candidates_give_no_winners():
    assert count("ab", 0, [("a",)]).winners == count("", 2, []).winners == ()


@pytest.mark.parametrize(
    ("election", "sentence"),
    [
        (Election((Project("a", 1), Project("b", 2)), 3), "for other costs use expanding-approvals"),
        (Election((Project("a", 1), Project("b", 1, group="g")), 1), "no groups of which only one may win"),
        (Election((Project("a", 1),), 1, min_votes=1), "it knows no minimum of votes"),
        (Election((Project("b", 1),), 1), "unknown projects: a"),
    ],
)
def test_what_the_law_does_not_know_is_refused(election, sentence):
    with pytest.raises(ValueError, match=sentence):
        stv(election, Profile.of([("a",)], Kind.RANKED))


def test_ballots_without_an_order_are_refused():
    with pytest.raises(ValueError, match="it needs ranked ballots, and these are approval"):
        stv(seats_for("ab", 1), Profile.of([("a",)]))


def test_as_many_ballots_as_allowed_are_counted_exactly():
    ballots = {("a", "b"): 8 * 10**8, ("b",): 1, ("c",): 10**8 - 1}
    outcome = stv(seats_for("abc", 2), Profile.counted(ballots, Kind.RANKED))
    assert outcome.quota == (3 * 10**8 + 1) * UNIT
    value = UNIT * (5 * 10**8 - 1) // (8 * 10**8)
    assert dict(outcome.rounds[1].votes)["b"] == UNIT + 8 * 10**8 * value


@pytest.mark.skipif(not WARDS.is_dir(), reason=f"too large for the repository: no real elections in {WARDS}")
@pytest.mark.parametrize("ward", range(1, 9))
def test_a_council_ward_elects_its_councillors(ward):
    path = WARDS / f"ward_{ward:02}.blt"
    file = read_blt(path)
    winners = stv(file.election, file.profile).winners
    elected = {project.title for project in file.election.projects if project.id in winners}
    assert elected == set(json.loads((WARDS / "expected.json").read_text())[path.name])
