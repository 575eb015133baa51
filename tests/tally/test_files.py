"""Files of any kind, read by their ending."""

from pathlib import Path

import pytest

from tally import Election, FileError, Kind, Profile, Project, Unsupported, count, read_file, write_csv
from tests.tally.test_pabulib import GOOD, POINTS


def test_a_pb_is_read_with_its_rule_currency_and_published_outcome(tmp_path):
    path = tmp_path / "town.PB"
    path.write_text(GOOD, "utf-8")
    file = read_file(path)
    assert (file.label, file.rule, file.title, file.currency) == ("greedy", "greedy", 'Piha "ja" puisto', "EUR")
    assert file.selected == frozenset({"1"})
    assert file.titles == {"1": "Penkki; ja pöytä", "2": "Kaksi\nriviä", "3": "Kukat"}
    path.write_text(GOOD.replace(";selected", ";chosen"), "utf-8")
    assert read_file(path).selected is None


@pytest.mark.parametrize(
    ("label", "text", "rule"),
    [
        ("greedy-no-skip", GOOD, "no-skip"),
        ("greedy-threshold", GOOD, "greedy"),
        ("greedy-threshold", GOOD.replace("max_length", "min_project_score_threshold"), "threshold"),
        ("equalshares", GOOD, "equal-shares"),
        ("equalshares-comparison", GOOD, "equal-shares/comparison"),
        ("equalshares/add1", GOOD, "equal-shares/add1"),
        ("equalshares/add1-comparison", POINTS, "equal-shares/add1-comparison"),
        ("phragmen", GOOD, "phragmen"),
        ("equal-shares/add1-greedy/cardinality", GOOD, "equal-shares/add1-greedy/cardinality"),
        ("greedy", GOOD.replace("approval", "ordinal"), "rank-points"),
        ("greedy-threshold", GOOD.replace("approval", "ordinal"), "rank-points"),
        ("irv", GOOD.replace("approval", "ordinal"), "irv"),
    ],
)
def test_the_rule_is_found_by_pabulibs_label_or_by_our_name(tmp_path, label, text, rule):
    path = tmp_path / "town.pb"
    path.write_text(text.replace("rule;greedy", f"rule;{label}"), "utf-8")
    assert read_file(path).rule == rule


@pytest.mark.parametrize("label", ["greedy-custom", "unknown", "poznan\nrule"])
def test_a_label_we_do_not_know_is_refused_when_it_is_asked_for(tmp_path, label):
    path = tmp_path / "town.pb"
    path.write_text(GOOD.replace("rule;greedy", f'rule;"{label}"'), "utf-8")
    file = read_file(path)
    with pytest.raises(
        Unsupported, match=r"^The rule '.*' is not one we know: choose another with --rule\.$"
    ) as caught:
        _ = file.rule
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("seats", "rule"), [(1, "irv"), (2, "stv")])
def test_a_blt_is_counted_for_one_seat_or_for_several(tmp_path, seats, rule):
    path = tmp_path / "board.blt"
    path.write_text(f'3 {seats}\n4 1 2 0\n2 3 0\n0\n"Ann"\n"Ben"\n"Cat"\n"The board"\n', "utf-8")
    file = read_file(path)
    assert (file.rule, file.title, file.selected) == (rule, "The board", None)
    assert len(count(file.election, file.profile, file.rule).winners) == seats


@pytest.mark.parametrize(
    ("kind", "rule"), [(Kind.APPROVAL, "greedy"), (Kind.POINTS, "greedy"), (Kind.RANKED, "rank-points")]
)
def test_a_csv_is_counted_most_votes_or_points_first(tmp_path, kind, rule):
    election = Election((Project("a", 5), Project("b", 6, "Bench")), 9)
    ballots = {(("a", 2), ("b", 3)): 2} if kind is Kind.POINTS else {("a", "b"): 2}
    write_csv(election, Profile.counted(ballots, kind), tmp_path / "town.csv")
    file = read_file(tmp_path / "town.csv")
    assert (file.election, file.profile.ballots, file.rule) == (election, ballots, rule)
    assert file.titles["b"] == "Bench"


@pytest.mark.parametrize("name", ["town", "town.txt", "town.pb.gz", ".pb"])
def test_another_ending_is_refused(name):
    with pytest.raises(FileError, match=r"expected a file whose name ends in \.pb, \.blt or \.csv\.$"):
        read_file(Path(name))


@pytest.mark.parametrize("name", ["missing.pb", "missing.blt", "missing.csv"])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(FileError, match="expected a readable file"):
        read_file(tmp_path / name)
