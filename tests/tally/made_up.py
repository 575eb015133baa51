"""Elections made up by Hypothesis: few projects and small numbers, so that ties are common."""

from dataclasses import replace

from hypothesis import strategies as st

from tally import Election, Kind, Profile, Project

IDS = "abcde"
BUDGETS = st.integers(0, 20)  # the projects cost 1 to 9 each


@st.composite
def elections(draw, budgets=BUDGETS, all_ids=IDS):
    ids = draw(st.permutations(all_ids[: draw(st.integers(1, len(all_ids)))]))
    projects = tuple(Project(id_, draw(st.integers(1, 9))) for id_ in ids)
    return Election(projects, draw(budgets))


@st.composite
def approval_elections(draw):
    """An election, and its ballots one by one."""
    election = draw(elections())
    return election, draw(st.lists(st.sets(st.sampled_from(election.ids)).map(sorted), max_size=8))


@st.composite
def set_elections(draw, least_votes=0):
    """An election with all terms, the kind of its ballots, and these one by one as id → points (1 for a tick)."""
    election = draw(elections())
    groups = st.sampled_from(["", "", "", "x", "y"])
    projects = tuple(
        replace(project, group=draw(groups), area=draw(st.sampled_from("NS"))) for project in election.projects
    )
    least = draw(st.sampled_from([least_votes, least_votes, 2, 3]))
    election = replace(election, projects=projects, min_votes=least, part_funding=draw(st.booleans()))
    kind = draw(st.sampled_from([Kind.APPROVAL, Kind.POINTS]))
    points = st.integers(0, 3) if kind is Kind.POINTS else st.just(1)
    return election, kind, draw(st.lists(st.dictionaries(st.sampled_from(election.ids), points), max_size=8))


@st.composite
def ranked_elections(draw, ids=IDS):
    """An election whose projects all fit the budget, and its ballots one by one, some blank, some short."""
    election = draw(elections(budgets=st.just(9), all_ids=ids))
    choices = st.lists(st.sampled_from(election.ids), unique=True).map(tuple)
    return election, draw(st.lists(choices, max_size=12))


@st.composite
def profiles(draw, ids=IDS):
    """Ballots of one kind, one by one in the shape that `Profile.of` takes, and the kind."""
    kind = draw(st.sampled_from(Kind))
    choices = st.lists(st.sampled_from(ids), unique=True)
    if kind is Kind.POINTS:
        choices = st.dictionaries(st.sampled_from(ids), st.integers(0, 3)).map(lambda ballot: list(ballot.items()))
    return draw(st.lists(choices.map(tuple), max_size=12)), kind


def profile_of(ballots, kind):
    """The profile of ballots given as id → points."""
    return Profile.of((ballot.items() if kind is Kind.POINTS else ballot for ballot in ballots), kind)


def one_by_one(ballots, kind):
    """The profile with an entry for every voter, as no reading would give it."""
    profile = Profile.counted({}, kind)
    for ballot in ballots:
        profile = profile.plus(tuple(ballot), 1)
    return profile
