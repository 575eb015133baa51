"""The result as people meet it: nothing before it is published, then pages and reports in three languages."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb.app import make_app
from pb.database import make_engine, make_sessions
from pb.jobs import Context, run_jobs
from pb.language import LANGUAGES, in_language
from pb.permissions import Phase, Role
from pb.results.models import Count
from pb.results.queries import list_counts, list_results
from pb.results.rules import as_data, count_allocation
from pb.results.service import make_report, publish_results, report_html
from pb.rounds.models import CountRule
from tests.cast import DAY, make_person, make_round, make_service, sign_in_link
from tests.results.paper import findings, text_of
from tests.results.voted import (
    Voted,
    cast_six_ballots,
    close_and_count,
    close_and_open,
    make_counted,
    make_voting,
    wait_for_the_close,
)
from tests.visitor import Visitor, words


async def signed_in(session: AsyncSession, visitor: Visitor, person) -> Visitor:
    return await visitor.sign_in(await sign_in_link(session, person))


async def publish(session: AsyncSession, voted: Voted) -> None:
    await publish_results(session, voted.officer, voted.round.id, datetime.now(UTC))
    await session.commit()


async def test_before_the_count_the_page_says_when_the_result_comes(session, visitor) -> None:
    round_ = await make_round(session, await make_service(session), Phase.VOTING)
    await session.commit()
    page = await visitor.get(f"/rounds/{round_.id}/results")
    assert page.status_code == 200
    assert "There is no result yet" in words(page)
    assert "The result is due on" in words(page)


async def test_a_draft_has_no_page_of_results(session, visitor) -> None:
    round_ = await make_round(session, await make_service(session), Phase.IDEAS)
    for window in round_.windows:
        window.opens, window.closes = window.opens + 10 * DAY, window.closes + 10 * DAY
    await session.commit()
    for path in ("", "/1", "/report-fi.pdf"):
        assert (await visitor.get(f"/rounds/{round_.id}/results{path}")).status_code == 404


@pytest.mark.parametrize(
    ("role", "own_service", "sees"),
    [
        (None, True, False),
        (Role.OFFICER, True, True),
        (Role.OFFICER, False, False),
        (Role.AUDITOR, True, True),
        (Role.ESTIMATOR, True, False),
        (Role.CLERK, True, False),
        (Role.COUNCILLOR, True, False),
        (Role.ADMINISTRATOR, True, False),
    ],
)
async def test_before_publishing_only_its_officers_and_the_auditor_see_a_count(
    session, visitor, role, own_service, sees
) -> None:
    voted = await make_counted(session)
    service = voted.round.service if own_service else await make_service(session, "Liikuntapalvelut")
    await signed_in(session, visitor, await make_person(session, "Katsoja", role, service))
    own = f"/rounds/{voted.round.id}"
    brief, one, report = [
        await visitor.get(own + path) for path in ("/results", "/results/1", "/results/report-fi.pdf")
    ]
    assert (brief.status_code, one.status_code, report.status_code) == (200, 200 if sees else 404, 404)
    assert ("Hanke 1-1" in words(brief), "Hanke 1-1" in words(one)) == (sees, sees)
    assert ("This result is not published" in words(brief)) is sees
    assert (await visitor.get(f"{own}/count")).status_code == (200 if sees else 403)


async def test_the_count_and_its_results_speak_in_the_readers_words(session, visitor) -> None:
    voted = await make_counted(session)
    voted.round.translations = {"sv": {"title": "Omgång 2027"}}
    (own, *_others) = voted.round.allocations
    own.translations = {"sv": {"name": "Lampis"}}
    await signed_in(session, visitor, voted.officer)
    for path, texts in {
        "count?lang=sv": ["Omgång 2027", "Lampis"],
        "results": ["Omgång 2027", "Lampis"],
        "results/1": ["Lampis"],
    }.items():
        page = await visitor.get(f"/rounds/{voted.round.id}/{path}")
        title = page.text.partition("<title>")[2].partition("</title>")[0]
        assert (page.status_code, texts[0] in title) == (200, True)
        assert [text for text in (*texts, voted.round.title, own.name) if text in words(page)] == texts


async def test_a_stranger_is_led_from_the_count_to_sign_in(session, visitor) -> None:
    voted = await make_voting(session, 3600)
    await session.commit()
    answer = await visitor.get(f"/rounds/{voted.round.id}/count")
    assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")


async def test_the_auditor_watches_the_count_without_its_buttons(session, visitor) -> None:
    voted = await make_counted(session)
    await signed_in(session, visitor, await make_person(session, "Arvo", Role.AUDITOR))
    assert "Publish the result" not in (await visitor.get(f"/rounds/{voted.round.id}/count")).text
    assert (await visitor.post(f"/rounds/{voted.round.id}/count/publish")).status_code == 403


async def test_while_voting_the_count_page_says_how_many_ballots_there_are_and_no_more(session, visitor) -> None:
    voted = await make_voting(session, 3600)
    await cast_six_ballots(session, voted)
    await signed_in(session, visitor, voted.officer)
    page = words(await visitor.get(f"/rounds/{voted.round.id}/count"))
    assert "6 ballots are in the box" in page
    early = await visitor.post(f"/rounds/{voted.round.id}/opening/close")
    assert early.status_code == 409
    assert "Voting is open until" in words(early)


async def test_the_page_of_an_allocation_tells_all(session, visitor) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    page = words(await visitor.get(f"/rounds/{voted.round.id}/results/1"))
    for said in (
        "Lammi: 2 projects were chosen",
        "5 voters, 50.0% of the 10 who could vote",
        "€9,000 used of €10,000",
        "€1,000 left over",
        "1 blank ballot",
        "Chosen, because at its turn €10,000 was left and it costs €6,000.",
        "Not chosen: at its turn €1,000 was left and it costs €5,000, so €4,000 was missing.",
        "No projects had equal votes.",
        "The project with most votes is funded first",
    ):
        assert said in page


async def test_the_page_of_a_ranked_allocation_shows_every_round(session, visitor) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    page = words(await visitor.get(f"/rounds/{voted.round.id}/results/2"))
    for said in (
        "Koko kaupunki 2: one project was chosen",
        "Chosen in round 2 with 4 of 6 votes, more than half.",
        "Dropped out in round 1 with 1 vote, the fewest.",
        "Ballots in play 6 6",
        "Counted twice with two programs, the same result.",
    ):
        assert said in page


async def test_a_count_by_equal_shares_tells_why_and_what_other_rules_would_make_of_it(session, visitor) -> None:
    voted = await make_voting(session, 1, CountRule.EQUAL_SHARES_ADD1)
    await cast_six_ballots(session, voted)
    await close_and_count(session, voted)
    await publish(session, voted)
    page = words(await visitor.get(f"/rounds/{voted.round.id}/results/1"))
    for said in (
        "Every voter gets an equal share of the money.",
        "Chosen: its 3 supporters paid its €6,000 from their shares, at most €2,000 each.",
        "Not chosen: its 1 supporter had ",
        "The same votes counted by other rules",
        "Only the rule that was fixed before the vote decides.",
        "Method of Equal Shares, shares raised The rule of this vote 2 €9,000 2 1.00",
        "Most votes first, skip what does not fit 2 €9,000 2 1.00",
    ):
        assert said in page
    stored = (await list_counts(session, voted.round.id))[0]
    assert [row["rule"] for row in stored.comparison].count("equal-shares/add1") == 1
    assert set(stored.margins) <= {"2"}


async def test_what_was_too_much_work_is_said_on_the_page_and_in_the_report(session, visitor) -> None:
    voted = await make_voting(session)
    await close_and_open(session, voted)
    counted = count_allocation(voted.rules.allocations[0], [[1, 3], [1, 3], [2]])
    rows = tuple(replace(row, proven=row.rule != "knapsack") for row in counted.comparison)
    stored = as_data(replace(counted, margins={}, comparison=rows))
    own = voted.projects[0].allocation_id
    session.add(Count(allocation_id=own, eligible=9, voters=3, blank=0, counted_at=voted.closes, **stored))
    other = as_data(count_allocation(voted.rules.allocations[1], []))
    ranked = voted.projects[-1].allocation_id
    session.add(Count(allocation_id=ranked, eligible=9, voters=0, blank=0, counted_at=voted.closes, **other))
    await session.commit()
    await signed_in(session, visitor, voted.officer)
    with in_language("en"):
        report = (await report_html(session, voted.round))[0]
    page = words(await visitor.get(f"/rounds/{voted.round.id}/results/1"))
    for shown in (page, " ".join(re.sub("<[^>]*>", " ", report).split())):
        assert re.search(r"The set with most votes \(?not proven best\)? 2 ", shown)
        assert shown.count("not proven best") == 1
        assert "Not chosen, and why For 1 project it was not worked out what would have been enough:" in shown


async def test_an_allocation_that_is_not_there_is_not_found(session, visitor) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    for number in ("3", "0", "x"):
        assert (await visitor.get(f"/rounds/{voted.round.id}/results/{number}")).status_code == 404


async def test_a_report_that_is_not_made_yet_says_so(session, visitor) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    answer = await visitor.get(f"/rounds/{voted.round.id}/results/report-fi.pdf")
    assert answer.status_code == 404
    assert "The report is being made" in words(answer)
    assert "it is being made" in words(await visitor.get(f"/rounds/{voted.round.id}/results"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_report_is_accessible_and_names_the_winners(session, sessions, tmp_path: Path, language) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    await make_report(Context(sessions), str(voted.round.id), language)
    pdf, pages = (await session.execute(text("SELECT pdf, pages FROM report"))).one()
    assert findings(pdf, tmp_path) == []
    assert pages == 5
    read = text_of(pdf)
    assert "Hanke 1-1" in read
    assert "Hanke 2-1" in read
    assert voted.round.rules_sha256.hex() in read.replace(" ", "")


async def test_making_a_report_again_replaces_it(session, sessions) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    for _again in range(2):
        await make_report(Context(sessions), str(voted.round.id), "en")
    assert await session.scalar(text("SELECT count(*) FROM report")) == 1


async def test_the_officer_has_the_reports_made_again(session, visitor) -> None:
    voted = await make_counted(session)
    await publish(session, voted)
    count, queued = f"/rounds/{voted.round.id}/count", text("SELECT count(*) FROM pgqueuer")
    before = await session.scalar(queued)
    await signed_in(session, visitor, await make_person(session, "Arvo", Role.AUDITOR))
    assert "Make the reports again" not in (await visitor.get(count)).text
    assert (await visitor.post(f"{count}/reports")).status_code == 403
    await signed_in(session, visitor, voted.officer)
    assert f'action="{count}/reports"' in (await visitor.get(count)).text
    assert (await visitor.post(f"{count}/reports")).status_code == 303
    assert await session.scalar(queued) == before + len(LANGUAGES)


async def test_reading_every_result_takes_two_queries(session, engine) -> None:
    voted = await make_counted(session)
    await session.flush()
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await list_results(session, voted.round)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert len(asked) == 2


@pytest.fixture
async def committing(database: str) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions on a fresh database where commits are real, as the queue needs them."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def test_from_sealed_ballots_to_the_published_report(committing, database, tmp_path: Path) -> None:
    async with committing() as session:
        voted = await make_voting(session, 2)
        await cast_six_ballots(session, voted)
        links = [await sign_in_link(session, person) for person in (voted.officer, voted.second)]
    own, app = f"/rounds/{voted.round.id}", make_app(committing)
    async with Visitor(app) as officer, Visitor(app) as second, Visitor(app, "sv") as reader:
        await officer.sign_in(links[0])
        await second.sign_in(links[1])
        await wait_for_the_close(voted)
        for who, act, said in [
            (officer, "opening/close", "The box was closed on"),
            (officer, "opening/ask", "Olga asked for the opening on"),
            (second, "opening/open", "Olga asked for the opening and Otso opened the box on"),
            (officer, "count/ballots", "2 allocations were counted"),
            (officer, "count/publish", "The result was published on"),
        ]:
            assert (await who.post(f"{own}/{act}")).status_code == 303
            assert said in words(await officer.get(f"{own}/count"))
        await asyncio.wait_for(run_jobs(database, Context(committing), drain=True), 60)
        page = await reader.get(f"{own}/results")
        assert "Hanke 1-1" in words(page)
        for language in LANGUAGES:
            address = f"{own}/results/report-{language}.pdf"
            assert address in page.text
            report = await reader.get(address)
            assert report.status_code == 200
            assert report.headers["content-type"] == "application/pdf"
            assert report.headers["content-disposition"].startswith("inline; filename=")
            assert findings(report.content, tmp_path) == []
            assert "Hanke 2-1" in text_of(report.content)


async def test_two_officers_who_count_at_once_count_once(committing) -> None:
    async with committing() as session:
        voted = await make_voting(session, 2)
        await cast_six_ballots(session, voted)
        links = [await sign_in_link(session, voted.officer) for _browser in range(2)]
        await close_and_open(session, voted)
        await session.commit()
    app = make_app(committing)
    async with Visitor(app) as one, Visitor(app) as two:
        for visitor, link in zip((one, two), links, strict=True):
            await visitor.sign_in(link)
        path = f"/rounds/{voted.round.id}/count/ballots"
        answers = await asyncio.gather(one.post(path), two.post(path))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    async with committing() as session:
        assert await session.scalar(text("SELECT count(*) FROM count")) == 2
