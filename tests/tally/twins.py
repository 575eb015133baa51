"""Slow, obvious counts to hold beside the real ones: every ballot by itself, no cleverness."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations


def greedy_twin(election, ballots, rule="greedy"):
    """The funded ids and the (id, cents) funded in part: look for the best project left, again and again."""
    funded, groups, left = [], {""}, election.budget
    waiting = [p for p in election.projects if votes_twin(p.id, ballots) >= election.min_votes]
    while waiting:
        best = max(worth_twin(project, ballots, rule) for project in waiting)
        project = next(p for p in waiting if worth_twin(p, ballots, rule) == best)
        waiting.remove(project)
        if project.group in groups - {""}:
            continue
        if project.cost <= left:
            left -= project.cost
            funded.append(project.id)
            groups.add(project.group)
        elif election.part_funding and left:
            return tuple(funded), (project.id, left)
        elif rule == "no-skip":
            break
    return tuple(funded), None


def votes_twin(project, ballots):
    """Its points, or ticks, on ballots given as id → points."""
    return sum(ballot.get(project, 0) for ballot in ballots)


def worth_twin(project, ballots, rule):
    """What puts a project before others."""
    return Fraction(votes_twin(project.id, ballots), project.cost if rule == "per-euro" else 1)


def greedy_tie_decides_twin(election, ballots, rule, group):
    """Whether any order of the group, all else as published, gives other winners than the published one."""

    def winners(projects):
        funded, part = greedy_twin(replace(election, projects=projects), ballots, rule)
        return set(funded), part

    published = winners(election.projects)
    return any(winners(projects) != published for projects in orders_twin(election.projects, group))


def orders_twin(projects, group):
    """The projects in every order in which those of `group`, ids, only trade places among themselves."""
    places = [place for place, project in enumerate(projects) if project.id in group]
    for order in permutations(places):
        other = list(projects)
        for place, from_ in zip(places, order, strict=True):
            other[place] = projects[from_]
        yield tuple(other)


def runoff_twin(ids, ballots):
    """The winner, and who was dropped in each round."""
    still_in, dropped = list(ids), []
    while still_in:
        tops = [next((p for p in ballot if p in still_in), None) for ballot in ballots]
        in_play = [top for top in tops if top is not None]
        if not in_play:
            break
        for project in still_in:
            if in_play.count(project) > len(in_play) / 2:
                return project, tuple(dropped)
        fewest = min(in_play.count(project) for project in still_in)
        loser = [project for project in still_in if in_play.count(project) == fewest][-1]
        still_in.remove(loser)
        dropped.append(loser)
    return None, tuple(dropped)


def runoff_tie_decides_twin(election, ballots, group):
    """Whether any order of the group, all else as published, elects another in a count from the start."""
    published, _ = runoff_twin(election.ids, ballots)
    orders = ([project.id for project in order] for order in orders_twin(election.projects, group))
    return any(runoff_twin(order, ballots)[0] != published for order in orders)
