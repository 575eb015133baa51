"""A round's private key as three lists of words on paper: any two give it back, one alone tells nothing.

Shamir's secret sharing with a checksum in each list: SLIP-39, https://github.com/satoshilabs/slips/blob/master/slip-0039.md
"""

from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from ballots.types import BadShare

NEEDED, SHARES = 2, 3


def split_key(private: bytes) -> list[str]:
    """Three shares of 33 English words each, of a key of 32 bytes."""
    return list(generate_mnemonics(1, [(NEEDED, SHARES)], private)[0])


def join_shares(shares: Sequence[str]) -> bytes:
    """The key that two or three shares were made of. Raises BadShare, which names the share at fault by its place."""
    read = []
    for place, words in enumerate(shares, start=1):
        try:
            read.append(Share.from_mnemonic(" ".join(words.lower().split())))
        except (MnemonicError, ValueError):
            raise BadShare("misread", place) from None
        if read[-1].group_parameters() != read[0].group_parameters():
            raise BadShare("of another key", place)
        if any(read[-1].index == earlier.index for earlier in read[:-1]):
            raise BadShare("twice", place)
    try:
        return bytes(combine_mnemonics([share.mnemonic() for share in read[:NEEDED]]))
    except MnemonicError:
        raise BadShare("too few" if len(read) < NEEDED else "of another key", len(read)) from None
