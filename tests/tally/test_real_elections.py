"""Every real election we have reads, and every one counted by a rule we have gives the published winners."""

from pathlib import Path

import pytest

from tally import Unsupported, count_file, read_pabulib

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILES = sorted(SHARED.glob("pabulib*/*.pb"))

pytestmark = pytest.mark.skipif(not FILES, reason=f"no real elections in {SHARED}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_election_gives_the_published_winners(path):
    try:
        file, outcome = count_file(path)
    except Unsupported:
        file = read_pabulib(path)
        assert file.rule != "greedy" or file.vote_type in ("cumulative", "ordinal")
    else:
        assert set(outcome.winners) == set(file.selected)
    assert file.has_selected
    assert file.profile.voters == int(file.meta["num_votes"])


def test_the_tie_that_the_city_settled_by_lot_is_named():
    _, outcome = count_file(SHARED / "pabulib-ties" / "Poland_Warszawa_2020_Rembertow.pb")
    assert [(tie.projects, tie.place) for tie in outcome.ties if tie.decided] == [(("2146", "2072"), 18)]
