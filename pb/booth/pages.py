"""What the voter's pages share: the booth of one request, its addresses and cookies, and asking for code and area."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie, FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb import clock, keys
from pb.booth.forms import AREA, sent_fields
from pb.dependencies import Session, provide_me
from pb.language import gettext as _
from pb.language import show_moment
from pb.pages import kiosk_of
from pb.people.models import Person
from pb.permissions import Phase
from pb.roll.models import Voter
from pb.roll.queries import find_voter
from pb.roll.service import make_pass, pass_ends, pass_minutes, read_pass
from pb.rounds.models import Round
from pb.rounds.queries import get_rules, get_visible_round
from pb.rounds.rules import Rules
from pb.settings import get_settings
from pb.voting.queries import OnRoll, areas_to_choose, is_open


@dataclass(frozen=True)
class Booth:
    """Where one request of a voter happens. Built without a query: what raises, raises in the page itself."""

    session: AsyncSession
    request: Request
    me: Person | None
    now: datetime
    round_id: UUID

    @property
    def source(self) -> str:
        """The visitor's address, to count by; kept nowhere."""
        return self.request.client.host if self.request.client else ""

    @property
    def signed(self) -> str:
        """The pass, as this request sets it or as the browser kept it."""
        return str(self.request.state.get("pass") or self.request.cookies.get("voter", ""))

    @property
    def kiosk(self) -> bool:
        """Whether this is a shared device, of whatever round."""
        return bool(kiosk_of(self.request))

    def surroundings(self, round_: Round, voter: OnRoll) -> dict[str, Any]:
        """What the ballot and the review page say of this voter's visit beside the ballot itself."""
        voting, tag = round_.window(Phase.VOTING), own_tag(voter)
        ends = min(pass_ends(self.signed), voting.closes if voting else datetime.max.replace(tzinfo=UTC))
        return {
            "own": address(round_.id),
            "practice": False,
            "made_up": False,
            "tag_of_voter": tag,
            "keep": "" if self.kiosk else tag,
            "ends": show_moment(ends),
            "seconds": max(int((ends - self.now).total_seconds()), 0),
        }

    def unless_left(self, form: FormMultiDict) -> FormMultiDict:
        """The form, or an empty one if it carries choices and nobody has come in since the last voter left.

        What the browser sends once more (Back, then reload) must show the next person nothing, and not let them in.
        """
        return FormMultiDict() if self.request.cookies.get("left") and sent_fields(form) else form

    async def get_round(self) -> Round:
        return await get_visible_round(self.session, self.round_id, self.me, self.now)

    def read_pass(self) -> bytes:
        """The stored form of the code whose time is not over; empty for none."""
        return read_pass(self.round_id, self.signed, self.now, shared=self.kiosk) or b""

    async def enter(self) -> tuple[Round, Voter | None]:
        """The round, and the voter if their code still lets them in."""
        return await self.get_round(), await find_voter(self.session, self.round_id, self.read_pass())


ThisBooth = NamedDependency[Booth]


def provide_booth(session: Session, request: Request, round_id: FromPath[UUID]) -> Booth:
    """Asks for one dependency only: Litestar starts a task for each of several, a tenth of what a cast costs."""
    return Booth(session, request, provide_me(request), clock.now(), round_id)


def let_in(here: Booth, code_hmac: bytes) -> Cookie:
    """The pass for the time that a voter has from now on, as the browser keeps it."""
    here.request.state["pass"] = make_pass(here.round_id, code_hmac, here.now, shared=here.kiosk)
    lasts = None if here.kiosk else pass_minutes() * 60  # a shared browser that is closed forgets it
    return cookie(here.round_id, "voter", here.signed, lasts)


def own_tag(voter: OnRoll) -> str:
    """A name for this voter that their own pages alone have: choices kept or sent under another one are not theirs."""
    return keys.sign(f"ticket|{voter.round_id}|{voter.person_ref}|own", "")[1:17]


def own_form(form: FormMultiDict, voter: OnRoll) -> FormMultiDict:
    """The form, or an empty one if another voter's choices are in it: Back on a shared device sends those again."""
    return form if form.get("own", own_tag(voter)) == own_tag(voter) else FormMultiDict()


def address(round_id: UUID, page: str = "") -> str:
    return f"/rounds/{round_id}/vote{page}"


def cookie(round_id: UUID, name: str, value: str, max_age: int | None = None, page: str = "") -> Cookie:
    """Sent to the round's voting pages only, or to one of them, and never from another site."""
    secure, path = get_settings().address.startswith("https"), address(round_id, page)
    return Cookie(name, path, value, max_age=max_age, httponly=True, samesite="strict", secure=secure)


def forget_voter(answer: Redirect, round_id: UUID) -> None:
    answer.set_cookie(cookie(round_id, "voter", "", 0))
    answer.set_cookie(cookie(round_id, "ballot", "", 0, "/receipt"))


def clean_device(answer: Redirect, *round_ids: UUID) -> None:
    """For a shared device: not even a language or an order is left for the next voter."""
    for round_id in round_ids:
        forget_voter(answer, round_id)
    for name in ("lang", "order"):
        answer.set_cookie(Cookie(name, "/", "", max_age=0, httponly=True, samesite="lax"))
    answer.headers["clear-site-data"] = '"cache", "storage"'


def code_page(
    here: Booth, round_: Round, form: FormMultiDict, errors: dict[str, str] | None = None, status: int = 200
) -> Template:
    """Asks for the code, or says when there is voting. Choices in `form` wait in it for a good code."""
    voting = round_.window(Phase.VOTING)
    context = {
        "round": round_,
        "voting": voting,
        "open": is_open(round_, here.now),
        "over": voting is not None and voting.closes <= here.now,
        "waiting": voting is not None and here.now < voting.opens,
        "again": status == 401,
        "fields": sent_fields(form),
        "tag_of_voter": str(form.get("own", ""))[:16],
        "values": {"code": str(form.get("code", ""))[:40] if errors else ""},
        "errors": errors or {},
    }
    return Template("voting/code.html", context=context, status_code=status)


def code_again(here: Booth, round_: Round, form: FormMultiDict) -> Template:
    """The hour is over, or the code was revoked: the choices wait while the code is asked. A kiosk keeps none."""
    return code_page(here, round_, FormMultiDict() if here.kiosk else here.unless_left(form), status=401)


async def area_page(
    here: Booth, round_: Round, voter: OnRoll, form: FormMultiDict, errors: dict[str, str] | None = None
) -> Template:
    """The step before the ballot where voters choose their area: the roll suggests one, or their postcode does."""
    areas, postcode = await areas_to_choose(here.session, get_rules(round_)), str(form.get("postcode", "")).strip()
    found = next((a for a in areas if postcode in a.postcodes), None)
    if postcode and not found:
        errors = {"postcode": _("No area has this postcode. Check it, or choose your area from the list.")}
    context = {
        "round": round_,
        "voting": round_.window(Phase.VOTING),
        "areas": areas,
        "found": found,
        "values": {AREA: found.id if found else form.get(AREA, voter.area_id), "postcode": postcode[:20]},
        "fields": [(name, value) for name, value in sent_fields(form) if name != AREA],
        "errors": errors or {},
    }
    context |= here.surroundings(round_, voter)
    return Template("voting/area.html", context=context, status_code=422 if errors else 200)


async def areas_to_show(here: Booth, rules: Rules, area_id: UUID | None) -> dict[str, Any]:
    """The areas that could be chosen and the one that was, for pages that show its ballot."""
    areas = await areas_to_choose(here.session, rules)
    return {"areas": areas, "area": next((area for area in areas if area.id == area_id), None)}
