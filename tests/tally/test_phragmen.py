"""Sequential Phragmén beside a slow twin with a fraction for every voter."""

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Kind, Profile, Project, Why, count, paid_by
from tests.tally.money_twins import phragmen_twin
from tests.tally.test_equal_shares import money_elections, profile_of


@given(money_elections())
def test_the_winners_and_ties_are_those_of_the_slow_count(made_up):
    election, ballots = made_up
    bought, ties = phragmen_twin(election, ballots)
    outcome = count(election, profile_of(ballots), "phragmen")
    assert list(outcome.winners) == bought
    assert [tie.projects for tie in outcome.ties] == [tie for tie in ties if len(tie) > 1]


@given(money_elections(points=True))
def test_points_are_plain_support(made_up):
    election, ballots = made_up
    election = replace(election, min_votes=0)
    plain = [[id_ for id_, points in ballot.items() if points] for ballot in ballots]
    points = Profile.of((tuple(ballot.items()) for ballot in ballots), Kind.POINTS)
    assert count(election, points, "phragmen").winners == count(election, Profile.of(plain), "phragmen").winners


@given(money_elections())
def test_part_funding_gives_the_rest_to_the_one_that_does_not_fit(made_up):
    election, ballots = made_up
    profile = profile_of(ballots)
    whole = count(election, profile, "phragmen")
    outcome = count(replace(election, part_funding=True), profile, "phragmen")
    assert outcome.winners == whole.winners
    stopped = [step for step in whole.steps if step.why is Why.TOO_DEAR and step.cost <= election.budget]
    left = election.budget - whole.spent
    if stopped and left:
        assert outcome.part == (stopped[0].project, left)
        assert outcome.spent == election.budget
    else:
        assert outcome.part is None


@given(money_elections())
def test_what_the_ballots_paid_is_what_the_winners_cost(made_up):
    election, ballots = made_up
    outcome = count(election, profile_of(ballots), "phragmen")
    paid = [paid_by(outcome, ballot) for ballot in ballots]
    assert abs(sum(sum(one.values()) for one in paid) - outcome.spent * 10**6) <= 2 * len(ballots) * len(election.ids)


def orders(election, group):
    """The election with the tied projects in every order, the others in their places."""
    places = [n for n, project in enumerate(election.projects) if project.id in group]
    for order in permutations(places):
        projects = list(election.projects)
        for place, other in zip(places, order, strict=True):
            projects[place] = election.projects[other]
        yield replace(election, projects=tuple(projects))


@given(money_elections(), st.booleans())
def test_a_tie_decides_exactly_when_another_order_gives_other_winners_or_another_part(made_up, part_funding):
    election, ballots = made_up
    election = replace(election, part_funding=part_funding)
    profile = profile_of(ballots)
    for tie in count(election, profile, "phragmen").ties:
        if len(tie.projects) <= 4:
            others = (count(other, profile, "phragmen") for other in orders(election, tie.projects))
            assert tie.decided == (len({(frozenset(o.winners), o.part) for o in others}) > 1)


def test_a_group_that_wants_the_same_earns_its_own_part():
    projects = tuple(Project(id_, 1000) for id_ in "abcdefxyz")
    profile = Profile.counted({tuple("abcdef"): 60, tuple("xyz"): 40})
    assert set(count(Election(projects, 5000), profile, "phragmen").winners) == set("abcxy")
