"""Find my ballot: who has the code sees what was counted under it."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from ballots.codes import CHECK_DIGITS, new_ballot_code, show_code
from ballots.types import BallotType
from pb.language import in_language
from pb.results.queries import find_ballot, list_results
from pb.results.rules import count_allocation, paid_from_share
from pb.results.service import publish_results
from pb.roll.forms import RollForm
from pb.roll.service import add_voters
from pb.rounds.models import CountRule
from tests.cast import NOW
from tests.results.made import allocation
from tests.results.voted import (
    Voted,
    cast_six_ballots,
    close_and_count,
    make_voting,
    put_in_by_hand,
    vote,
)
from tests.visitor import Visitor, words

TITLES = {1: "Hanke 1-1", 2: "Hanke 1-2", 3: "Hanke 1-3", 4: "Hanke 2-1", 5: "Hanke 2-2", 6: "Hanke 2-3"}
PURSES = [[1, 3], [1, 3], [1], [1], [1], [2], [2, 3], [3], [3], [3], [], [1]]
RANKINGS = [[4], [6, 4], [5, 4, 6], [4, 5], [4], [5], [], [6, 5, 4], [4, 6], [5], [4], [6]]


async def finish(session, voted: Voted) -> None:
    await close_and_count(session, voted)
    await publish_results(session, voted.officer, voted.round.id, datetime.now(UTC))
    await session.commit()


async def make_found(session, rule: CountRule = CountRule.EQUAL_SHARES_ADD1) -> tuple[Voted, list[str]]:
    """Twelve voters of Lammi, counted and published, with their ballot codes."""
    voted = await make_voting(session, 1.5, rule)
    codes = [await vote(session, voted, purse, ranking) for purse, ranking in zip(PURSES, RANKINGS, strict=True)]
    await finish(session, voted)
    return voted, codes


async def ask(visitor: Visitor, voted: Voted, code: str):
    return await visitor.post(f"/rounds/{voted.round.id}/results/ballot", {"code": code})


def shown(page: str) -> list[list[str]]:
    """The titles on each paper of the page, in their order."""
    papers = page.split('<section class="panel')[1:]
    return [re.findall(r"<li><span[^>]*>(.*?)</span>", paper) for paper in papers]


async def test_every_voter_finds_exactly_their_choices(session, visitor) -> None:
    voted, codes = await make_found(session)
    for code, purse, ranking in zip(codes, PURSES, RANKINGS, strict=True):
        answer = await ask(visitor, voted, f" {show_code(code).lower()} ")
        assert answer.status_code == 200
        assert shown(answer.text) == [[TITLES[n] for n in purse], [TITLES[n] for n in ranking]]
        assert words(answer).count("Left blank.") == (not purse) + (not ranking)


async def test_a_voter_finds_under_the_code_of_the_confirm_page_what_they_cast(session, visitor) -> None:
    voted = await make_voting(session, 3, CountRule.EQUAL_SHARES_ADD1)
    (voting_code,) = await add_voters(
        session, voted.officer, voted.round.id, RollForm(area_id=voted.lammi, number=1), NOW
    )
    await session.commit()
    booth = f"/rounds/{voted.round.id}/vote"
    await visitor.post(booth, {"code": voting_code})
    codes = []
    for choices in ({"a1": ["2"], "a2p5": "1"}, {"a1": ["1", "3"], "a2p6": "1", "a2p4": "2"}):
        page = await visitor.post(f"{booth}/review", choices)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket
        await visitor.post(f"{booth}/cast", choices | {"ticket": ticket[1]})
        code = re.search(r'<code class="code">([^<]+)</code>', page.text)
        assert code
        assert code[1] in words(await visitor.get(f"{booth}/receipt"))
        codes.append(code[1])
    for purse, ranking in zip(PURSES[:9], RANKINGS[:9], strict=True):
        await vote(session, voted, purse, ranking)
    await finish(session, voted)
    first, last = [await ask(visitor, voted, code) for code in codes]
    assert "No counted ballot has this code" in words(first)
    assert shown(last.text) == [["Hanke 1-1", "Hanke 1-3"], ["Hanke 2-3", "Hanke 2-1"]]


async def test_it_says_which_were_chosen_and_what_the_ballot_paid(session, visitor) -> None:
    voted, codes = await make_found(session)
    page = words(await ask(visitor, voted, codes[6]))
    assert "Hanke 1-2 Not chosen Hanke 1-3 Chosen this ballot paid €500 " in page
    page = words(await ask(visitor, voted, codes[0]))
    assert "Hanke 1-1 Chosen this ballot paid €1,000 Hanke 1-3 Chosen this ballot paid €500 " in page
    assert "Koko kaupunki 2 The favourite first. Hanke 2-1 Chosen " in page
    assert page.count("this ballot paid") == 2


async def test_where_voters_have_no_money_of_their_own_nobody_is_said_to_have_paid(session, visitor) -> None:
    voted, codes = await make_found(session, CountRule.GREEDY)
    page = words(await ask(visitor, voted, codes[0]))
    assert "Hanke 1-1 Chosen Hanke 1-3 Chosen " in page
    assert "paid" not in page


async def test_the_code_is_in_no_address_and_the_answer_is_not_kept(session, visitor) -> None:
    voted, codes = await make_found(session)
    own = f"/rounds/{voted.round.id}/results"
    form = await visitor.get(f"{own}/ballot")
    assert f'<form class="form" method="post" action="{own}/ballot"' in form.text
    assert f'href="{own}/ballot"' in (await visitor.get(own)).text
    answer = await ask(visitor, voted, codes[0])
    assert answer.headers["cache-control"] == "no-store"
    assert codes[0] not in str(answer.url)
    asked_by_address = await visitor.get(f"{own}/ballot?code={codes[0]}")
    assert "Counted under this code" not in words(asked_by_address)


async def test_an_unknown_code_and_a_mistyped_one_are_told_apart(session, visitor) -> None:
    voted, codes = await make_found(session)
    unknown = await ask(visitor, voted, new_ballot_code())
    assert (unknown.status_code, "No counted ballot has this code" in words(unknown)) == (200, True)
    other = CHECK_DIGITS[(CHECK_DIGITS.index(codes[0][-1]) + 1) % 37]
    for typed in ("", "abc", codes[0][:-1], codes[0] + "0", codes[0][:-1] + other, "\x00" + codes[0], "ü" * 13):
        wrong = await ask(visitor, voted, typed)
        assert wrong.status_code == 422
        assert "Check the typing." in words(wrong)
        assert 'aria-invalid="true"' in wrong.text


async def test_two_ballots_of_one_code_are_both_shown_and_it_says_so(session, visitor) -> None:
    voted = await make_voting(session, 2)
    for purse, ranking in zip(PURSES, RANKINGS, strict=True):
        await vote(session, voted, purse, ranking)
    code = new_ballot_code()
    for choices in ('{"1":[1],"2":[4]}', '{"1":[2],"2":[]}'):
        same = f'{{"choices":{choices},"code":"{code}","round":"{voted.round.id}","v":1}}'
        await put_in_by_hand(session, voted, same.encode())
        await vote(session, voted, [], [], on_roll=True)
    await session.execute(text("INSERT INTO voter (round_id, person_ref, area_id) SELECT round_id, gen_random_uuid(), "
                               "area_id FROM voter WHERE area_id IS NOT NULL"))  # fmt: skip
    await finish(session, voted)
    answer = await ask(visitor, voted, code)
    assert "Two ballots have this code Both were counted, and both are shown." in words(answer)
    assert shown(answer.text) == [["Hanke 1-1", "Hanke 1-2"], ["Hanke 2-1"]]


FEW = "Lists of fewer than 10 ballots are not published, because they could reveal what everybody chose."
COVER = "These ballots are not published, so that no group of fewer than 10 voters shows in the city's lists."


@pytest.mark.parametrize(("of_lammi", "sentence"), [(9, FEW), (10, COVER)])
async def test_no_code_tells_whose_ballots_are_withheld(session, visitor, of_lammi, sentence) -> None:
    """The codes of the whole city's list are public: asked with any of them, the page says the same of Lammi."""
    voted = await make_voting(session, 2)
    codes = [await vote(session, voted, [1, 3], [4]) for _voter in range(of_lammi)]
    codes.append(await vote(session, voted, None, [5, 6]))
    await finish(session, voted)
    pages = [await ask(visitor, voted, code) for code in (codes[0], codes[-1])]
    assert [shown(page.text) for page in pages] == [[["Hanke 2-1"]], [["Hanke 2-2", "Hanke 2-3"]]]
    one, other = (words(page).partition("Shown under no code")[2] for page in pages)
    assert one == other
    assert sentence in one
    for page in ("results", "results/1"):
        assert sentence in words(await visitor.get(f"/rounds/{voted.round.id}/{page}"))
    assert sentence not in words(await visitor.get(f"/rounds/{voted.round.id}/results/2"))


