"""Slow, obvious counts to hold beside the real ones: every ballot by itself, no cleverness."""

from itertools import permutations

from tally import Election


def greedy_twin(election, ballots):
    """The funded ids: look for the most voted project left, again and again."""
    waiting, funded, left = list(election.projects), [], election.budget
    while waiting:
        most = max(votes_twin(project.id, ballots) for project in waiting)
        project = next(p for p in waiting if votes_twin(p.id, ballots) == most)
        waiting.remove(project)
        if project.cost <= left:
            left -= project.cost
            funded.append(project.id)
    return tuple(funded)


def votes_twin(project, ballots):
    return sum(project in ballot for ballot in ballots)


def greedy_tie_decides_twin(election, ballots, group):
    """Whether any order of the group, all else as published, gives other winners than the published one."""
    published = set(greedy_twin(election, ballots))
    orders = (Election(projects, election.budget) for projects in orders_twin(election.projects, group))
    return any(set(greedy_twin(order, ballots)) != published for order in orders)


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
