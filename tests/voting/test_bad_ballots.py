"""Bad ballots, codes and moments: a clear sentence, nothing lost, nothing cast."""

import re

import pytest

from pb.permissions import Phase
from pb.roll.queries import find_voter
from pb.roll.service import code_hmac, replace_code
from pb.settings import get_settings
from pb.voting.service import make_ticket
from tests.cast import DAY, NOW, make_round
from tests.visitor import words
from tests.voting.town import CITY, LAMMI, RANKED, ballots_in, come_in, make_town, review, sign_in_voter, vote

BAD = {
    "over the money": (lambda t: t.ticks(LAMMI, 1, 2), "Lammi: the pocket is €1,000 over."),
    "an unknown project": (lambda t: {f"a{LAMMI}": "999"}, "Lammi: a project was sent that is not on this ballot."),
    "another paper's project": (
        lambda t: {f"a{LAMMI}": str(t.number(CITY, 1))},
        "Lammi: a project was sent that is not on this ballot.",
    ),
    "no number": (lambda t: {f"a{LAMMI}": "concert"}, "Lammi: a project was sent that is not on this ballot."),
    "a repeated project": (lambda t: t.ticks(LAMMI, 1, 1), "Lammi: the same project was sent twice."),
    "too many": (lambda t: t.ticks(CITY, 1, 2, 3), "one project too many is chosen."),
    "a place given twice": (
        lambda t: t.places(1) | {f"a{RANKED}p{t.number(RANKED, 2)}": "1"},
        "two projects have place 1.",
    ),
    "an area that is not the voter's": (lambda t: t.ticks(2, 1), "This ballot has a pocket that is not yours."),
    "an allocation that does not exist": (lambda t: {"a77": "1"}, "This ballot has a pocket that is not yours."),
}


@pytest.mark.parametrize("step", ["review", "cast"])
@pytest.mark.parametrize("why", BAD)
async def test_a_ballot_is_refused_and_its_choices_kept(visitor, session, town, why, step):
    make, sentence = BAD[why]
    await come_in(visitor, town)
    kept = town.places(3) if "place" not in why else town.ticks(CITY, 3)
    form = await review(visitor, town, kept) | make(town)
    answer = await visitor.post(f"{town.booth}/{step}", form)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert " checked" in answer.text or '<option value="1" selected>' in answer.text
    assert await ballots_in(session, town.round.id) == []


async def test_the_error_links_to_the_projects_that_could_be_taken_out(visitor, town):
    await come_in(visitor, town)
    answer = await visitor.post(f"{town.booth}/review", town.ticks(LAMMI, 1, 2))
    for nth in (1, 2):
        assert f'href="#a1-{town.number(LAMMI, nth)}"' in answer.text
        assert f'id="a1-{town.number(LAMMI, nth)}"' in answer.text


async def test_mistyped_unknown_and_revoked_codes_get_the_same_answer(visitor, session, town):
    revoked = town.codes[0]
    await replace_code(session, town.officer, town.round.id, revoked, NOW)
    await session.commit()
    answers = [await visitor.post(town.booth, {"code": code}) for code in ("", "ABC-?", "0000-0000-0000", revoked)]
    assert {answer.status_code for answer in answers} == {422}
    assert len({words(answer) for answer in answers}) == 1
    assert "This code was not accepted." in words(answers[0])
    assert "voter" not in visitor.cookies


async def test_too_many_wrong_codes_close_the_door_for_good_ones_too(visitor, session, town):
    wrong = ["ABC", "0000-0000-0000"] * (get_settings().code_guesses // 2)
    assert {(await visitor.post(town.booth, {"code": code})).status_code for code in wrong} == {422}
    answer = await visitor.post(town.booth, {"code": town.codes[0]} | town.ticks(LAMMI, 1))
    assert answer.status_code == 429
    assert "Wait ten minutes" in words(answer)
    assert f'name="a1" value="{town.number(LAMMI, 1)}"' in answer.text


async def test_a_revoked_code_is_out_at_once(visitor, session, town):
    await come_in(visitor, town)
    form = await review(visitor, town, town.ticks(LAMMI, 1))
    await replace_code(session, town.officer, town.round.id, town.codes[0], NOW)
    await session.commit()
    assert (await visitor.post(f"{town.booth}/cast", form)).status_code == 401
    assert await ballots_in(session, town.round.id) == []


async def test_an_expired_hour_keeps_the_choices(visitor, session, town):
    stored = code_hmac(town.round.id, town.codes[0].replace("-", ""))
    sign_in_voter(visitor, town, stored, NOW - DAY)
    choices = town.ticks(LAMMI, 1, 3) | town.places(2)
    page = await visitor.post(f"{town.booth}/review", choices)
    assert page.status_code == 401
    assert "Your choices are safe" in words(page)
    sent_on = dict(re.findall(r'name="(a\d+p\d+)" value="(\d+)"', page.text))
    sent_on["a1"] = re.findall(r'name="a1" value="(\d+)"', page.text)
    answer = await visitor.post(town.booth, sent_on | {"code": town.codes[0]})
    assert answer.status_code == 307
    page = await visitor.post(answer.headers["location"], sent_on)
    assert page.status_code == 200
    for nth in (1, 3):
        assert re.search(rf'value="{town.number(LAMMI, nth)}" checked', page.text)
    assert '<option value="1" selected>' in page.text
    assert (await vote(visitor, town, choices)).status_code == 303


async def test_a_cookie_that_was_made_up_opens_nothing(visitor, town):
    visitor.cookies.set("voter", f"{town.round.id}|00|9999999999.00", domain="127.0.0.1", path=town.booth)
    assert (await visitor.get(f"{town.booth}/ballot")).headers["location"] == town.booth


@pytest.mark.parametrize(
    ("phase", "says", "refusal"),
    [
        (Phase.ESTIMATES, "Voting opens on", "Voting opens on"),
        (Phase.RESULTS, "Voting closed on", "This vote can no longer be cast."),
    ],
)
async def test_outside_voting_nothing_is_cast(visitor, session, phase, says, refusal):
    town = await make_town(session, phase)
    page = await visitor.get(town.booth)
    assert says in words(page)
    assert 'name="code"' not in page.text
    assert (await visitor.post(town.booth, {"code": town.codes[0]})).status_code == 409
    stored = code_hmac(town.round.id, town.codes[0].replace("-", ""))
    voter = await find_voter(session, town.round.id, stored)
    ticket = (await make_ticket(session, voter)).signed(voter)
    sign_in_voter(visitor, town, stored, NOW + DAY)
    for step in ("review", "cast"):
        answer = await visitor.post(f"{town.booth}/{step}", town.ticks(LAMMI, 1) | {"ticket": ticket})
        assert answer.status_code == 409
        assert refusal in words(answer)
    assert await ballots_in(session, town.round.id) == []


async def test_an_unconfirmed_ballot_is_not_voted_on(visitor, session, town):
    draft = await make_round(session, town.round.service, Phase.VOTING, "Vahvistamaton")
    await session.commit()
    page = await visitor.get(f"/rounds/{draft.id}/vote")
    assert page.status_code == 200
    assert "the ballot has not been confirmed" in words(page)
