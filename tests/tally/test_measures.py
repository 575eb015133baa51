"""What an outcome means for voters and areas, beside plain sums over every ballot."""

from hypothesis import given

from tally import RULES, Kind, Profile, compare, count, measure
from tally.rules import COMPARED
from tests.tally.made_up import profile_of, ranked_elections, set_elections


@given(set_elections())
def test_the_measures_are_plain_sums(made_up):
    election, kind, ballots = made_up
    profile = profile_of(ballots, kind)
    outcome = count(election, profile, "greedy")
    measures = measure(election, profile, outcome)
    own = [sum(1 for id_ in outcome.winners if ballot.get(id_)) for ballot in ballots]
    assert (measures.outcome, measures.voters, measures.own_winners) == (outcome, len(ballots), sum(own))
    assert measures.without_winner == own.count(0)
    won = [project for project in election.projects if project.id in outcome.winners]
    for area in {project.area for project in election.projects}:
        costs = [project.cost for project in won if project.area == area]
        assert measures.areas[area] == (len(costs), sum(costs))
    assert list(measures.areas) == sorted({project.area for project in election.projects})


@given(set_elections())
def test_all_the_rules_that_can_count_are_compared(made_up):
    election, kind, ballots = made_up
    profile = profile_of(ballots, kind)
    found = compare(election, profile)
    fitting = [name for name in COMPARED if kind in RULES[name].kinds]
    assert list(found) == [name for name in fitting if name != "threshold" or election.min_votes]
    for name, measures in found.items():
        assert measures == measure(election, profile, count(election, profile, name))
    assert list(compare(election, profile, ["phragmen", "irv"])) == ["phragmen"]


@given(ranked_elections())
def test_ranked_ballots_are_compared_by_ranked_rules(made_up):
    election, ballots = made_up
    found = compare(election, Profile.of(ballots, Kind.RANKED))
    assert {"irv", "expanding-approvals", "rank-points"} <= set(found)
    assert ("stv" in found) == (election.seats is not None)
    for measures in found.values():
        own = [sum(id_ in ballot for id_ in measures.outcome.winners) for ballot in ballots]
        assert (measures.own_winners, measures.without_winner) == (sum(own), own.count(0))
