"""Slow, obvious counts of the rules that give voters money: a fraction for every single voter, no cleverness.

A ballot is a dict of project id → weight (1 for a plain vote).
"""

from collections import Counter
from fractions import Fraction


def price_twin(cost, purses):
    """The price of a vote at which (money, weight) purses make up the cost, or None; the poorest are tried first."""
    if sum(money for money, _ in purses) < cost:
        return None
    for paying in sorted(money / weight for money, weight in purses):
        given = sum(min(money, paying * weight) for money, weight in purses)
        if given >= cost:
            poor = [(money, weight) for money, weight in purses if money / weight < paying]
            rest = sum(weight for money, weight in purses if money / weight >= paying)
            return Fraction(cost - sum(money for money, _ in poor)) / rest
    return None


def equal_shares_twin(election, ballots, share, cardinality=False):
    """The ids bought in turn, the exact prices, and which were tied at each purchase."""
    money = [Fraction(share)] * len(ballots)
    score = {p.id: sum(ballot.get(p.id, 0) for ballot in ballots) for p in election.projects}
    offered = [p for p in election.projects if score[p.id] >= election.min_votes and p.cost <= election.budget]
    bought, prices, ties = [], [], []
    while True:
        found = {}
        for project in offered:
            backers = [(money[n], ballot[project.id]) for n, ballot in enumerate(ballots) if ballot.get(project.id)]
            price = price_twin(project.cost, backers) if backers else None
            if price is not None:
                found[project.id] = price / (1 if cardinality else project.cost)
        if not found:
            return bought, prices, ties
        equals = [p for p in offered if found.get(p.id) == min(found.values())]
        project = equals[0]
        price = found[project.id] * (1 if cardinality else project.cost)
        for n, ballot in enumerate(ballots):
            money[n] -= min(money[n], price * ballot.get(project.id, 0))
        bought.append(project.id)
        prices.append(price)
        ties.append(tuple(p.id for p in equals))
        offered = [p for p in offered if p is not project and not (p.group and p.group == project.group)]


def add1_twin(election, ballots, cardinality=False):
    """The ids bought with the last share that does not overspend: the budget's part, then whole units above it.

    Ends also when all that anybody named, and that is on offer, is bought or excluded by what is.
    """
    project = {p.id: p for p in election.projects}
    score = votes_twin(election, ballots)
    named = {id_ for ballot in ballots for id_, weight in ballot.items() if weight}
    on_offer = {id_ for id_ in named if score[id_] >= election.min_votes and project[id_].cost <= election.budget}
    share = Fraction(election.budget, max(len(ballots), 1))
    bought, _, _ = equal_shares_twin(election, ballots, share, cardinality)
    while True:
        taken = {project[id_].group for id_ in bought} - {""}
        if not {id_ for id_ in on_offer if id_ not in bought and project[id_].group not in taken}:
            return bought
        share = Fraction((share // 100 + 1) * 100)
        more, _, _ = equal_shares_twin(election, ballots, share, cardinality)
        if sum(project[id_].cost for id_ in more) > election.budget:
            return bought
        bought = more


def phragmen_twin(election, ballots):
    """The ids bought in turn, and which were tied at each purchase."""
    score = {p.id: sum(ballot.get(p.id, 0) for ballot in ballots) for p in election.projects}
    earned = [Fraction(0)] * len(ballots)  # what everybody had earned by each voter's last purchase
    offered = [p for p in election.projects if score[p.id] >= max(election.min_votes, 1) and p.cost <= election.budget]
    bought, ties, left = [], [], election.budget
    while offered:
        when = {}
        for project in offered:
            backers = [earned[n] for n, ballot in enumerate(ballots) if ballot.get(project.id)]
            when[project.id] = (project.cost + sum(backers)) / Fraction(len(backers))
        equals = [p for p in offered if when[p.id] == min(when.values())]
        if any(p.cost > left for p in equals):
            break
        project = equals[0]
        for n, ballot in enumerate(ballots):
            if ballot.get(project.id):
                earned[n] = when[project.id]
        bought.append(project.id)
        ties.append(tuple(p.id for p in equals))
        left -= project.cost
        offered = [p for p in offered if p is not project and not (p.group and p.group == project.group)]
    return bought, ties


def votes_twin(election, ballots):
    return Counter({p.id: sum(ballot.get(p.id, 0) for ballot in ballots) for p in election.projects})
