"""Closing the box, counting, publishing: when, by whom, and once."""

import json
from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box
from ballots.codes import new_ballot_code
from pb import keys
from pb.audit import Deed, list_events
from pb.confirmation.service import withdraw_project
from pb.errors import NotAllowed, NotSignedIn, Refusal, WrongPhase
from pb.language import in_language
from pb.opening import service as opening
from pb.opening.queries import count_void
from pb.permissions import Phase, Role
from pb.results import service
from pb.results.queries import list_counts, list_results
from pb.rounds.models import Round
from tests.cast import DAY, NOW, make_person, make_round, make_service
from tests.results.voted import (
    Voted,
    close_and_count,
    make_counted,
    make_voting,
    put_in_by_hand,
    stay_home,
    vote,
    wait_for_the_close,
)

ACTS = [
    opening.close_voting,
    opening.ask_opening,
    opening.open_ballots,
    opening.export_envelopes,
    service.count_ballots,
    service.publish_results,
]
RIGHTS = [*ACTS, service.make_reports_again]


@pytest.mark.parametrize("act", RIGHTS)
@pytest.mark.parametrize("role", [None, *Role])
async def test_only_the_services_officer_closes_counts_and_publishes(session: AsyncSession, act, role) -> None:
    own, other = await make_service(session), await make_service(session, "Liikuntapalvelut")
    round_ = await make_round(session, own, Phase.RESULTS)
    here = await make_person(session, "Oma", role, own)
    elsewhere = await make_person(session, "Muu", role, other)
    # The round has no ballot, so whoever is let in hears of that, and nobody gets further.
    for person, let_in in [(here, role is Role.OFFICER), (elsewhere, False)]:
        with pytest.raises(Refusal) as refused:
            await act(session, person, round_.id, NOW)
        assert isinstance(refused.value, NotAllowed) is not let_in


@pytest.mark.parametrize("act", RIGHTS)
async def test_nobody_acts_without_signing_in(session: AsyncSession, act) -> None:
    round_ = await make_round(session, await make_service(session), Phase.RESULTS)
    with pytest.raises(NotSignedIn):
        await act(session, None, round_.id, NOW)


@pytest.mark.parametrize("act", ACTS)
async def test_before_the_close_the_officer_hears_when_it_is(session: AsyncSession, act) -> None:
    voted = await make_voting(session, 3600)
    with pytest.raises(WrongPhase, match=str(voted.closes.year)):
        await act(session, voted.officer, voted.round.id, datetime.now(UTC))


async def test_the_box_itself_refuses_to_close_early_whatever_time_the_page_says(session: AsyncSession) -> None:
    voted = await make_voting(session, 3600)
    with pytest.raises(WrongPhase, match=str(voted.closes.year)):
        await opening.close_voting(session, voted.officer, voted.round.id, voted.closes + DAY / 24)


async def test_acts_come_in_order_and_each_once(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.5)
    await vote(session, voted, [1], [4])
    now = await wait_for_the_close(voted)
    act = (session, voted.officer, voted.round.id, now)
    assert await refusal(service.publish_results(*act)) == "Count the votes first."
    assert await refusal(service.make_reports_again(*act)) == "Publish the result first. The reports are made then."
    other = (session, voted.second, *act[2:])
    assert await refusal(service.count_ballots(*act)) == "The ballot box has not been opened yet. Open it, then count."
    assert await refusal(opening.ask_opening(*act)) == "Close the ballot box first."
    assert await opening.close_voting(*act) == await opening.close_voting(*act)
    assert "One officer asks for the opening first" in await refusal(opening.open_ballots(*other))
    await opening.ask_opening(*act)
    assert "Olga has asked for the opening already" in await refusal(opening.ask_opening(*other))
    assert "Another officer" in await refusal(opening.open_ballots(*act))
    assert await refusal(service.count_ballots(*act)) == "The ballot box has not been opened yet. Open it, then count."
    await opening.open_ballots(*other)
    assert await refusal(opening.open_ballots(*other)) == "The box has been opened already."
    await service.count_ballots(*act)
    assert await refusal(service.count_ballots(*act)) == "The votes have been counted already."
    await service.publish_results(*act)
    assert await refusal(service.publish_results(*act)) == "The result has been published already."
    await service.make_reports_again(*act)
    deeds = [(event.deed, event.role) for event in await list_events(session)]
    assert deeds.count((Deed.BOX_CLOSED, "officer")) == 1
    assert deeds.count((Deed.OPENING_ASKED, "officer")) == 1
    assert deeds.count((Deed.BOX_OPENED, "officer")) == 1
    assert deeds.count((Deed.VOTES_COUNTED, "officer")) == 1
    assert deeds.count((Deed.RESULT_PUBLISHED, "officer")) == 1
    assert deeds.count((Deed.REPORTS_REMADE, "officer")) == 1


async def test_the_count_is_of_the_ballots_that_were_cast(session: AsyncSession) -> None:
    voted = await make_counted(session)
    purse, ranked = await list_counts(session, voted.round.id)
    assert (purse.eligible, purse.voters, purse.blank) == (10, 5, 1)
    assert (ranked.eligible, ranked.voters, ranked.blank) == (11, 6, 0)
    assert purse.outcome["winners"] == ["1", "3"]
    assert ranked.outcome["winners"] == ["4"]
    assert ranked.outcome["second_count"] == "agrees"


