"""Every order of a few equals is tried; of many, those that put one first or last."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tally import Election, Project
from tally.ties import MOST_SWAPPED, decides
from tests.tally.made_up import IDS
from tests.tally.twins import orders_twin


def election_of(ids):
    return Election(tuple(Project(id_, 1) for id_ in ids), 1)


@given(st.permutations(IDS), st.sets(st.sampled_from(IDS), min_size=2, max_size=MOST_SWAPPED))
def test_every_other_order_of_a_few_equals_is_tried(ids, group):
    election, tried = election_of(ids), []
    assert not decides(election, sorted(group), None, lambda other: tried.append(other.projects))
    assert sorted([election.projects, *tried], key=str) == sorted(orders_twin(election.projects, group), key=str)


@given(st.permutations(IDS), st.sets(st.sampled_from(IDS), min_size=2, max_size=MOST_SWAPPED), st.data())
def test_one_order_with_other_winners_is_enough(ids, group, data):
    election = election_of(ids)
    orders = [order for order in orders_twin(election.projects, group) if order != election.projects]
    odd = data.draw(st.sampled_from(orders))
    assert decides(election, sorted(group), False, lambda other: other.projects == odd)


@given(st.permutations("abcdefg"), st.sampled_from(["abcdef", "acdefg", "abcdefg"]))
def test_of_many_equals_each_is_put_first_and_last_and_the_others_stay(ids, group):
    election, tried = election_of(ids), []
    assert not decides(election, group, None, lambda other: tried.append(other.ids))
    equals = [[id_ for id_ in order if id_ in group] for order in tried]
    assert {order[0] for order in equals} == {order[-1] for order in equals} == set(group)
    for order in tried:
        assert sorted(order) == sorted(ids)
        assert all(new == old for new, old in zip(order, ids, strict=True) if old not in group)


def test_the_terms_of_the_election_are_kept():
    election = Election((Project("a", 1, group="x"), Project("b", 2, area="N")), 7, 3, True, 2)
    tried = []
    decides(election, ["a", "b"], None, lambda other: tried.append(other))
    assert [other.projects for other in tried] == list(permutations(election.projects))[1:]
    assert [(o.budget, o.min_votes, o.part_funding, o.max_length) for o in tried] == [(7, 3, True, 2)]
