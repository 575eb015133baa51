"""What every rule promises: who cast a ballot, where it lies and what a project is called decide nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally import RULES, Election, Kind, Profile, Project, Unsupported, count
from tests.tally.made_up import IDS, one_by_one

few = settings(max_examples=10)


@st.composite
def any_elections(draw, rule):
    """An election that the rule can count, and its ballots one by one as `Profile.of` takes them, and their kind."""
    kind = draw(st.sampled_from(sorted(RULES[rule].kinds)))
    ids = draw(st.permutations(IDS[: draw(st.integers(1, 5))]))
    one_winner = Kind.RANKED in RULES[rule].kinds and rule not in ("expanding-approvals", "rank-points")
    costs = st.just(100) if one_winner else st.integers(1, 900)
    groups = st.just("") if one_winner else st.sampled_from(["", "", "", "x"])
    projects = tuple(Project(id_, draw(costs), group=draw(groups)) for id_ in ids)
    least = 0 if one_winner else draw(st.sampled_from([0, 0, 2]))
    part = not one_winner and draw(st.booleans())
    budget = draw(st.integers(100, 300) if one_winner else st.integers(0, 2000))
    ballots = st.lists(st.sampled_from(ids), unique=True).map(tuple)
    if kind is Kind.POINTS:
        ballots = st.dictionaries(st.sampled_from(ids), st.integers(0, 9)).map(lambda b: tuple(b.items()))
    counted = draw(st.lists(st.tuples(ballots, st.integers(1, 5)), max_size=5))
    election = Election(projects, budget, min_votes=least or int(rule == "threshold"), part_funding=part)
    return election, [ballot for ballot, voters in counted for _ in range(voters)], kind


every_rule = pytest.mark.parametrize("rule", RULES)


@every_rule
@few
@given(st.data(), st.randoms())
def test_who_cast_a_ballot_and_where_it_lies_decides_nothing(rule, data, random):
    election, ballots, kind = data.draw(any_elections(rule))
    outcome = count(election, Profile.of(ballots, kind), rule)
    assert count(election, one_by_one(random.sample(ballots, len(ballots)), kind), rule) == outcome
    assert outcome.rule == rule


@every_rule
@few
@given(st.data())
def test_what_a_project_is_called_decides_nothing(rule, data):
    election, ballots, kind = data.draw(any_elections(rule))
    names = dict(zip(IDS, data.draw(st.permutations([*IDS, "10", "9", "Ä"])), strict=False))
    renamed = replace(election, projects=tuple(replace(p, id=names[p.id]) for p in election.projects))
    others = [tuple((names[c[0]], c[1]) if kind is Kind.POINTS else names[c] for c in ballot) for ballot in ballots]
    outcome, other = (
        count(*given, rule) for given in ((election, Profile.of(ballots, kind)), (renamed, Profile.of(others, kind)))
    )
    assert other.winners == tuple(names[id_] for id_ in outcome.winners)
    assert [tie.projects for tie in other.ties] == [tuple(names[id_] for id_ in tie.projects) for tie in outcome.ties]
    assert other.part == (outcome.part and (names[outcome.part[0]], outcome.part[1]))


@every_rule
@few
@given(st.data(), st.randoms())
def test_without_a_tie_the_published_order_decides_nothing(rule, data, random):
    election, ballots, kind = data.draw(any_elections(rule))
    profile = Profile.of(ballots, kind)
    outcome = count(election, profile, rule)
    other = replace(election, projects=tuple(random.sample(election.projects, len(election.projects))))
    if not outcome.ties:
        again = count(other, profile, rule)
        assert (set(again.winners), again.part) == (set(outcome.winners), outcome.part)


@every_rule
@few
@given(st.data())
def test_the_winners_keep_to_the_budget_the_minimum_and_the_groups(rule, data):
    election, ballots, kind = data.draw(any_elections(rule))
    outcome = count(election, Profile.of(ballots, kind), rule)
    projects = {project.id: project for project in election.projects}
    won = [projects[id_] for id_ in outcome.winners]
    groups = [project.group for project in won if project.group]
    assert outcome.spent == sum(p.cost for p in won) + (outcome.part[1] if outcome.part else 0) <= election.budget
    assert len(set(groups)) == len(groups)
    assert sorted(step.project for step in outcome.steps) == sorted(election.ids)
    assert [step.project for step in outcome.steps if step.funded] == list(outcome.winners)
    if not outcome.rounds and rule != "rank-points":
        votes = dict(zip(election.ids, Profile.of(ballots, kind).for_election(election).votes.tolist(), strict=True))
        assert all(votes[id_] >= election.min_votes for id_ in outcome.winners)


@every_rule
def test_ballots_of_another_kind_are_refused_with_the_rules_that_count_them(rule):
    for kind in set(Kind) - RULES[rule].kinds:
        with pytest.raises(Unsupported, match=rf"The rule {rule} does not count {kind} ballots\. These do: \w"):
            count(Election((Project("a", 1),), 1), Profile.counted({}, kind), rule)
