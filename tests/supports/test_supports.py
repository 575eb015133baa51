"""Supporting an idea once, following it, and taking either back."""

import pytest
from sqlalchemy import func, select

from pb.errors import NotSignedIn, Refusal, WrongPhase
from pb.ideas.models import IdeaState
from pb.ideas.queries import get_idea
from pb.language import in_language
from pb.notices.models import Follow
from pb.permissions import Phase
from pb.supports.models import Support
from pb.supports.queries import count_supports, support_box
from pb.supports.service import follow_idea, move_supports, support_idea, take_back_support, unfollow_idea
from tests.cast import DAY, NOW, make_idea, make_person, make_round
from tests.visitor import words

TICK = DAY / 86_400


@pytest.fixture
async def idea(session, culture, resident):
    """A published idea of a round that takes ideas."""
    made = await make_idea(session, await make_round(session, culture, Phase.IDEAS), resident)
    await session.commit()
    return await get_idea(session, made.id)


def follows(session, person, idea):
    mine = (Follow.person_id == person.id, Follow.thing_id == idea.id)
    return session.scalar(select(func.count()).select_from(Follow).where(*mine))


async def test_a_person_supports_an_idea_once_and_follows_it(session, idea, visit):
    person = await make_person(session, "Onni")
    browser = await visit(person)
    for _press in range(2):
        answer = await browser.post(f"/ideas/{idea.id}/support")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{idea.id}#support")
    assert await count_supports(session, [idea.id]) == {idea.id: 1}
    assert await follows(session, person, idea) == 1


async def test_the_page_says_what_was_done_and_does_not_name_supporters(session, idea, visit):
    person = await make_person(session, "Onni")
    browser = await visit(person)
    assert "0 people support this Support this idea" in words(await browser.get(f"/ideas/{idea.id}"))
    await browser.post(f"/ideas/{idea.id}/support")
    page = words(await browser.get(f"/ideas/{idea.id}"))
    for sentence in ("One person supports this", "You support this idea.", "You follow this idea.", "not a vote"):
        assert sentence in page
    page = words(await (await visit(None)).get(f"/ideas/{idea.id}"))
    assert "One person supports this" in page
    assert "Onni" not in page


async def test_signed_out_the_way_goes_through_signing_in_and_back(idea, visitor):
    page = await visitor.get(f"/ideas/{idea.id}")
    assert "we mail you a link that brings you back to this idea" in words(page)
    assert f'href="/sign-in?then=/ideas/{idea.id}"' in page.text
    answer = await visitor.post(f"/ideas/{idea.id}/support")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?then=/ideas/{idea.id}")


async def test_a_support_is_taken_back_and_the_idea_still_followed(session, idea):
    person = await make_person(session, "Onni")
    await support_idea(session, person, idea.id, NOW)
    await take_back_support(session, person, idea.id, NOW)
    assert await count_supports(session, [idea.id]) == {idea.id: 0}
    assert await follows(session, person, idea) == 1
    await unfollow_idea(session, person, idea.id, NOW)
    assert await follows(session, person, idea) == 0


@pytest.mark.parametrize(
    ("phase", "now", "is_open"),
    [
        (Phase.IDEAS, NOW, True),
        (Phase.IDEAS, NOW + 15 * DAY - TICK, True),
        (Phase.IDEAS, NOW + 15 * DAY, False),  # between the phases
        (Phase.VOTING, NOW, False),
        (Phase.RESULTS, NOW, False),
    ],
)
async def test_support_is_open_while_the_round_takes_ideas_and_estimates(
    session, culture, resident, phase, now, is_open
):
    idea = await make_idea(session, await make_round(session, culture, phase), resident)
    if is_open:
        await support_idea(session, resident, idea.id, now)
    else:
        for act in (support_idea, take_back_support):
            with in_language("en"), pytest.raises(WrongPhase, match="while the round takes ideas and estimates"):
                await act(session, resident, idea.id, now)
    assert await count_supports(session, [idea.id]) == {idea.id: int(is_open)}
    box = await support_box(session, await get_idea(session, idea.id), None, now)
    assert (box.closed is None) == is_open


@pytest.mark.parametrize("state", [IdeaState.SUBMITTED, IdeaState.REFUSED])
async def test_only_a_published_idea_is_supported_and_followed(session, idea, resident, state):
    other = await make_idea(session, idea.round, resident, "Toinen", state)
    with pytest.raises(WrongPhase):
        await support_idea(session, resident, other.id, NOW)
    with pytest.raises(Refusal):
        await follow_idea(session, resident, other.id, NOW)


async def test_an_idea_is_followed_in_any_phase_without_supporting_it(session, idea):
    person = await make_person(session, "Onni")
    await follow_idea(session, person, idea.id, NOW + 20 * DAY)
    box = await support_box(session, idea, person, NOW + 20 * DAY)
    assert (box.follows, box.mine, box.count) == (True, False, 0)
    with pytest.raises(NotSignedIn):
        await follow_idea(session, None, idea.id, NOW)


async def test_a_merged_ideas_supporters_count_once_each_and_its_own_number_stays(session, idea, resident):
    other = await make_idea(session, idea.round, resident, "Toinen")
    both, one, fan = [await make_person(session, name) for name in ("Kaisa", "Kalle", "Fanni")]
    for person, thing in ((both, idea), (both, other), (one, other), (fan, idea)):
        await support_idea(session, person, thing.id, NOW)
    await move_supports(session, other.id, idea.id, NOW)
    await move_supports(session, other.id, idea.id, NOW)
    assert await count_supports(session, [idea.id, other.id]) == {idea.id: 3, other.id: 2}
    assert await follows(session, one, idea) == 1
    assert await session.scalar(select(func.count()).select_from(Support)) == 5
