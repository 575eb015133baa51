"""Feeds and calendars: read back by strict parsers; the same for everybody, and nothing that is not public."""

from datetime import datetime, timedelta
from xml.etree import ElementTree

import icalendar
import pytest

from ballots.types import BallotType
from pb.confirmation.forms import ExtendForm
from pb.confirmation.service import confirm_ballot, extend_voting
from pb.estimates.models import Estimate
from pb.ideas.models import IdeaState
from pb.permissions import Phase
from pb.rounds.models import Amendment, AmendmentKind
from tests.cast import DAY, NOW, make_allocation, make_idea, make_projects

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ODD = [
    'Puisto; penkki, kukka: \\ "lainaus"',
    "Rivi\nvaihto\r\nkaksi\rkolme",
    "🎪🎨" * 60,
    "Pitkä otsikko " * 14,
    "<script>&amp;]]>",
    "Ohjaus\x01\x0b\x1f\x7fmerkki\ufffe",
    "BEGIN:VALARM\nEND:VEVENT",
]


async def estimate(session, idea, person, cost=None, at=NOW):
    made = Estimate(
        idea_id=idea.id, feasible=cost is not None, cost_cents=cost, reason="Näin on.", person_id=person.id, at=at
    )
    session.add(made)
    await session.flush()
    return made


