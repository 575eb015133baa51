"""Followers are told of each turn, in a constant number of statements; the page takes as many reads."""

from sqlalchemy import select

from pb.confirmation.service import confirm_ballot
from pb.estimates.forms import EstimateForm
from pb.estimates.service import estimate_idea
from pb.ideas.models import IdeaState
from pb.notices.models import Notice, NoticeKind
from pb.notices.service import follow
from pb.permissions import Phase
from tests.cast import NOW, make_allocation, make_idea, make_person, make_round


async def test_estimates_and_the_ballot_are_told_to_each_ideas_followers(session, culture, resident, officer):
    round_ = await make_round(session, culture, Phase.ESTIMATES)
    round_.allocations.append(await make_allocation(session, round_, 1))
    fan = await make_person(session, "Onni")
    ideas = [await make_idea(session, round_, resident, f"Idea {n}") for n in range(3)]
    for idea in ideas[:2]:
        await follow(session, fan.id, idea.id, NOW)
        await follow(session, officer.id, idea.id, NOW)  # whose acts they are
    await session.commit()
    yes = {"feasible": "yes", "reason": "Lava.", "cost": 100, "allocation_id": round_.allocations[0].id}
    for idea in ideas:
        await estimate_idea(session, officer, idea.id, EstimateForm(**yes), NOW)
    await confirm_ballot(session, officer, round_.id, NOW)
    told = list(await session.scalars(select(Notice)))
    assert {n.person_id for n in told} == {fan.id}
    expected = [(kind, i.title, f"/ideas/{i.id}") for kind in ("idea estimated", "on the ballot") for i in ideas[:2]]
    assert sorted((n.kind, n.subject, n.path) for n in told) == sorted((NoticeKind(k), s, p) for k, s, p in expected)


async def test_an_ideas_page_takes_as_many_reads_however_much_was_merged_into_it(
    session, culture, resident, visitor, counted
):
    round_ = await make_round(session, culture, Phase.IDEAS)
    idea = await make_idea(session, round_, resident)
    reads = []
    for merged in (1, 5):
        for n in range(merged):
            await make_idea(session, round_, resident, f"Idea {n}", IdeaState.MERGED, merged_into=idea)
        await session.commit()
        with counted() as statements:
            assert (await visitor.get(f"/ideas/{idea.id}")).status_code == 200
        reads.append(len(statements))
    assert reads[0] == reads[1] > 0


async def test_what_happens_to_a_hidden_idea_is_told_without_its_title(session, culture, resident, officer):
    idea = await make_idea(session, await make_round(session, culture, Phase.ESTIMATES), resident)
    idea.hidden_reason = "Loukkaa."
    await follow(session, resident.id, idea.id, NOW)
    await session.commit()
    await estimate_idea(session, officer, idea.id, EstimateForm(feasible="no", reason="Ei tilaa."), NOW)
    (told,) = await session.scalars(select(Notice))
    assert (told.subject, told.detail) == ("", "Ei tilaa.")
