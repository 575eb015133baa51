"""A slow single transferable vote, straight from the law: every ballot by itself, in a pile before a candidate."""

from itertools import permutations


def stv_twin(ids, seats, ballots):
    """The law's stages with every ballot by itself: (votes, elected, excluded or passing on, those needing a lot)."""
    seats = min(seats, len(ids))
    piles = {id_: [(ballot, 100_000) for ballot in ballots if ballot and ballot[0] == id_] for id_ in ids}
    quota = 100_000 * (1 + sum(ballot != () for ballot in ballots) // (1 + seats))
    votes = {id_: sum(value for _, value in piles[id_]) for id_ in ids}
    hopeful, winners, stages = list(ids), [], []
    while True:
        past = [stage[0] for stage in stages] + [dict(votes)]
        elected = [id_ for id_ in hopeful if votes[id_] >= quota]
        lots, mover = (), None
        if len(hopeful) <= seats - len(winners):
            elected = hopeful
        over = {id_: votes[id_] - quota for id_ in winners + elected if votes[id_] > quota}
        left = seats - len(winners) - len(elected)
        if left and over:
            lots = narrowed([id_ for id_ in ids if id_ in over], past, max)
            mover = lots[0]
        elif left:
            lots = narrowed([id_ for id_ in hopeful if id_ not in elected], past, min)
            mover = lots[-1]
            rest = [id_ for id_ in hopeful if id_ not in elected and id_ != mover]
            elected = elected + (rest if len(rest) == left else [])
        stages.append((dict(votes), set(elected), mover, lots))
        winners = winners + elected
        if len(winners) == seats:
            return stages
        hopeful = [id_ for id_ in hopeful if id_ not in winners and id_ != mover]
        part, whole = (over[mover], votes[mover]) if mover in over else (1, 1)
        moved, piles[mover] = piles[mover], []
        for ballot, value in moved:
            following = [id_ for id_ in ballot[ballot.index(mover) + 1 :] if id_ in hopeful]
            if following:
                piles[following[0]].append((ballot, value * part // whole))
                votes[following[0]] += value * part // whole
        votes[mover] = quota if mover in over else 0


def narrowed(tied, past, best):
    """Those with the best votes at the last stage, of these at the one before, and so on back to the first."""
    for votes in reversed(past):
        tied = [id_ for id_ in tied if votes[id_] == best(votes[other] for other in tied)]
    return tuple(tied)


def winners_twin(ids, seats, ballots):
    return {id_ for _, elected, _, _ in stv_twin(ids, seats, ballots) for id_ in elected}


def orders(ids, group):
    """The ids in every order in which those of the group trade places among themselves."""
    for order in permutations(group):
        following = iter(order)
        yield [next(following) if id_ in group else id_ for id_ in ids]
