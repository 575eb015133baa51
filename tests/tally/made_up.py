"""Elections made up by Hypothesis: few projects and small numbers, so that ties are common."""

from hypothesis import strategies as st

from tally import Election, Project

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
def ranked_elections(draw, ids=IDS):
    """An election whose projects all fit the budget, and its ballots one by one, some blank, some short."""
    election = draw(elections(budgets=st.just(9), all_ids=ids))
    choices = st.lists(st.sampled_from(election.ids), unique=True).map(tuple)
    return election, draw(st.lists(choices, max_size=12))
