"""Every real election we have reads, and is counted to the published winners by the rule that its file names."""

from pathlib import Path

import pytest

from tally import count, read_file, read_pabulib

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILES = sorted(SHARED.glob("pabulib*/*.pb"))
SETTLED = {  # where the published order decided, and the place it did
    "Poland_Czestochowa_2024_Dzbow": (("54", "674"), 5),
    "Poland_Lodz_2024_Katedralna": (("S004KA", "S039KA"), 8),
    "Poland_Warszawa_2020_Rembertow": (("2146", "2072"), 18),
}

pytestmark = pytest.mark.skipif(not FILES, reason=f"too large for the repository: no real elections in {SHARED}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_election_gives_the_published_winners(path):
    file = read_file(path)
    outcome = count(file.election, file.profile, file.rule)
    assert set(outcome.winners) == file.selected
    assert file.profile.voters == int(read_pabulib(path).meta["num_votes"])
    decided = [(tie.projects, tie.place) for tie in outcome.ties if tie.decided]
    assert decided == ([SETTLED[path.stem]] if path.stem in SETTLED else [])


def test_the_files_of_settled_ties_are_among_them():
    assert set(SETTLED) <= {path.stem for path in FILES}
