"""Most votes first, beside a slow twin."""

from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Profile, greedy
from tests.tally.made_up import approval_elections
from tests.tally.twins import greedy_tie_decides_twin, greedy_twin, votes_twin


def count(election, ballots):
    return greedy(election, Profile.of(ballots))


@given(approval_elections())
def test_the_winners_are_those_of_the_slow_count(made_up):
    election, ballots = made_up
    assert count(election, ballots).winners == greedy_twin(election, ballots)


@given(approval_elections())
def test_no_unfunded_project_still_fits(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    left = election.budget - outcome.spent
    assert left >= 0
    assert all(p.cost > left for p in election.projects if p.id not in outcome.winners)


@given(approval_elections())
def test_each_step_tells_votes_cost_and_money_at_its_turn(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    left = election.budget
    assert sorted(step.project for step in outcome.steps) == sorted(election.ids)
    for step in outcome.steps:
        assert (step.left, step.votes) == (left, votes_twin(step.project, ballots))
        assert step.funded == (step.cost <= left) == (step.project in outcome.winners)
        left -= step.cost * step.funded
    assert outcome.spent == election.budget - left


@given(approval_elections(), st.randoms())
def test_the_order_of_ballots_does_not_matter(made_up, random):
    election, ballots = made_up
    assert count(election, ballots) == count(election, random.sample(ballots, len(ballots)))


@given(approval_elections(), st.randoms())
def test_the_published_order_matters_only_among_equals(made_up, random):
    election, ballots = made_up
    outcome = count(election, ballots)
    other = Election(tuple(random.sample(election.projects, len(election.projects))), election.budget)
    if not any(tie.decided for tie in outcome.ties):
        assert set(count(other, ballots).winners) == set(outcome.winners)


@given(approval_elections())
def test_a_tie_names_each_group_of_equals_in_the_published_order(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    votes = {id_: votes_twin(id_, ballots) for id_ in election.ids}
    groups = [[id_ for id_ in votes if votes[id_] == number] for number in sorted(set(votes.values()))[::-1]]
    assert [list(tie.projects) for tie in outcome.ties] == [group for group in groups if len(group) > 1]
    for tie in outcome.ties:
        assert tie.place == 1 + sum(number > votes[tie.projects[0]] for number in votes.values())


@given(approval_elections())
def test_a_tie_decides_exactly_when_another_order_gives_other_winners(made_up):
    election, ballots = made_up
    for tie in count(election, ballots).ties:
        assert tie.decided == greedy_tie_decides_twin(election, ballots, tie.projects)