async def test_where_everything_is_withheld_a_voter_learns_that_the_ballot_was_counted(session, visitor) -> None:
    voted = await make_voting(session)
    code = await vote(session, voted, [1, 3], [4])
    await finish(session, voted)
    page = await ask(visitor, voted, code)
    assert "A ballot with this code was counted. Its choices are not shown." in words(page)
    assert words(page).count(FEW) == 2
    assert "Hanke" not in words(page)
    assert "No counted ballot has this code" in words(await ask(visitor, voted, new_ballot_code()))


async def test_before_it_is_published_nobody_finds_a_ballot(session, visitor, visit) -> None:
    voted = await make_voting(session)
    await cast_six_ballots(session, voted)
    code = await vote(session, voted, [1], [4])
    await session.commit()
    officer = await visit(voted.officer)
    for _when in ("voting", "counted"):
        for browser in (visitor, officer):
            assert (await ask(browser, voted, code)).status_code == 404
            assert (await browser.get(f"/rounds/{voted.round.id}/results/ballot")).status_code == 404
        if _when == "voting":
            await close_and_count(session, voted)
            await session.commit()


@pytest.mark.parametrize("language", ["fi", "sv"])
async def test_it_speaks_the_other_languages(session, visit, language) -> None:
    voted, codes = await make_found(session)
    browser = await visit(None, language)
    for code in (codes[0], new_ballot_code(), "?"):
        answer = await ask(browser, voted, code)
        assert f'<html lang="{language}">' in answer.text
        assert "allot" not in words(answer).replace("Kukkaro", "")


