"""Writing `.pb`: what was read is written just so, what is ours is read again, and Pabulib's own check accepts it."""

import contextlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pabulib.checker import Checker

from tally import Election, Kind, Profile, Project, count, pabulib_of, read_pabulib, write_pabulib
from tally.pabulib_writing import in_units
from tests.tally.made_up import IDS, profiles
from tests.tally.test_pabulib import GOOD, POINTS

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILES = sorted(path for path in SHARED.glob("pabulib*/*.pb") if path.stat().st_size < 10**6)
ELECTION = Election(
    (
        Project("a", 300000, 'Piha; "ja" puisto', "North"),
        Project("b", 200050, "Kaksi\nriviä", "South"),
        Project("c", 100000),
        Project("d", 100),
        Project("e", 450000, "Silta"),
    ),
    600050,
    max_length=5,
)
META = {
    "rule": "greedy",
    "description": "Town vote",
    "country": "Finland",
    "unit": "Vanajaniemi",
    "instance": "2026",
    "date_begin": "01.03.2026",
    "date_end": "31.03.2026",
    "currency": "EUR",
    "language": "fi",
}


def plain(path):
    """The file's bytes with plain line breaks, also after the last line."""
    return path.read_bytes().replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"


@pytest.mark.parametrize("text", [GOOD, POINTS, GOOD.replace("approval", "ordinal")])
def test_what_was_read_is_written_just_so(tmp_path, text):
    before, after = tmp_path / "before.pb", tmp_path / "after.pb"
    before.write_bytes(text.replace('Piha "ja" puisto', '"Piha ""ja"" puisto"').encode())
    write_pabulib(read_pabulib(before, keep_voters=True), after)
    assert after.read_bytes() == before.read_bytes()


@pytest.mark.skipif(not FILES, reason=f"too large for the repository: no real elections in {SHARED}")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_election_is_written_just_so(tmp_path, path):
    write_pabulib(read_pabulib(path, keep_voters=True), tmp_path / "again.pb")
    assert plain(tmp_path / "again.pb") == plain(path)


def test_voters_that_were_not_kept_are_numbered(tmp_path):
    before, after = tmp_path / "before.pb", tmp_path / "after.pb"
    before.write_text(POINTS, "utf-8")
    write_pabulib(read_pabulib(before), after)
    assert read_pabulib(after).profile.ballots == read_pabulib(before).profile.ballots
    voters = read_pabulib(after, keep_voters=True).voters
    assert [row[0] for row in voters.rows] == ["1", "2", "3", "4"]
    assert voters.columns == ("voter_id", "vote", "points")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("writing") / "town.pb"


@given(profiles(), st.booleans(), st.integers(0, 3))
def test_an_election_of_ours_is_read_again(path, made_up, with_outcome, least):
    ballots, kind = made_up
    election, profile = replace(ELECTION, min_votes=least), Profile.of(ballots, kind)
    outcome = count(election, profile, "rank-points" if kind is Kind.RANKED else "greedy") if with_outcome else None
    written = pabulib_of(election, profile, META, outcome)
    write_pabulib(written, path)
    file = read_pabulib(path)
    assert (file.election, file.profile.ballots) == (election, profile.ballots)
    assert (file.meta, file.projects) == (written.meta, written.projects)
    assert file.has_selected == with_outcome
    assert file.selected == (tuple(id_ for id_ in IDS if id_ in outcome.winners) if with_outcome else ())
    assert set(file.selected) == set(written.selected)


VOTES = {
    "approval": (Kind.APPROVAL, {("a", "b"): 5, ("c",): 4, ("b", "d", "e"): 2}),
    "choose-1": (Kind.APPROVAL, {("a",): 5, ("c",): 4, ("e",): 2}),
    "cumulative": (Kind.POINTS, {(("a", 2), ("b", 5)): 5, (("c", 9),): 4, (("d", 1), ("e", 1)): 3}),
    "ordinal": (Kind.RANKED, {("b", "a"): 5, ("c", "b", "d"): 4, ("e", "a"): 2}),
}


@pytest.mark.parametrize("vote_type", VOTES)
def test_pabulibs_own_check_accepts_it(tmp_path, vote_type):
    kind, ballots = VOTES[vote_type]
    projects = tuple(replace(p, title=f"Puisto; {p.id}", area="North") for p in ELECTION.projects)
    election = replace(ELECTION, projects=projects, max_length=1 if vote_type == "choose-1" else 3)
    profile = Profile.counted(ballots, kind)
    outcome = count(election, profile, "rank-points" if kind is Kind.RANKED else "greedy")
    points = {"max_sum_points": "9"} if kind is Kind.POINTS else {}
    path = tmp_path / "Finland_Vanajaniemi_2026.pb"
    write_pabulib(pabulib_of(election, profile, META | points | {"vote_type": vote_type}, outcome), path)
    assert errors_of(path) == {}


def errors_of(path):
    """What Pabulib's own check calls errors."""
    with contextlib.redirect_stdout(io.StringIO()):
        results = Checker().process_files([str(path)])
    assert results["metadata"]["processed"] == 1
    return results[path.stem]["results"]["errors"]


def test_the_check_would_find_an_error(tmp_path):
    file = pabulib_of(ELECTION, Profile.counted({("a",): 3}), META)
    write_pabulib(replace(file, meta=file.meta | {"num_votes": "4"}), tmp_path / "town.pb")
    assert "different number of votes" in errors_of(tmp_path / "town.pb")


def test_ballots_are_not_passed_off_as_another_type():
    profile = Profile.counted({("a",): 3})
    with pytest.raises(ValueError, match="approval ballots are not of the vote_type 'ordinal'"):
        pabulib_of(ELECTION, profile, META | {"vote_type": "ordinal"})
    with pytest.raises(ValueError, match="not of the vote_type 'guess'"):
        pabulib_of(ELECTION, profile, META | {"vote_type": "guess"})
    with pytest.raises(KeyError, match="rule"):
        pabulib_of(ELECTION, profile, {})


@given(st.integers(0, 10**12))
def test_money_is_written_in_units_with_cents_where_there_are_some(cents):
    units, _, rest = in_units(cents).partition(".")
    assert int(units) * 100 + int(rest or 0) == cents
    assert len(rest) in (0, 2)
    assert rest != "00"
