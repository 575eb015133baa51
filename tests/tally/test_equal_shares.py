"""The Method of Equal Shares beside a slow twin with a fraction for every voter, and what it promises."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally import RULES, Election, Kind, Profile, Project, Why, count, measure, paid_by
from tally.equal_shares import EqualShares, _Runs
from tally.profile import own_winners
from tally.shares import Shares
from tally.support import Support, barred
from tests.tally.money_twins import add1_twin, equal_shares_twin

IDS = "abcde"


@st.composite
def money_elections(draw, most_cost=900, points=False, groups=True):
    """An election, and its ballots one by one as id → weight; costs in cents around the voters' shares."""
    ids = draw(st.permutations(IDS[: draw(st.integers(1, len(IDS)))]))
    marks = st.sampled_from(["", "", "x"]) if groups else st.just("")
    costs = st.integers(1, most_cost) | st.sampled_from([100, 200, 300])
    projects = tuple(Project(id_, draw(costs), group=draw(marks)) for id_ in ids)
    budget = draw(st.integers(0, 2000) | st.sampled_from([300, 600, 1200]))
    weights = st.integers(0, 3) if points else st.just(1)
    ballots = draw(st.lists(st.dictionaries(st.sampled_from(ids), weights), max_size=9))
    return Election(projects, budget, min_votes=draw(st.sampled_from([0, 0, 2]))), ballots


def profile_of(ballots, points=False):
    if points:
        return Profile.of((tuple(ballot.items()) for ballot in ballots), Kind.POINTS)
    return Profile.of(ballots)


@given(money_elections(), st.booleans())
def test_the_purchases_prices_and_ties_are_those_of_the_slow_count(made_up, cardinality):
    election, ballots = made_up
    check_run(election, ballots, profile_of(ballots), cardinality)


@given(money_elections(points=True), st.booleans())
def test_points_weigh_what_a_voter_pays(made_up, cardinality):
    election, ballots = made_up
    check_run(election, ballots, profile_of(ballots, points=True), cardinality)


def check_run(election, ballots, profile, cardinality):
    share = Fraction(election.budget, max(len(ballots), 1))
    bought, prices, ties = equal_shares_twin(election, ballots, share, cardinality)
    playing = set(range(len(election.projects))).difference(barred(election, profile))
    shares = Shares(election, Support.build(election, profile), share, playing, cardinality).run()
    assert [election.ids[p.project] for p in shares.purchases] == bought
    assert [p.price for p in shares.purchases] == prices
    assert [tuple(election.ids[n] for n in p.equals) for p in shares.purchases] == ties
    outcome = EqualShares(cardinality)(election, profile)
    assert list(outcome.winners) == bought
    assert [tie.projects for tie in outcome.ties] == [tie for tie in ties if len(tie) > 1]


@given(money_elections(most_cost=1500), st.booleans())
@settings(max_examples=60)
def test_add1_stops_at_the_last_share_that_does_not_overspend(made_up, cardinality):
    election, ballots = made_up
    outcome = EqualShares(cardinality, add1=True)(election, profile_of(ballots))
    assert list(outcome.winners) == add1_twin(election, ballots, cardinality)
    assert outcome.spent <= election.budget


@given(money_elections())
@settings(max_examples=60)
def test_a_tie_decides_exactly_when_another_order_gives_other_winners(made_up):
    election, ballots = made_up
    profile = profile_of(ballots)
    for tie in EqualShares()(election, profile).ties:
        places = [n for n, p in enumerate(election.projects) if p.id in tie.projects]
        winners = set()
        for order in permutations(places):
            projects = list(election.projects)
            for place, other in zip(places, order, strict=True):
                projects[place] = election.projects[other]
            share = Fraction(election.budget, len(ballots))
            bought = equal_shares_twin(replace(election, projects=tuple(projects)), ballots, share)[0]
            winners.add(frozenset(bought))
        if len(tie.projects) <= 4:
            assert tie.decided == (len(winners) > 1)


@given(money_elections(groups=False), st.booleans())
def test_the_outcome_is_priceable(made_up, cardinality):
    """Nobody pays more than the share, only for own projects, each cost is paid exactly, and no more can be bought."""
    election, ballots = made_up
    election = replace(election, min_votes=0)
    share = Fraction(election.budget, max(len(ballots), 1))
    profile = profile_of(ballots)
    shares = Shares(election, Support.build(election, profile), share, set(range(len(election.projects))), cardinality)
    left = [share] * len(ballots)
    for purchase in shares.run().purchases:
        project = election.projects[purchase.project]
        paid = [min(left[n], purchase.price * ballot.get(project.id, 0)) for n, ballot in enumerate(ballots)]
        assert sum(paid) == project.cost
        left = [had - gone for had, gone in zip(left, paid, strict=True)]
    bought = {election.ids[purchase.project] for purchase in shares.purchases}
    for number, project in enumerate(election.projects):
        money = sum(had for had, ballot in zip(left, ballots, strict=True) if ballot.get(project.id))
        assert shares.left(number) == int(money)
        if project.id not in bought and any(ballot.get(project.id) for ballot in ballots):
            assert money < project.cost