async def test_void_envelopes_are_told_on_the_count_and_on_the_result(session, visitor, visit) -> None:
    voted = await make_voting(session, 1.5)
    await cast_six_ballots(session, voted)
    over = f'{{"choices":{{"1":[1,2],"2":[]}},"code":"{new_ballot_code()}","round":"{voted.round.id}","v":1}}'
    for content in (None, b"", over.encode()):
        await put_in_by_hand(session, voted, content)
    await finish(session, voted)
    officer = await visit(voted.officer)
    own = f"/rounds/{voted.round.id}"
    for page in (words(await officer.get(f"{own}/count")), words(await visitor.get(f"{own}/results"))):
        assert "3 envelopes could not be counted 2 do not open with the round's key" in page
        assert "1 holds a ballot that this round's papers do not allow." in page


async def test_where_all_envelopes_were_counted_nothing_is_said_of_void_ones(session, visitor, visit) -> None:
    voted, _codes = await make_found(session)
    officer = await visit(voted.officer)
    own = f"/rounds/{voted.round.id}"
    for page in (words(await officer.get(f"{own}/count")), words(await visitor.get(f"{own}/results"))):
        assert "could not be counted" not in page


BALLOTS = [[1, 3], [1, 3], [1], [1, 4], [2], [2, 3], [3], [3, 4], [], [4]]


@pytest.mark.parametrize(
    "rule", ["equal-shares", "equal-shares/add1", "equal-shares/cardinality", "equal-shares/add1-greedy", "phragmen"]
)
def test_what_all_ballots_paid_is_what_the_bought_projects_cost(rule) -> None:
    paper = allocation(BallotType.APPROVAL, [31, 17, 29, 40], rule=rule)
    outcome = count_allocation(paper, BALLOTS).outcome
    paid = [paid_from_share(outcome, ballot) for ballot in BALLOTS]
    bought = {int(step.project): step.cost for step in outcome.steps if step.funded and step.why == "funded"}
    assert bought
    assert {number for ballot in paid for number in ballot} == set(bought)
    for number, cost in bought.items():
        parts = [ballot[number] for ballot in paid if number in ballot]
        assert abs(sum(parts) - cost) * 2 <= len(parts)
    assert all(set(own) <= set(ballot) for own, ballot in zip(paid, BALLOTS, strict=True))


@pytest.mark.parametrize("rule", ["greedy", "threshold", "per-euro", "knapsack"])
def test_other_rules_tell_of_no_payment(rule) -> None:
    paper = allocation(BallotType.APPROVAL, [31, 17, 29, 40], rule=rule, min_votes=1 if rule == "threshold" else 0)
    outcome = count_allocation(paper, BALLOTS).outcome
    assert outcome.winners
    assert [paid_from_share(outcome, ballot) for ballot in BALLOTS] == [{}] * len(BALLOTS)


async def test_finding_a_ballot_takes_a_fixed_number_of_queries(session, counted) -> None:
    voted, codes = await make_found(session)
    with in_language("en"), counted() as reads:
        await find_ballot(session, voted.round, codes[0])
        found = len(reads)
        await list_results(session, voted.round)
    assert (found, len(reads) - found) == (3, 2)
