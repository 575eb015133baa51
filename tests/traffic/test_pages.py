"""The page of the voting hour by hour."""

from datetime import UTC, datetime, timedelta

import pytest

from pb.traffic.models import Kind
from pb.traffic.service import note, write_traffic
from tests.cast import make_person
from tests.visitor import words
from tests.voting.town import LAMMI, come_in, vote

HOUR = datetime(2026, 10, 7, 9, tzinfo=UTC)  # noon in Helsinki


def count(round_id, kind, source, hours, times):
    for _time in range(times):
        note(round_id, kind, source, HOUR + timedelta(hours=hours))


async def look(visit, town, language="en"):
    answer = await (await visit(town.officer, language)).get(f"/rounds/{town.round.id}/traffic")
    assert answer.status_code == 200
    return answer


async def test_a_cast_shows_up_with_its_hour_and_no_address(visit, visitor, sessions, town):
    await come_in(visitor, town)
    await vote(visitor, town, town.ticks(LAMMI, 1))
    await write_traffic(sessions)
    answer = await look(visit, town)
    assert "1 Votes 0 Changes of a vote 0 Wrong codes 0 Stopped codes" in words(answer)
    assert "Nothing unusual so far." in words(answer)
    assert "127.0.0.1" not in answer.text.replace("http://127.0.0.1", "")


async def test_before_the_first_vote_the_page_says_so(visit, town):
    assert "Nobody has voted or tried a code yet." in words(await look(visit, town))


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
@pytest.mark.parametrize("hours", [1, 2])
async def test_what_is_unusual_is_said_in_every_language(visit, sessions, town, language, hours):
    for n in range(5):
        count(town.round.id, Kind.CAST, "192.0.2.9", n - 9, 2)
    for n in range(hours):
        count(town.round.id, Kind.CAST, "192.0.2.1", n, 61)
        count(town.round.id, Kind.CHANGED, "192.0.2.2", n, 22)
        count(town.round.id, Kind.WRONG_CODE, "192.0.2.3", n, 53)
    await write_traffic(sessions)
    answer = await look(visit, town, language)
    assert f'<html lang="{language}"' in answer.text
    assert answer.text.count("#i-warn") == 4
    page = words(answer)
    for number in (83, 53, 61, 22):
        assert f" {number}" in page
    if language == "en":
        said = SAID[hours - 1]
        assert [sentence for sentence in said if sentence not in page] == []


AT = "Wed 7 Oct 2026, 12:00"
SAID = [
    [
        f"83 votes in one hour, from {AT}. The middle hour has 2.",
        f"53 wrong or stopped codes in one hour, from {AT}.",
        f"Source A: 61 votes in one hour, from {AT}.",
        f"Source B: 22 votes in one hour, from {AT}.",
    ],
    [
        "2 hours had at least 10 times the votes of the middle hour, which has 2. "
        f"The most, 83, came in the hour from {AT}.",
        f"50 wrong or stopped codes or more in each of 2 hours. The most, 53, came in the hour from {AT}.",
        f"Source A: 20 votes or more in each of 2 hours. The most, 61, came in the hour from {AT}.",
        f"Source B: 20 votes or more in each of 2 hours. The most, 22, came in the hour from {AT}.",
    ],
]


async def test_days_come_newest_first_and_end_at_the_city_s_midnight(visit, sessions, town):
    for hours in (0, 11, 12):  # 12:00, 23:00 and 0:00 of the next day in Helsinki
        count(town.round.id, Kind.CAST, "192.0.2.1", hours, 1)
    await write_traffic(sessions)
    page = words(await look(visit, town))
    assert page.index("8 Oct 2026: 1 vote") < page.index("7 Oct 2026: 2 votes")
    assert page.index("from 0:00") < page.index("from 23:00") < page.index("from 12:00")


async def test_the_desk_leads_to_it_once_the_ballot_is_confirmed(visit, session, town):
    own = f'href="/rounds/{town.round.id}/traffic"'
    assert own in (await (await visit(town.officer)).get("/desk")).text
    other = await make_person(session, "Olga")
    assert (await (await visit(other)).get(f"/rounds/{town.round.id}/traffic")).status_code == 403
