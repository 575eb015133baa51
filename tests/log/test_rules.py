"""Proofs that lead to the root, and false ones that do not."""

from hypothesis import given
from hypothesis import strategies as st

from ballots.merkle import root_of
from pb.log.rules import Tree, root_from
from tests.ballots.test_log import leaf


def test_ten_thousand_proofs_lead_to_the_root():
    leaves = [leaf(n.to_bytes(4, "big")) for n in range(10_000)]
    tree, root = Tree(leaves), root_of(leaves)
    assert tree.levels[-1] == [root]
    assert all(root_from(one, n, 10_000, tree.proof(n)) == root for n, one in enumerate(leaves))


@given(st.integers(1, 70), st.data())
def test_a_proof_of_another_place_size_leaf_or_length_leads_elsewhere(size, data):
    leaves = [leaf(bytes([n])) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof, root = Tree(leaves).proof(index), root_of(leaves)
    assert root_from(leaves[index], index, size, proof) == root
    assert root_from(leaf(b"other"), index, size, proof) != root
    assert root_from(leaves[index], index, size, [*proof, leaf(b"more")]) != root
    assert root_from(leaves[index], -1, size, proof) != root
    for other in set(range(size + 2)) - {index}:
        assert root_from(leaves[index], other, size, proof) != root
    if proof:
        assert root_from(leaves[index], index, size, proof[:-1]) != root
        assert root_from(leaves[index], index, size, [leaf(b"x"), *proof[1:]]) != root
