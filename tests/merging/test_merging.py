"""Two ideas become one: nobody is counted twice or forgotten, and it can be undone."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from pb.audit import Deed, Event
from pb.confirmation.service import confirm_ballot
from pb.errors import FieldErrors, NotAllowed, Refusal, WrongPhase
from pb.estimates.models import Project
from pb.ideas.models import Idea, IdeaState
from pb.merging.forms import MergeForm
from pb.merging.rules import with_all_under
from pb.merging.service import merge_idea, unmerge_idea
from pb.notices.models import Follow, Notice, NoticeKind
from pb.notices.service import follow
from pb.permissions import Phase, Role
from pb.supports.models import Support
from pb.supports.queries import count_supports
from tests.cast import DAY, NOW, make_allocation, make_idea, make_person, make_round
from tests.visitor import words


@pytest.fixture
async def round_(session, culture):
    return await make_round(session, culture, Phase.IDEAS)


@pytest.fixture
async def ideas(session, round_, resident):
    """Three published ideas of one round."""
    made = [await make_idea(session, round_, resident, title) for title in ("Soitinlainaamo", "Soittimet", "Soitto")]
    await session.commit()
    session.expunge(resident)  # as in the app, where whoever acts comes from the sign-in
    return made


def into(idea) -> MergeForm:
    return MergeForm(into=idea.id, reason="Sama asia.")


async def support(session, person, idea, at=NOW) -> None:
    session.add(Support(idea_id=idea.id, person_id=person.id, at=at))
    await session.flush()
    await follow(session, person.id, idea.id, at)


async def supports(session, *ideas) -> list[int]:
    counts = await count_supports(session, [idea.id for idea in ideas])
    return [counts[idea.id] for idea in ideas]


async def test_supporters_and_followers_go_along_and_are_counted_once(session, ideas, officer):
    a, b, _c = ideas
    onni, lumi, veli = [await make_person(session, name) for name in ("Onni", "Lumi", "Veli")]
    for person, idea in ((onni, a), (lumi, a), (lumi, b), (veli, b)):
        await support(session, person, idea)
    await merge_idea(session, officer, a.id, into(b), NOW)
    assert await supports(session, a, b) == [2, 3]
    followers = await session.scalars(select(Follow.person_id).where(Follow.thing_id == b.id))
    assert set(followers) == {onni.id, lumi.id, veli.id}
    told = list(await session.scalars(select(Notice)))
    assert sorted(str(n.person_id) for n in told) == sorted(str(p.id) for p in (onni, lumi, veli))
    assert {(n.kind, n.path, n.detail) for n in told} == {(NoticeKind.IDEA_MERGED, f"/ideas/{a.id}", "Sama asia.")}


async def test_what_was_merged_before_moves_along_and_there_are_no_chains(session, ideas, officer):
    a, b, c = ideas
    await merge_idea(session, officer, a.id, into(b), NOW)
    with pytest.raises(FieldErrors):
        await merge_idea(session, officer, c.id, into(a), NOW)
    await merge_idea(session, officer, b.id, into(c), NOW)
    assert [idea.merged_into_id for idea in (a, b, c)] == [c.id, c.id, None]


async def test_undoing_parts_what_came_along_and_gives_supports_back(session, ideas, officer):
    a, b, c = ideas
    onni, lumi, veli = [await make_person(session, name) for name in ("Onni", "Lumi", "Veli")]
    for person, idea, hours in ((onni, a, 1), (lumi, b, 2), (lumi, c, 3), (veli, c, 4)):
        await support(session, person, idea, NOW - hours * DAY / 24)
    await merge_idea(session, officer, a.id, into(b), NOW)
    await merge_idea(session, officer, b.id, into(c), NOW + DAY)
    assert await supports(session, a, b, c) == [1, 2, 3]
    await unmerge_idea(session, officer, b.id, NOW + 2 * DAY)
    assert [(i.state, i.merged_into_id) for i in (a, b)] == [(IdeaState.MERGED, b.id), (IdeaState.PUBLISHED, None)]
    assert await supports(session, a, b, c) == [1, 2, 2]
    await unmerge_idea(session, officer, a.id, NOW + 2 * DAY)
    assert await supports(session, a, b, c) == [1, 1, 2]
    deeds = await session.scalars(select(Event.deed).order_by(Event.deed))
    assert list(deeds) == [Deed.IDEAS_MERGED] * 2 + [Deed.MERGE_UNDONE] * 2


async def test_parting_the_inner_one_leaves_the_outer_one_where_it_is(session, ideas, officer):
    a, b, c = ideas
    onni = await make_person(session, "Onni")
    await support(session, onni, a)
    await merge_idea(session, officer, a.id, into(b), NOW)
    await merge_idea(session, officer, b.id, into(c), NOW)
    await unmerge_idea(session, officer, a.id, NOW)
    assert (a.state, b.merged_into_id) == (IdeaState.PUBLISHED, c.id)
    assert await supports(session, a, b, c) == [1, 0, 0]
    await merge_idea(session, officer, a.id, into(c), NOW)  # and again
    assert await supports(session, c) == [1]


async def test_whoever_supports_a_sibling_that_stays_goes_on_supporting(session, ideas, officer):
    a, b, c = ideas
    onni = await make_person(session, "Onni")
    for idea, at in ((a, NOW), (b, NOW + DAY)):
        await support(session, onni, idea, at)
    for idea in (a, b):
        await merge_idea(session, officer, idea.id, into(c), NOW)
    await unmerge_idea(session, officer, a.id, NOW)
    assert await supports(session, c) == [1]
    await unmerge_idea(session, officer, b.id, NOW)
    assert await supports(session, c) == [0]


async def test_pages_credit_the_people_and_say_why(session, ideas, officer, visit):
    a, b, _c = ideas
    browser = await visit(officer)
    page = words(await browser.get(f"/ideas/{a.id}/merge?words=Soittimet"))
    assert "Which idea takes this one in?" in page
    answer = await browser.post(f"/ideas/{a.id}/merge", {"into": str(b.id), "reason": "Sama asia."})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ideas/{b.id}")
    visitor = await visit(None)
    assert "Also from: Soitinlainaamo , by a resident of the city" in words(await visitor.get(f"/ideas/{b.id}"))
    page = words(await visitor.get(f"/ideas/{a.id}"))
    assert "This idea was merged into another one Soittimet . Sama asia." in page
    for idea, sentence in ((a, "Merged into: Soittimet Sama asia."), (b, "Taken in: Soitinlainaamo Sama asia.")):
        assert sentence in words(await visitor.get(f"/ideas/{idea.id}/history"))
    await browser.post(f"/ideas/{a.id}/unmerge")
    assert "Undone on" in words(await visitor.get(f"/ideas/{a.id}/history"))
    assert "Also from" not in words(await visitor.get(f"/ideas/{b.id}"))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"reason": "Sama asia."}, "Choose the idea that takes this one in."),
        (
            {"into": "00000000-0000-0000-0000-000000000000", "reason": "Sama."},
            "Choose the idea that takes this one in.",
        ),
        ({"into": "{other}", "reason": " "}, "Fill in this field."),
        ({"into": "{self}", "reason": "Sama asia."}, "Choose another published idea of this round"),
        ({"into": "{elsewhere}", "reason": "Sama asia."}, "Choose another published idea of this round"),
        ({"into": "{refused}", "reason": "Sama asia."}, "Choose another published idea of this round"),
    ],
)
async def test_a_wrong_merge_is_explained_and_nothing_is_lost(
    session, culture, round_, ideas, resident, officer, visit, form, sentence
):
    elsewhere = await make_idea(session, await make_round(session, culture, Phase.IDEAS), resident)
    refused = await make_idea(session, round_, resident, state=IdeaState.REFUSED)
    ids = {"self": ideas[0].id, "other": ideas[1].id, "elsewhere": elsewhere.id, "refused": refused.id}
    filled = {name: value.format_map(ids) for name, value in form.items()}
    answer = await (await visit(officer)).post(f"/ideas/{ideas[0].id}/merge", filled)
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert filled["reason"].strip() in answer.text
    assert (await session.get(Idea, ideas[0].id)).state is IdeaState.PUBLISHED


async def test_an_idea_with_a_project_or_after_confirmation_stays_alone(session, round_, ideas, officer):
    a, b, c = ideas
    allocation = await make_allocation(session, round_, 1)
    round_.allocations.append(allocation)
    project = {"title": "Soittimet", "summary": "", "cost_cents": 100}
    session.add(Project(round_id=round_.id, allocation_id=allocation.id, idea_id=a.id, **project))
    await session.commit()
    with pytest.raises(Refusal):
        await merge_idea(session, officer, a.id, into(b), NOW)
    await merge_idea(session, officer, b.id, into(a), NOW)  # it may take others in
    await confirm_ballot(session, officer, round_.id, NOW)
    await session.flush()
    with pytest.raises(Refusal):
        await merge_idea(session, officer, c.id, into(a), NOW)
    with pytest.raises(Refusal):
        await unmerge_idea(session, officer, b.id, NOW)


async def test_only_staff_of_the_service_merge_and_only_before_voting(session, culture, ideas, resident, officer):
    a, b, _c = ideas
    for person in (resident, await make_person(session, "Esa", Role.ESTIMATOR, culture)):
        with pytest.raises(NotAllowed):
            await merge_idea(session, person, a.id, into(b), NOW)
        with pytest.raises(NotAllowed):
            await unmerge_idea(session, person, a.id, NOW)
    late = await make_round(session, culture, Phase.VOTING)
    pair = [await make_idea(session, late, resident), await make_idea(session, late, resident)]
    with pytest.raises(WrongPhase):
        await merge_idea(session, officer, pair[0].id, into(pair[1]), NOW)
    with pytest.raises(Refusal):
        await unmerge_idea(session, officer, a.id, NOW)


def test_all_that_lies_under_an_idea_is_found_to_any_depth():
    zero, one, two, three, four, five = (uuid4() for _ in range(6))
    pairs = [(one, zero), (two, one), (three, one), (four, five)]
    assert with_all_under(zero, pairs) == {zero, one, two, three}
    assert with_all_under(one, pairs) == {one, two, three}
    assert with_all_under(two, pairs) == {two}


async def test_a_hidden_idea_is_neither_merged_nor_named_by_those_in_it(session, ideas, officer, visit):
    a, b, c = ideas
    await merge_idea(session, officer, a.id, into(b), NOW)
    b.hidden_reason = "Mainos."
    await session.commit()
    with pytest.raises(FieldErrors):
        await merge_idea(session, officer, c.id, into(b), NOW)
    with pytest.raises(Refusal):
        await merge_idea(session, officer, b.id, into(c), NOW)
    page = await (await visit(None)).get(f"/ideas/{a.id}")
    assert "This idea was merged into another one An idea hidden by staff ." in words(page)
    assert "Soittimet" not in page.text
    assert "Merge the idea" not in words(await (await visit(officer)).get(f"/ideas/{b.id}"))


async def test_whoever_follows_a_parted_idea_is_told_just_that(session, ideas, officer):
    a, b, _c = ideas
    await follow(session, (await make_person(session, "Onni")).id, a.id, NOW)
    await merge_idea(session, officer, a.id, into(b), NOW)
    await unmerge_idea(session, officer, a.id, NOW + DAY)
    told = list(await session.scalars(select(Notice).order_by(Notice.at)))
    assert [n.kind for n in told] == [NoticeKind.IDEA_MERGED, NoticeKind.IDEA_PARTED]
    assert told[1].path == f"/ideas/{a.id}"