@given(money_elections())
@settings(max_examples=60)
def test_then_greedy_leaves_nothing_that_fits(made_up):
    election, ballots = made_up
    outcome = EqualShares(add1=True, then_greedy=True)(election, profile_of(ballots))
    left = election.budget - outcome.spent
    assert left >= 0
    for step in outcome.steps:
        assert step.funded or step.why in (Why.FEW_VOTES, Why.CONFLICT) or step.cost > left


@given(money_elections())
@settings(max_examples=60)
def test_greedy_decides_when_more_voters_have_more_own_winners_under_it(made_up):
    election, ballots = made_up
    profile = profile_of(ballots)
    plain, other = EqualShares()(election, profile), count(election, profile, "greedy")
    compared = EqualShares(compared=True)(election, profile)
    more = own_winners(profile, plain.winners) - own_winners(profile, other.winners)
    ours, theirs = int(profile.counts[more > 0].sum()), int(profile.counts[more < 0].sum())
    assert compared.preferring == (ours, theirs)
    assert compared.winners == (other if theirs > ours else plain).winners
    assert compared.rule == "equal-shares/comparison"


@given(money_elections())
def test_a_ballot_pays_for_its_own_winners_and_no_more_than_the_share(made_up):
    election, ballots = made_up
    outcome = EqualShares()(election, profile_of(ballots))
    for ballot in ballots:
        paid = paid_by(outcome, ballot)
        assert set(paid) == set(ballot) & set(outcome.winners)
        assert sum(paid.values()) <= outcome.share
    total = sum(sum(paid_by(outcome, ballot).values()) for ballot in ballots)
    assert abs(total - outcome.spent * 10**6) <= len(ballots) * (len(outcome.winners) + 1) ** 2


def test_money_too_near_the_price_for_floats_is_told_apart():
    """Thirds that meet exactly: b's voters have just its cost left after a, to the last fraction of a cent."""
    projects = (Project("a", 100), Project("b", 200), Project("c", 201))
    ballots = [{"a": 1, "b": 1, "c": 1}] * 3
    outcome = EqualShares()(Election(projects, 300), profile_of(ballots))
    assert outcome.winners == ("a", "b")
    outcome = EqualShares()(Election(projects, 300 * 10**12), profile_of(ballots))
    assert set(outcome.winners) == {"a", "b", "c"}


def test_a_crowd_that_has_one_millionth_of_a_cent_too_little_does_not_buy():
    voters = 999_983  # a prime, so that the share is no whole number of anything
    profile = Profile.counted({("a", "b"): voters - 1, ("b",): 1})
    election = Election((Project("a", 10**9), Project("b", 10**9 + 1)), 2 * 10**9)
    outcome = EqualShares()(election, profile)
    assert outcome.winners == ("b",)
    short = outcome.steps[-1]
    assert (short.project, short.why) == ("a", Why.NO_SUPPORT)
    assert short.support == (10**9 - 1) * (voters - 1) // voters


def test_blank_ballots_have_their_share_too():
    election = Election((Project("a", 100),), 200)
    assert EqualShares()(election, Profile.of([["a"], [], []])).winners == ()
    assert EqualShares()(election, Profile.of([["a"], []])).winners == ("a",)


@pytest.mark.parametrize("ballots", [[], [[]], [[], []]])
def test_without_votes_nothing_is_bought(ballots):
    election = Election((Project("a", 100),), 200)
    for name, rule in RULES.items():
        if name.startswith("equal-shares") and "greedy" not in name and "comparison" not in name:
            assert rule.count(election, Profile.of(ballots)).winners == ()


@pytest.mark.parametrize("budget", [10**6, 10**9, 10**14])
def test_add1_leaves_out_shares_with_which_the_same_is_bought(budget):
    election = Election((Project("a", 9 * budget // 10), Project("b", budget // 20)), budget)
    runs = _Runs(EqualShares(add1=True), election, Profile.counted({("a",): 1, ("b",): 1}), {})
    assert set(runs.counting.bought) == {"a", "b"}
    assert len(runs.all) < 200


def test_every_variant_has_its_own_name():
    names = [name for name in RULES if name.startswith("equal-shares")]
    assert len(set(names)) == 16
    assert all(count(Election((Project("a", 1),), 1), Profile.of([["a"]]), name).rule == name for name in names)


def test_a_group_that_wants_the_same_decides_about_its_own_part():
    """60 of 100 voters want a to f, 40 want x to z: greedy gives the majority all, Equal Shares each group its part."""
    projects = tuple(Project(id_, 1000) for id_ in "abcdefxyz")
    profile = Profile.counted({tuple("abcdef"): 60, tuple("xyz"): 40})
    election = Election(projects, 5000)
    assert set(count(election, profile, "greedy").winners) == set("abcde")
    outcome = count(election, profile, "equal-shares")
    assert set(outcome.winners) == set("abcxy")
    assert measure(election, profile, outcome).without_winner == 0
