"""A person's own page of notices, following a round, and the reminders of its voting."""

import asyncio

from sqlalchemy import func, select

from ballots.types import BallotType
from pb.confirmation.forms import ExtendForm
from pb.confirmation.service import confirm_ballot, extend_voting
from pb.ideas.models import IdeaState
from pb.notices.models import Notice, NoticeKind, Pace
from pb.notices.queries import find_pace, follows
from pb.notices.service import follow, tell
from pb.permissions import Phase, Role
from pb.rounds.service import remind
from tests.cast import DAY, NOW, make_allocation, make_idea, make_person, make_projects, make_round, make_service
from tests.visitor import words


async def confirm(session, round_, officer):
    round_.allocations.append(await make_allocation(session, round_, 1, None, BallotType.APPROVAL))
    await make_projects(session, round_.allocations[0], 100)
    await session.commit()
    await confirm_ballot(session, officer, round_.id, NOW)


async def test_the_page_lists_what_is_followed_and_what_happened(visit, session, round_, resident):
    idea = await make_idea(session, round_, resident)
    for thing in (idea.id, round_.id):
        await follow(session, resident.id, thing, NOW)
    about = ([idea.id], idea.title, f"/ideas/{idea.id}", NOW)
    await tell(session, NoticeKind.IDEA_REFUSED, *about, detail="Ei <b>näin</b>")
    page = await (await visit(resident)).get("/notices")
    for said in (idea.title, round_.title, "raija@example.fi", "English", "The idea was not published."):
        assert said in words(page)
    assert "Ei &lt;b&gt;näin&lt;/b&gt;" in page.text
    assert f'href="/ideas/{idea.id}"' in page.text


async def test_a_hidden_idea_keeps_its_title_from_others_here_too(visit, session, round_, resident):
    other = await make_person(session, "Toni")
    idea = await make_idea(session, round_, other, title="Salainen")
    idea.hidden_reason = "Nimi"
    for person in (resident, other):
        await follow(session, person.id, idea.id, NOW)
    assert "Salainen" not in (await (await visit(resident)).get("/notices")).text
    assert "Salainen" in (await (await visit(other)).get("/notices")).text


async def test_somebody_elses_idea_that_is_not_public_is_not_listed(visit, session, round_, resident):
    other = await make_person(session, "Toni")
    idea = await make_idea(session, round_, other, title="Salainen", state=IdeaState.SUBMITTED)
    await follow(session, resident.id, idea.id, NOW)
    assert "Salainen" not in (await (await visit(resident)).get("/notices")).text


async def test_the_page_needs_as_many_queries_for_many_things_as_for_one(visit, session, round_, resident, counted):
    browser = await visit(resident)

    async def reads(number: int) -> int:
        for n in range(number):
            idea = await make_idea(session, round_, resident, title=f"Idea {n}")
            await follow(session, resident.id, idea.id, NOW)
            await tell(session, NoticeKind.COMMENTED, [idea.id], idea.title, "/", NOW)
        await session.commit()
        with counted() as sent:
            assert (await browser.get("/notices")).status_code == 200
        return len(sent)

    assert await reads(1) == await reads(20)


async def test_pace_and_following_are_changed_on_the_page(visit, session, round_, resident):
    await follow(session, resident.id, round_.id, NOW)
    browser = await visit(resident)
    assert (await browser.post("/notices", {"pace": "weekly"})).headers["location"] == "/notices"
    assert await find_pace(session, resident.id) is Pace.WEEKLY
    assert 'value="weekly" checked' in (await browser.get("/notices")).text
    assert (await browser.post("/notices", {"pace": "hourly"})).status_code == 409
    await browser.post(f"/notices/unfollow/{round_.id}")
    session.expunge_all()
    assert not await follows(session, resident, round_.id)


async def test_a_round_is_followed_and_no_more(visit, session, round_, resident):
    browser, path = await visit(resident), f"/rounds/{round_.id}"
    for act, result in (("follow", True), ("follow", True), ("unfollow", False), ("unfollow", False)):
        answer = await browser.post(f"{path}/{act}")
        assert answer.headers["location"] == f"{path}#follow"
        session.expunge_all()
        assert await follows(session, resident, round_.id) is result


async def test_a_draft_round_cannot_be_followed(visit, session, round_, resident):
    for window in round_.windows:
        window.opens, window.closes = window.opens + 100 * DAY, window.closes + 100 * DAY
    await session.commit()
    assert (await (await visit(resident)).post(f"/rounds/{round_.id}/follow")).status_code == 404


async def told(session) -> list[str]:
    return list(await session.scalars(select(Notice.kind).order_by(Notice.at, Notice.kind)))


async def test_followers_are_told_once_that_voting_opens_and_that_it_ends(session, round_, officer, resident):
    await confirm(session, round_, officer)
    await follow(session, resident.id, round_.id, NOW)
    voting = round_.window(Phase.VOTING)
    looks = [voting.opens - DAY / 24, voting.opens, voting.opens + DAY / 24, voting.opens + 2 * DAY]
    seen = []
    for now in [*looks, voting.closes - DAY, voting.closes - DAY / 2, voting.closes, voting.closes + DAY]:
        await remind(session, now)
        seen.append(await told(session))
    opens, ends = NoticeKind.VOTING_OPENS, NoticeKind.VOTING_ENDS_SOON
    assert seen == [[], [opens], [opens], [opens], *[[opens, ends]] * 4]


async def test_a_round_that_nobody_confirmed_reminds_nobody(session, round_, resident):
    await follow(session, resident.id, round_.id, NOW)
    await remind(session, round_.window(Phase.VOTING).opens)
    assert await told(session) == []


async def test_followers_are_told_the_new_end_after_it_was_moved(session, round_, officer, resident):
    await confirm(session, round_, officer)
    await follow(session, resident.id, round_.id, NOW)
    first = round_.window(Phase.VOTING).closes
    await remind(session, first - DAY / 2)
    await extend_voting(session, officer, round_.id, ExtendForm(closes=first + DAY / 2, reason="Sähkökatko"), NOW)
    await remind(session, first)
    ends = [(first + more).isoformat() for more in (0 * DAY, DAY / 2)]
    assert list(await session.scalars(select(Notice.detail).order_by(Notice.at))) == ends


async def test_two_processes_remind_once(committed):
    async with committed() as session, session.begin():
        service = await make_service(session)
        officer = await make_person(session, "Olli", Role.OFFICER, service)
        follower = await make_person(session, "Raija")
        round_ = await make_round(session, service, Phase.ESTIMATES)
        round_.allocations.append(await make_allocation(session, round_, 1, None, BallotType.APPROVAL))
        await make_projects(session, round_.allocations[0], 100)
        await session.flush()
        await confirm_ballot(session, officer, round_.id, NOW)
        await follow(session, follower.id, round_.id, NOW)
        opens = round_.window(Phase.VOTING).opens

    async def look() -> None:
        async with committed() as session, session.begin():
            await remind(session, opens)

    await asyncio.gather(*(look() for _process in range(6)))
    async with committed() as session:
        assert await session.scalar(select(func.count()).select_from(Notice)) == 1