async def test_nothing_is_published_by_counting(session: AsyncSession) -> None:
    voted = await make_counted(session)
    round_ = await session.scalar(select(Round).where(Round.id == voted.round.id))
    assert round_ is not None
    assert round_.published_at is None


async def test_a_withdrawn_project_is_skipped_and_its_voter_still_voted(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.5)
    await vote(session, voted, [1], [4])
    await vote(session, voted, [1, 3], [4])
    await withdraw_project(
        session, voted.officer, voted.round.id, voted.projects[0].id, "Talo paloi.", datetime.now(UTC)
    )
    await counted(session, voted)
    purse = (await list_counts(session, voted.round.id))[0]
    assert (purse.voters, purse.blank) == (2, 0)
    assert purse.outcome["winners"] == ["3", "2"]
    assert [fate.reason for fate in (await list_results(session, voted.round))[0].fates] == ["", "", "Talo paloi."]


async def test_a_ranked_tie_is_not_compared(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.5)
    await vote(session, voted, [], [4])
    await vote(session, voted, [], [5])
    await counted(session, voted)
    ranked = (await list_counts(session, voted.round.id))[1].outcome
    assert (ranked["winners"], ranked["second_count"]) == (["4"], "not compared")
    assert ranked["ties"][-1]["decided"]


async def test_a_round_nobody_voted_in_is_counted_too(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.2)
    await stay_home(session, voted)
    await counted(session, voted)
    assert [count.voters for count in await list_counts(session, voted.round.id)] == [0, 0]


async def test_a_missing_key_is_named_and_can_be_restored(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.4)
    await vote(session, voted, [1], [4])
    path = keys.key_path("opening", voted.round.id)
    key = path.read_bytes()
    path.unlink()
    assert "missing from the secrets directory" in await refusal(counted(session, voted))
    path.write_bytes(key)
    await opening.open_ballots(session, voted.second, voted.round.id, datetime.now(UTC))
    await service.count_ballots(session, voted.officer, voted.round.id, datetime.now(UTC))
    assert len(await list_counts(session, voted.round.id)) == 2


async def test_a_strange_key_counts_nothing(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.4)
    await vote(session, voted, [1], [4])
    keys.key_path("opening", voted.round.id).write_bytes(bytes(range(32)))
    said = await refusal(counted(session, voted))
    right = (await box.get_box(session, voted.round.id)).fingerprint[:12]
    assert said.startswith(f"The key {voted.round.id}/opening.key in the secrets directory is not this round's")
    assert f"begins with {right}" in said
    assert await list_counts(session, voted.round.id) == []
    assert await box.list_opened(session, voted.round.id, allocation=1) == []
    assert await count_void(session, voted.round.id) == {}


async def test_bad_envelopes_of_somebody_with_the_public_key_do_not_stop_the_count(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.6)
    await vote(session, voted, [1], [4])
    every_paper = {
        "choices": {"1": [1, 2, 3], "2": [4]},
        "code": new_ballot_code(),
        "round": str(voted.round.id),
        "v": 1,
    }
    over_the_money = json.dumps(every_paper, sort_keys=True, separators=(",", ":")).encode()
    for content in (None, b"", b"garbage", over_the_money):
        await put_in_by_hand(session, voted, content)
    await counted(session, voted)
    assert [count.voters for count in await list_counts(session, voted.round.id)] == [1, 1]
    assert await count_void(session, voted.round.id) == {"unreadable": 3, "not allowed": 1}
    with in_language("en"):
        report = " ".join((await service.report_html(session, voted.round))[0].split())
    for said in (
        "4 envelopes could not be counted",
        "Two officers together opened the box on",
        "1 holds a ballot that",
    ):
        assert said in report
    told = {event.deed: event.detail for event in await list_events(session)}
    assert (told[Deed.VOTES_COUNTED], told[Deed.ENVELOPES_VOID]) == ("1", "4")


async def test_a_count_without_bad_envelopes_says_nothing_of_them(session: AsyncSession) -> None:
    await make_counted(session)
    assert Deed.ENVELOPES_VOID not in {event.deed for event in await list_events(session)}


async def test_an_envelope_past_the_log_is_named_and_nothing_is_counted(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.5)
    await vote(session, voted, [1], [4])
    name = await put_in_by_hand(session, voted, None, waiting=False)
    said = await refusal(counted(session, voted))
    assert said == f"The envelope {name[:12]} is in the box but not in the log. Nothing was opened. Tell the auditor."
    assert await list_counts(session, voted.round.id) == []
    assert await box.list_opened(session, voted.round.id, allocation=1) == []


async def test_more_ballots_than_voters_on_the_roll_are_not_counted(session: AsyncSession) -> None:
    voted = await make_voting(session, 0.4)
    await vote(session, voted, [1], [4], on_roll=False)
    assert "more ballots than voters on the roll" in await refusal(counted(session, voted))


async def refusal(act: Awaitable[object]) -> str:
    """The sentence, in English, with which the act is refused."""
    with in_language("en"), pytest.raises(Refusal) as refused:
        await act
    return refused.value.message


async def counted(session: AsyncSession, voted: Voted) -> None:
    await close_and_count(session, voted)
