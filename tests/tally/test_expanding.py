"""Expanding approvals beside a slow twin and its axioms; points by rank beside Kraków's own scores."""

import csv
from collections import Counter
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally.election import Election, Project
from tally.expanding import expanding_approvals, points_from_rank, rank_points
from tally.greedy import greedy
from tally.outcome import MICRO, Tie, Why
from tally.profile import Kind, Profile

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "pabulib"
KRAKOW = sorted(SHARED.glob("Poland_Krakow_*.pb"))
IDS = "abcde"


@st.composite
def elections(draw, plain=False):
    """An election of few small numbers, and its ranked ballots one by one, some blank, some short."""
    ids = draw(st.permutations(IDS[: draw(st.integers(1, len(IDS)))]))
    groups = st.just("") if plain else st.sampled_from(("", "", "g", "h"))
    projects = tuple(Project(id_, draw(st.integers(1, 9)), group=draw(groups)) for id_ in ids)
    ballots = draw(st.lists(st.lists(st.sampled_from(ids), unique=True).map(tuple), max_size=9))
    min_votes = 0 if plain else draw(st.integers(0, 3))
    return Election(projects, draw(st.integers(0, 20)), min_votes=min_votes), ballots


def count(election, ballots):
    return expanding_approvals(election, Profile.of(ballots, Kind.RANKED))


def charged(money, cost):
    """What is left to each when they pay the cost: the poorest first, each at most an equal part of the rest."""
    left = list(money)
    for payers, voter in zip(range(len(money), 0, -1), sorted(range(len(money)), key=money.__getitem__), strict=True):
        part = min(money[voter], cost / payers)
        left[voter] -= part
        cost -= part
    assert cost == 0
    return left


def twin(election, ballots):
    """The purchases, each with its equals and its supporters' money before; each voter's money at the end."""
    money = [Fraction(election.budget, len(ballots)) for _ in ballots]
    bought = []
    for rank in range(1, len(IDS) + 1):
        while True:
            worth = {}
            for project in election.projects:
                funded = {election.ids.index(id_) for id_, _, _ in bought}
                groups = {election.projects[number].group for number in funded} - {""}
                named = sum(project.id in ballot for ballot in ballots)
                support = sum(money[v] for v, ballot in enumerate(ballots) if project.id in ballot[:rank])
                out = project.id in {id_ for id_, _, _ in bought} or project.group in groups
                if support >= project.cost and named >= election.min_votes and not out:
                    worth[project] = support / Fraction(project.cost)
            if not worth:
                break
            equals = [project for project in worth if worth[project] == max(worth.values())]
            supporters = [v for v, ballot in enumerate(ballots) if equals[0].id in ballot[:rank]]
            before = sum(money[v] for v in supporters)
            left = charged([money[v] for v in supporters], Fraction(equals[0].cost))
            for voter, amount in zip(supporters, left, strict=True):
                money[voter] = amount
            bought.append((equals[0].id, tuple(project.id for project in equals), before))
    return bought, money


