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
    """Whether any order of the group, all else as published, gives other winners than another order."""
    places = [place for place, project in enumerate(election.projects) if project.id in group]
    outcomes = set()
    for order in permutations(places):
        projects = list(election.projects)
        for place, other in zip(places, order, strict=True):
            projects[place] = election.projects[other]
        outcomes.add(frozenset(greedy_twin(Election(tuple(projects), election.budget), ballots)))
    return len(outcomes) > 1


def runoff_twin(ids, ballots, forced=None):
    """The winner and who was dropped in each round; `forced` names whom to drop in one round instead."""
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
        tied = [project for project in still_in if in_play.count(project) == fewest]
        loser = (forced or {}).get(len(dropped) + 1, tied[-1])
        assert loser in tied
        still_in.remove(loser)
        dropped.append(loser)
    return None, tuple(dropped)


def runoff_tie_decides_twin(ids, ballots, tie):
    """Whether dropping one or another of the tied in that round elects different projects."""
    return len({runoff_twin(ids, ballots, {tie.place: project})[0] for project in tie.projects}) > 1
