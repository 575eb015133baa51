"""Sign-in and sign-out. A city's OIDC sign-in will stand beside the mailed link here."""

from typing import Any

from litestar import Controller, Request, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors
from pb.forms import read_form
from pb.people import service
from pb.people.forms import ProfileForm, SignInForm
from pb.people.models import Person
from pb.settings import get_settings
from pb.versions.queries import list_invitations


def sign_in_cookie(token: str, max_age: int) -> Cookie:
    secure = get_settings().address.startswith("https")
    return Cookie("signin", value=token, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure)


class SignInPages(Controller):
    path = "/sign-in"

    @get("/")
    async def ask(self, then: FromQuery[str] = "/") -> Template:
        return Template("people/sign_in.html", context={"values": {"then": then}, "errors": {}})

    @post("/", status_code=200)
    async def send(self, session: Session, form: Form) -> Template:
        try:
            data = read_form(SignInForm, form)
        except FieldErrors as wrong:
            context = {"values": form, "errors": wrong.errors}
            return Template("people/sign_in.html", context=context, status_code=422)
        await service.ask_sign_in(session, data.email, data.then)
        minutes = get_settings().sign_in_minutes
        return Template("people/link_sent.html", context={"email": data.email, "minutes": minutes})

    @get("/{token:str}")
    async def offer(self, token: FromPath[str]) -> Template:
        """A page with a button: a mail scanner that opens links must not use them up."""
        return Template("people/use_link.html", context={"token": token})

    @post("/{token:str}")
    async def use(self, session: Session, now: Now, token: FromPath[str]) -> Redirect:
        cookie, then = await service.sign_in(session, token, now)
        answer = Redirect(then, status_code=303)
        answer.set_cookie(sign_in_cookie(cookie, get_settings().session_days * 24 * 3600))
        return answer


class ProfilePages(Controller):
    path = "/me"

    @get("/")
    async def show(self, session: Session, me: Me) -> Template:
        person = service.require_person(me)
        return await profile_page(session, person, vars(person), {})

    @post("/", status_code=200)
    async def save(self, session: Session, me: Me, form: Form) -> Template:
        person = service.require_person(me)
        try:
            await service.save_profile(session, me, read_form(ProfileForm, form))
        except FieldErrors as wrong:
            return await profile_page(session, person, form, wrong.errors)
        return await profile_page(session, person, form, {}, saved=True)


async def profile_page(
    session: AsyncSession, person: Person, values: Any, errors: dict[str, str], *, saved: bool = False
) -> Template:
    context = {"values": values, "errors": errors, "saved": saved}
    context["invitations"] = await list_invitations(session, person)
    return Template("people/me.html", context=context, status_code=422 if errors else 200)


@post("/sign-out")
async def sign_out(session: Session, request: Request) -> Redirect:
    await service.sign_out(session, request.cookies.get("signin", ""))
    answer = Redirect("/", status_code=303)
    answer.set_cookie(sign_in_cookie("", 0))
    return answer