@given(elections())
def test_the_purchases_are_those_of_the_slow_count(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    bought, money = twin(election, ballots)
    assert outcome.winners == tuple(id_ for id_, _, _ in bought)
    funded = [step for step in outcome.steps if step.funded]
    assert [step.support for step in funded] == [int(before) for _, _, before in bought]
    named = [(place, equals) for place, (_, equals, _) in enumerate(bought, start=1) if len(equals) > 1]
    assert [(tie.place, tie.projects) for tie in outcome.ties] == named
    for step in outcome.steps[len(funded) :]:
        assert step.support == int(sum(money[v] for v, ballot in enumerate(ballots) if step.project in ballot))


@given(elections())
def test_a_tie_decides_exactly_when_another_order_gives_other_winners(made_up):
    election, ballots = made_up
    for tie in count(election, ballots).ties:
        others = set()
        for order in permutations(tie.projects):
            swapped = dict(zip([id_ for id_ in election.ids if id_ in tie.projects], order, strict=True))
            ids = [swapped.get(id_, id_) for id_ in election.ids]
            projects = tuple(sorted(election.projects, key=lambda project: ids.index(project.id)))
            other = Election(projects, election.budget, min_votes=election.min_votes)
            others.add(frozenset(id_ for id_, _, _ in twin(other, ballots)[0]))
        # more than four equals are not tried in every order, so that only a True is certain
        assert tie.decided == (len(others) > 1) or (len(tie.projects) > 4 and not tie.decided)


@given(elections())
def test_each_step_says_why(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    assert sorted(step.project for step in outcome.steps) == sorted(election.ids)
    group_of = {project.id: project.group for project in election.projects}
    won = {group_of[id_]: id_ for id_ in outcome.winners if group_of[id_]}
    left = election.budget
    for step in outcome.steps:
        assert (step.left, step.votes) == (left, sum(step.project in ballot for ballot in ballots))
        assert step.funded == (step.why is Why.FUNDED) == (step.project in outcome.winners)
        assert (step.why is Why.FEW_VOTES) == (step.votes < election.min_votes)
        if step.why is Why.CONFLICT:
            assert step.other == won[group_of[step.project]] != step.project
        if step.why in (Why.NO_SUPPORT, Why.TOO_DEAR):
            assert step.support < step.cost
            assert (step.why is Why.TOO_DEAR) == (step.cost > election.budget)
        left -= step.cost * step.funded
    assert outcome.spent == election.budget - left <= election.budget
    assert len(won) == sum(group_of[id_] != "" for id_ in outcome.winners)


@given(elections())
def test_no_voter_pays_more_than_the_share_and_supporters_pay_the_whole_cost(made_up):
    election, ballots = made_up
    outcome = count(election, ballots)
    if ballots:
        _, money = twin(election, ballots)
        assert all(0 <= amount <= Fraction(election.budget, len(ballots)) for amount in money)
        assert sum(money) == election.budget - outcome.spent
        assert outcome.share == MICRO * election.budget // len(ballots)
    for step in outcome.steps:
        assert step.price <= outcome.share
        assert not step.funded or (step.price + 1) * step.votes > MICRO * step.cost


@given(elections(plain=True))
def test_voters_with_the_same_favourites_and_the_money_for_one_more_get_it(made_up):
    """Inclusion PSC for strict rankings."""
    election, ballots = made_up
    winners = count(election, ballots).winners
    costs = {project.id: project.cost for project in election.projects}
    for length in range(1, len(IDS) + 1):
        tops = Counter(frozenset(ballot[:length]) for ballot in ballots if len(ballot) >= length)
        for favourites, voters in tops.items():
            spent = sum(costs[id_] for id_ in favourites if id_ in winners)
            for id_ in favourites.difference(winners):
                assert costs[id_] + spent > Fraction(election.budget * voters, len(ballots))


@given(elections(), st.randoms())
def test_the_order_of_ballots_does_not_matter(made_up, random):
    election, ballots = made_up
    assert count(election, ballots) == count(election, random.sample(ballots, len(ballots)))


@given(elections(), st.integers(2, 4))
def test_many_like_voters_count_as_each_by_itself(made_up, times):
    election, ballots = made_up
    election = Election(election.projects, election.budget)
    assert count(election, ballots).winners == count(election, ballots * times).winners


def test_the_worked_example_of_expanding_approvals():
    projects = (Project("park", 6000), Project("path", 5000), Project("bench", 2500), Project("stage", 9000))
    ballots = [("park", "path")] * 3 + [("path", "bench")] * 3 + [("bench", "path")]
    outcome = count(Election(projects, 14000), ballots)
    assert outcome.share == 2000 * MICRO
    assert [(step.project, step.support, step.price, step.left) for step in outcome.steps] == [
        ("path", 6000, 5000 * MICRO // 3, 14000),
        ("park", 6000, 2000 * MICRO, 9000),
        ("bench", 3000, 1500 * MICRO, 3000),
        ("stage", 0, 0, 500),
    ]
    assert (outcome.spent, outcome.ties) == (13500, ())


def test_the_worked_example_of_rank_points():
    projects = (Project("park", 4000), Project("path", 6000), Project("bench", 5000))
    ballots = [("park", "path", "bench")] * 5 + [("path", "bench")] * 4 + [("bench",)] * 2
    outcome = rank_points(Election(projects, 10000, max_length=3), Profile.of(ballots, Kind.RANKED))
    assert [(step.project, step.votes, step.funded) for step in outcome.steps] == [
        ("path", 22, True),
        ("bench", 19, False),
        ("park", 15, True),
    ]


def test_a_bodys_own_election_fills_a_seat_for_each_share_of_voters():
    election = Election.for_seats(["Ada", "Ben", "Cid"], 2)
    outcome = count(election, [("1", "2")] * 3 + [("3", "2"), ("3",), ()])
    assert outcome.winners == ("1",)  # 3 of 6 voters are one seat's worth; 2 of 6 are not
    assert outcome.steps[2].support == 0
    assert outcome.steps[2].why is Why.NO_SUPPORT


def test_a_tie_at_the_second_purchase_is_named_there():
    election = Election(tuple(Project(id_, 2) for id_ in "abc"), 6)
    outcome = count(election, [("a",)] * 3 + [("b", "a"), ("c", "a")] + [()])
    assert outcome.winners == ("a",)
    assert outcome.ties == ()
    outcome = count(election, [("a",)] * 3 + [("b", "c"), ("c", "b")] + [()])
    assert (outcome.winners, outcome.ties) == (("a", "b"), (Tie(("b", "c"), 2, True),))


def test_only_ranked_ballots_and_known_projects_are_counted():
    election = Election((Project("a", 1),), 1)
    for rule in (expanding_approvals, rank_points):
        with pytest.raises(ValueError, match="needs ranked ballots"):
            rule(election, Profile.of([("a",)]))
        with pytest.raises(ValueError, match="unknown projects: b"):
            rule(election, Profile.of([("b",)], Kind.RANKED))


def test_an_election_without_ballots_or_projects_funds_nothing():
    assert count(Election((Project("a", 1),), 5), []).winners == ()
    assert count(Election((), 5), [()]).steps == ()


@settings(max_examples=30)
@given(elections())
def test_points_by_rank_are_added_up_and_counted_most_first(made_up):
    election, ballots = made_up
    length = len(election.projects)
    points = [[(id_, length - rank) for rank, id_ in enumerate(ballot)] for ballot in ballots]
    outcome = rank_points(election, Profile.of(ballots, Kind.RANKED))
    slow = greedy(election, Profile.of(points, Kind.POINTS), "rank-points")
    assert outcome == slow
    assert {step.project: step.votes for step in outcome.steps} == {
        id_: sum(dict(ballot).get(id_, 0) for ballot in points) for id_ in election.ids
    }


def test_a_ballot_longer_than_the_points_reach_is_refused():
    profile = Profile.of([("a", "b")], Kind.RANKED)
    with pytest.raises(ValueError, match="ranks more than 1 projects"):
        points_from_rank(profile, 1)
    election = Election((Project("a", 1), Project("b", 1)), 2, max_length=1)
    with pytest.raises(ValueError, match="ranks more than 1 projects"):
        rank_points(election, profile)
    assert points_from_rank(profile, 2).ballots == {(("a", 2), ("b", 1)): 1}


def read_krakow(path):
    """The election, its ballots, and each project's published score and selection."""
    meta, projects, ballots, part, header = {}, {}, Counter(), "", None
    with path.open(encoding="utf-8", newline="") as file:
        for row in filter(any, csv.reader(file, delimiter=";")):
            if row[0] in ("META", "PROJECTS", "VOTES"):
                part, header = row[0], None
            elif header is None:
                header = row
            elif part == "META":
                meta[row[0]] = row[1]
            else:
                cells = dict(zip(header, row, strict=True))
                if part == "PROJECTS":
                    projects[cells["project_id"]] = cells
                else:
                    ballots[tuple(cells["vote"].split(","))] += 1
    cents = [Project(id_, int(Fraction(cells["cost"]) * 100)) for id_, cells in projects.items()]
    election = Election(tuple(cents), int(Fraction(meta["budget"]) * 100), max_length=int(meta["max_length"]))
    return election, Profile.counted(ballots, Kind.RANKED), projects


@pytest.mark.skipif(not KRAKOW, reason=f"too large for the repository: no elections of Kraków in {SHARED}")
@pytest.mark.parametrize("path", KRAKOW, ids=lambda path: path.stem)
def test_krakow_gets_its_published_scores_and_winners(path):
    election, profile, projects = read_krakow(path)
    outcome = rank_points(election, profile)
    assert {step.project: step.votes for step in outcome.steps} == {
        id_: int(cells["score"]) for id_, cells in projects.items()
    }
    assert set(outcome.winners) == {id_ for id_, cells in projects.items() if cells["selected"] == "1"}
