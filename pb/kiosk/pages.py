"""Turns a device into a shared place to vote, and back. What then differs is in the voting pages themselves."""

from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect, Template

from pb.booth.pages import clean_device
from pb.dependencies import Form, Me, Now, Session
from pb.keys import sign
from pb.people.pages import sign_in_cookie
from pb.people.service import sign_out
from pb.permissions import Act, require
from pb.rounds.queries import get_round
from pb.settings import get_settings

DAYS = 60  # a kiosk that was forgotten turns itself off


def kiosk_cookie(value: str, max_age: int) -> Cookie:
    """On the whole site, so that no page of it shows a link that leads away."""
    secure = get_settings().address.startswith("https")
    return Cookie("kiosk", "/", value, max_age=max_age, httponly=True, samesite="strict", secure=secure)


class KioskPages(Controller):
    path = "/rounds/{round_id:uuid}/kiosk"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> Template:
        round_ = await get_round(session, round_id)
        require(me, Act.MANAGE_ROLL, round_.scope, now=now)
        return Template("kiosk/kiosk.html", context={"round": round_})

    @post("/")
    async def turn(
        self, session: Session, me: Me, now: Now, request: Request, form: Form, round_id: FromPath[UUID]
    ) -> Redirect:
        """On: the clerk is signed out, as the next one at the device is a voter. Off: the cookie goes."""
        round_ = await get_round(session, round_id)
        require(me, Act.MANAGE_ROLL, round_.scope, now=now)
        if form.get("on") != "yes":
            answer = Redirect(f"/rounds/{round_id}/kiosk", status_code=303)
            answer.set_cookie(kiosk_cookie("", 0))
            return answer
        await sign_out(session, request.cookies.get("signin", ""))
        answer = Redirect(f"/rounds/{round_id}/vote", status_code=303)
        answer.set_cookie(sign_in_cookie("", 0))
        clean_device(answer, round_id)  # of whoever was at the device before
        answer.set_cookie(kiosk_cookie(sign("kiosk", str(round_id)), DAYS * 24 * 3600))
        return answer
