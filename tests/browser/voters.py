"""Rounds to vote in, and what a voter does on every page of the way. For the browser tests of voting."""

from dataclasses import dataclass

from playwright.async_api import Page, expect

from ballots import box
from ballots.codes import new_code, show_code
from ballots.types import BallotType
from pb.confirmation.service import confirm_ballot
from pb.people.models import Person
from pb.permissions import Phase, Role
from pb.roll.models import Voter, VotingCode
from pb.roll.service import code_hmac
from pb.rounds.models import Round
from tests import cast
from tests.browser.conftest import Site


@dataclass(frozen=True)
class Hall:
    """A confirmed round that is open now, its clerk, and the codes of its voters."""

    round: Round
    clerk: Person
    codes: list[str]

    @property
    def booth(self) -> str:
        return f"/rounds/{self.round.id}/vote"

    @property
    def practice(self) -> str:
        return f"/rounds/{self.round.id}/try"


async def make_hall(site: Site, *types: BallotType, projects: int = 3, voters: int = 2, place: str = "Lammi") -> Hall:
    """One allocation of each type, numbered from 1, with projects of 1,000, 2,000, 3,000 € and so on."""
    async with site.sessions() as session, session.begin():
        service, area = await cast.make_service(session, f"{place}n palvelut"), await cast.make_area(session, place)
        officer = await cast.make_person(session, f"Olli-{place}", Role.OFFICER, service)
        clerk = await cast.make_person(session, f"Kaisa-{place}", Role.CLERK, service)
        round_ = await cast.make_round(session, service, Phase.VOTING)
        for number, ballot_type in enumerate(types, start=1):
            allocation = await cast.make_allocation(session, round_, number, area, ballot_type)
            allocation.name = f"Tasku {number}"
            await session.flush()
            await cast.make_projects(session, allocation, *(n * 1_000_00 for n in range(1, projects + 1)))
        await confirm_ballot(session, officer, round_.id, cast.NOW - 6 * cast.DAY)
        codes = []
        for _voter in range(voters):
            voter, code = Voter(round_id=round_.id, area_id=area.id), new_code()
            session.add(voter)
            await session.flush()
            stored = code_hmac(round_.id, code)
            session.add(VotingCode(round_id=round_.id, code_hmac=stored, person_ref=voter.person_ref))
            codes.append(show_code(code))
    return Hall(round_, clerk, codes)


async def come_in(page: Page, hall: Hall, voter: int = 0) -> None:
    await page.goto(hall.booth)
    await page.locator("#code").fill(hall.codes[voter])
    await page.locator("main form button").first.click()
    await page.wait_for_url("**/vote/ballot")


async def mark(page: Page, number: int, ballot_type: BallotType) -> None:
    """Choose the first project of an allocation, as its paper is filled in."""
    paper = page.locator(f"#a{number}")
    match ballot_type:
        case BallotType.RANKED:
            await paper.locator("select[name]").first.select_option("1")
        case BallotType.POINTS:
            await paper.locator("input[inputmode=numeric]").first.fill("2")
            await paper.locator("input[inputmode=numeric]").first.press("Tab")
        case _:
            await paper.locator("input[type=checkbox]").first.check()


async def speak(page: Page, language: str) -> None:
    """Read a page with choices in another language."""
    await page.locator(f".lang button[lang={language}]").first.click()
    await expect(page.locator("html")).to_have_attribute("lang", language)


async def check_and_cast(page: Page) -> None:
    await page.locator("#check button").click()
    await page.locator(".cast").click()
    await page.wait_for_url("**/vote/receipt")


async def count_envelopes(site: Site, hall: Hall) -> int:
    async with site.sessions() as session:
        return await box.count_envelopes(session, hall.round.id)