def read_feed(answer) -> ElementTree.Element:
    """The feed, with what RFC 4287 (section 4.1) asks of it and of each entry checked."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    assert feed.find(f"{ATOM}link[@rel='self']").get("href").startswith("http://127.0.0.1/")
    ids = [thing.find(f"{ATOM}id").text for thing in (feed, *feed.iter(f"{ATOM}entry"))]
    assert len(set(ids)) == len(ids)
    assert all(id_.startswith("urn:uuid:") for id_ in ids)
    for thing in (feed, *feed.iter(f"{ATOM}entry")):
        assert len(thing.findall(f"{ATOM}title")) == 1
        assert datetime.fromisoformat(thing.find(f"{ATOM}updated").text).tzinfo is not None
        assert thing.find(f"{ATOM}link[@rel='alternate']").get("href").startswith("http://127.0.0.1/")
    return feed


def titles(feed) -> list[str]:
    return [entry.find(f"{ATOM}title").text for entry in feed.iter(f"{ATOM}entry")]


async def test_a_rounds_feed_has_ideas_estimates_amendments_and_the_result(visitor, session, round_, resident, officer):
    idea = await make_idea(session, round_, resident)
    await estimate(session, idea, officer, 12_000_00, NOW - DAY)
    await estimate(session, await make_idea(session, round_, resident, "Katos"), officer)
    change = {"subject": "Hanke", "before": "", "after": "", "at": NOW - 2 * DAY}
    session.add(Amendment(round_id=round_.id, kind=AmendmentKind.WITHDRAWN, reason="Suljettiin", **change))
    await session.commit()
    feed = read_feed(await visitor.get(f"/rounds/{round_.id}/feed.atom"))
    assert titles(feed)[:3] == [
        "Cannot be done: Katos",
        "Estimate €12,000: Pihakonsertit",
        "Withdrawn: Hanke. The count skips it.",
    ]
    assert sorted(titles(feed)[3:]) == ["New idea: Katos", "New idea: Pihakonsertit"]
    assert "Olli" not in ElementTree.tostring(feed, "unicode")


@pytest.mark.parametrize("state", [IdeaState.DRAFT, IdeaState.SUBMITTED, IdeaState.REFUSED])
async def test_what_is_not_published_is_in_no_feed_not_even_for_its_author_or_staff(
    visit, session, round_, resident, officer, state
):
    idea = await make_idea(session, round_, resident, "Salainen", state)
    await estimate(session, idea, officer, 100)
    hidden = await make_idea(session, round_, resident, "Piilotettu")
    hidden.hidden_reason = "Nimi"
    await estimate(session, hidden, officer, 100)
    await make_idea(session, round_, resident, "Julkinen")
    for person in (None, resident, officer):
        browser = await visit(person)
        feed = await browser.get(f"/rounds/{round_.id}/feed.atom")
        assert "Julkinen" in feed.text
        assert "Salainen" not in feed.text
        assert "Piilotettu" not in feed.text
        assert (await browser.get(f"/ideas/{hidden.id}/feed.atom")).status_code == 404
        own = await browser.get(f"/ideas/{idea.id}/feed.atom")
        if state is IdeaState.REFUSED:
            assert "Not published: Salainen" in own.text
            assert idea.description not in own.text
        else:
            assert own.status_code == 404


async def test_a_draft_round_has_no_feed_and_no_calendar_not_even_for_its_officer(visit, session, round_, officer):
    for window in round_.windows:
        window.opens, window.closes = window.opens + 100 * DAY, window.closes + 100 * DAY
    await session.commit()
    for person in (None, officer):
        browser = await visit(person)
        for file in ("feed.atom", "phases.ics"):
            assert (await browser.get(f"/rounds/{round_.id}/{file}")).status_code == 404
        assert round_.title not in (await browser.get("/calendar.ics")).text


async def test_an_ideas_feed_tells_its_life(visitor, session, round_, resident, officer):
    idea = await make_idea(session, round_, resident)
    await estimate(session, idea, officer, None, NOW - DAY)
    await estimate(session, idea, officer, 500_00)
    feed = read_feed(await visitor.get(f"/ideas/{idea.id}/feed.atom"))
    assert titles(feed) == [
        "Estimate €500: Pihakonsertit",
        "Cannot be done: Pihakonsertit",
        "New idea: Pihakonsertit",
    ]
    assert feed.find(f"{ATOM}updated").text == NOW.isoformat()


async def test_ids_stay_and_the_language_is_the_readers(visitor, session, round_, resident):
    idea = await make_idea(session, round_, resident)
    round_.translations = {"sv": {"title": "Omgången 2027"}}
    await session.commit()
    path = f"/rounds/{round_.id}/feed.atom"
    english, swedish = [read_feed(await visitor.get(f"{path}?lang={language}")) for language in ("en", "sv")]
    assert [feed.get(LANG) for feed in (english, swedish)] == ["en", "sv"]
    assert "Omgången 2027" in swedish.find(f"{ATOM}title").text
    assert swedish.find(f"{ATOM}link[@rel='self']").get("href") == f"http://127.0.0.1{path}?lang=sv"
    ids = [[each.text for each in feed.iter(f"{ATOM}id")] for feed in (english, swedish)]
    assert ids[0] == ids[1]
    assert ids[0][1] == f"urn:uuid:{idea.id}"


async def test_a_reader_that_has_the_newest_gets_304(visitor, session, round_, resident):
    await make_idea(session, round_, resident)
    for path in (f"/rounds/{round_.id}/feed.atom", f"/rounds/{round_.id}/phases.ics", "/calendar.ics"):
        first = await visitor.get(path)
        again = await visitor.get(path, headers={"if-none-match": f'"x", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (await visitor.get(path, headers={"if-none-match": '"old"'})).content == first.content
    await make_idea(session, round_, resident, "Toinen")
    await session.commit()
    path = f"/rounds/{round_.id}/feed.atom"
    assert first.headers["etag"] != (await visitor.get(path)).headers["etag"]


@pytest.mark.parametrize("title", ODD)
async def test_odd_words_come_through_feed_and_calendar_whole(visitor, session, round_, resident, title):
    round_.title = round_.summary = title
    idea = await make_idea(session, round_, resident, title)
    idea.description = title
    await session.commit()
    feed = read_feed(await visitor.get(f"/rounds/{round_.id}/feed.atom"))
    legal = "".join(letter for letter in title if letter not in "\x01\x0b\x1f\x7f\ufffe").replace("\r\n", "\n")
    assert titles(feed) == [f"New idea: {legal}".replace("\r", "\n")]
    answer = await visitor.get("/calendar.ics")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    events = icalendar.Calendar.from_ical(answer.content).events
    assert len(events) == 4
    for event in events:
        assert event["SUMMARY"].partition(": ")[2] == legal.replace("\r", "\n")
        assert len(event.alarms.times) == (event["UID"].startswith("voting"))


async def test_the_calendar_has_each_phase_with_its_times_and_an_alarm(visitor, session, round_):
    answer = await visitor.get(f"/rounds/{round_.id}/phases.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert (calendar["VERSION"], calendar["NAME"]) == ("2.0", round_.title)
    events = {event["UID"].partition(".")[0]: event for event in calendar.events}
    assert set(events) == {"ideas", "estimates", "voting", "results"}
    for window in round_.windows:
        event = events[window.phase]
        assert (event.start, event.end) == (window.opens, window.closes)
        assert event["DTSTART"].to_ical().endswith(b"Z")
        assert event["UID"] == f"{window.phase}.{round_.id}@127.0.0.1"
        assert event["URL"] == f"http://127.0.0.1/rounds/{round_.id}"
    voting = events["voting"]
    assert voting["SUMMARY"] == f"Voting: {round_.title}"
    assert [alarm.trigger for alarm in voting.alarms.times] == [round_.window(Phase.VOTING).closes - timedelta(days=1)]


async def test_a_close_that_was_moved_is_a_new_revision_of_the_same_event(visitor, session, round_, officer):
    round_.allocations.append(await make_allocation(session, round_, 1, None, BallotType.APPROVAL))
    await make_projects(session, round_.allocations[0], 100)
    await session.commit()
    await confirm_ballot(session, officer, round_.id, NOW)
    await session.commit()

    async def voting():
        answer = await visitor.get(f"/rounds/{round_.id}/phases.ics?lang=sv")
        events = icalendar.Calendar.from_ical(answer.content).events
        return next(event for event in events if event["UID"].startswith("voting"))

    before = await voting()
    closes = round_.window(Phase.VOTING).closes + DAY / 2
    await extend_voting(session, officer, round_.id, ExtendForm(closes=closes, reason="Katko"), NOW + DAY)
    await session.commit()
    after = await voting()
    assert (before["UID"], before["SEQUENCE"], after["SEQUENCE"]) == (after["UID"], 0, 1)
    assert (after.end, after["DTSTAMP"].dt) == (closes, NOW + DAY)
    assert after["SUMMARY"].params["LANGUAGE"] == "sv"


async def test_the_rounds_pages_name_its_feed(visitor, session, round_):
    page = await visitor.get(f"/rounds/{round_.id}")
    assert f'type="application/atom+xml" href="/rounds/{round_.id}/feed.atom?lang=en"' in page.text


@pytest.mark.parametrize("hidden", ["", "Nimi"])
async def test_an_ideas_page_links_its_feed_unless_staff_hid_the_idea(visitor, session, round_, resident, hidden):
    idea = await make_idea(session, round_, resident)
    idea.hidden_reason = hidden
    await session.commit()
    page = (await visitor.get(f"/ideas/{idea.id}")).text
    assert (f'<a href="/ideas/{idea.id}/feed.atom?lang=en">' in page) == (not hidden)
