"""A key in three shares: any two open, any one nothing, and what is wrong with a share is named."""

from itertools import combinations, permutations
from secrets import token_bytes

import pytest
from shamir_mnemonic import generate_mnemonics

from ballots.seal import new_key, public_half
from ballots.shares import join_shares, split_key
from ballots.types import BadShare

KEY = new_key()[0]
SHARES = split_key(KEY)


def fault(shares):
    with pytest.raises(BadShare) as bad:
        join_shares(shares)
    return bad.value.why, bad.value.place


@pytest.mark.parametrize("pair", list(permutations(range(3), 2)))
def test_any_two_of_three_give_the_key(pair):
    assert join_shares([SHARES[n] for n in pair]) == KEY


def test_all_three_give_it_too():
    assert join_shares(SHARES) == KEY


@pytest.mark.parametrize("share", SHARES)
def test_one_share_gives_nothing(share):
    assert fault([share]) == ("too few", 1)
    assert fault([]) == ("too few", 0)
    assert fault([share, share]) == ("twice", 2)


def test_a_share_is_thirty_three_words_and_may_be_typed_in_any_case_and_spacing():
    for share in SHARES:
        assert len(share.split()) == 33
    assert join_shares([SHARES[0].upper(), "\n".join(SHARES[2].split()) + "  \n"]) == KEY


def test_every_single_wrong_word_is_noticed_and_its_share_named():
    words = SHARES[1].split()
    for place in range(33):
        wrong = [*words[:place], "academic" if words[place] != "academic" else "acid", *words[place + 1 :]]
        assert fault([SHARES[0], " ".join(wrong)]) == ("misread", 2)


@pytest.mark.parametrize("share", ["", "kissa", " ".join(SHARES[1].split()[:-1]), SHARES[1] + " acid", "é ü"])
def test_what_is_no_share_is_named(share):
    assert fault([share, SHARES[0]]) == ("misread", 1)


def test_shares_of_two_keys_do_not_mix():
    others = split_key(new_key()[0])
    for mine, other in ((SHARES[0], others[1]), (others[2], SHARES[0]), (SHARES[1], others[1])):
        assert fault([mine, other]) == ("of another key", 2)
    assert fault([SHARES[0], SHARES[1], others[2]]) == ("of another key", 3)


def test_a_share_that_is_enough_alone_is_none_of_ours():
    (alone,) = generate_mnemonics(1, [(1, 1)], KEY)[0]
    assert fault([alone, SHARES[1]]) == ("of another key", 2)


def test_the_same_key_is_split_anew_each_time():
    assert len({share for _ in range(5) for share in split_key(KEY)}) == 15


def test_fifty_keys_come_back_from_each_pair():
    for _ in range(50):
        key = token_bytes(32)
        shares = split_key(key)
        assert all(join_shares(pair) == key for pair in combinations(shares, 2))
        assert public_half(key) == public_half(join_shares(shares[1:]))
