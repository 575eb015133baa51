"""What is unusual, at the borders of the rules."""

from datetime import UTC, datetime, timedelta

import pytest

from pb.traffic.rules import Busy, Hour, Unusual, letter, middle_votes, unusual

FIRST = datetime(2026, 10, 7, 9, tzinfo=UTC)


def hour(nth, votes=0, wrong=0, locked_out=0, changed=0):
    return Hour(FIRST + timedelta(hours=nth), votes - changed, changed, wrong, locked_out, min(votes, 1))


def found(hours, busy=()):
    return [(n.what, n.hours, n.most, n.start.hour, n.source) for n in unusual(hours, busy)]


@pytest.mark.parametrize(
    ("middle", "votes", "peak"),
    [(5, 49, False), (5, 50, True), (6, 59, False), (6, 60, True), (1, 49, False), (1, 50, True)],
)
def test_an_hour_is_a_peak_from_ten_times_the_middle_hour_and_fifty_votes(middle, votes, peak):
    hours = [hour(n, middle, changed=n) for n in range(3)] if middle > 2 else [hour(n, middle) for n in range(3)]
    assert found([*hours, hour(3, votes)]) == ([(Unusual.PEAK, 1, votes, 12, "")] if peak else [])


def test_the_first_hour_alone_is_no_peak():
    assert found([hour(0, 5000)]) == []


def test_hours_without_votes_do_not_lower_the_middle():
    quiet = [hour(n, wrong=1) for n in range(10)]
    assert middle_votes([*quiet, hour(10, 4), hour(11, 8), hour(12, 9)]) == 8
    assert middle_votes([hour(0, 4), hour(1, 8)]) == 4
    assert (middle_votes(quiet), middle_votes([])) == (0, 0)


@pytest.mark.parametrize(
    ("wrong", "locked_out", "noted"), [(49, 0, False), (50, 0, True), (20, 29, False), (20, 30, True)]
)
def test_fifty_wrong_or_stopped_codes_in_an_hour_are_unusual(wrong, locked_out, noted):
    expected = [(Unusual.TRIES, 1, wrong + locked_out, 9, "")] if noted else []
    assert found([hour(0, 1, wrong, locked_out)]) == expected


def test_hours_of_one_kind_are_one_note_that_names_the_earliest_with_the_most():
    assert found([hour(0, 1, 60), hour(1, 1, 70), hour(2, 1, 70)]) == [(Unusual.TRIES, 3, 70, 10, "")]


def test_each_source_is_one_note_the_busiest_first():
    school, library = b"school--", b"library-"
    busy = [Busy(FIRST, library, 20), Busy(FIRST, school, 24), Busy(FIRST + timedelta(hours=1), library, 23)]
    assert found([], busy) == [(Unusual.SOURCE, 1, 24, 9, "A"), (Unusual.SOURCE, 2, 23, 10, "B")]


def test_letters_go_on_after_z():
    assert [letter(n) for n in (0, 1, 25, 26, 701, 702)] == ["A", "B", "Z", "AA", "ZZ", "AAA"]
