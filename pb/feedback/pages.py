"""The accessibility statement, the form for feedback, and the desk where it is answered."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Request, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from pb.dependencies import Form, Me, Now, Session
from pb.errors import FieldErrors, TooMany
from pb.feedback import service
from pb.feedback.forms import AnswerForm, FeedbackForm
from pb.feedback.queries import list_answered, list_waiting
from pb.feedback.rules import ANSWER_WITHIN, days_left, due
from pb.forms import read_form
from pb.language import local
from pb.permissions import Act, Scope, require


def form_page(values: Any, errors: dict[str, str], refusal: str = "", status: int = 200) -> Template:
    context = {
        "values": values,
        "errors": errors,
        "refusal": refusal,
        "submission": values.get("submission") or uuid4(),
        "days": ANSWER_WITHIN.days,
    }
    return Template("feedback/feedback.html", context=context, status_code=status)


class FeedbackPages(Controller):
    path = "/"

    @get("/accessibility")
    async def statement(self) -> Template:
        return Template("feedback/statement.html", context={"days": ANSWER_WITHIN.days})

    @get("/feedback")
    async def blank(self, about: FromQuery[str] = "", accessibility: FromQuery[str] = "") -> Template:
        own = about if about.startswith("/") else ""
        return form_page({"page": own[:500], "accessibility": bool(accessibility)}, {})

    @post("/feedback", status_code=200)
    async def give(self, request: Request, session: Session, now: Now, form: Form) -> Template:
        try:
            sent = read_form(FeedbackForm, form)
            source = request.client.host if request.client else ""
            await service.give_feedback(session, sent, source, now)
        except FieldErrors as wrong:
            return form_page(form, wrong.errors, status=422)
        except TooMany as refusal:
            return form_page(form, {}, refusal.message, refusal.status)
        return Template("feedback/thanks.html", context={"email": sent.email, "due": due(now)})


class FeedbackDesk(Controller):
    path = "/desk/feedback"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now) -> Template:
        require(me, Act.ANSWER_FEEDBACK, Scope(), now=now)
        return await desk_page(session, now, {}, {})

    @post("/{key:uuid}")
    async def answer(self, session: Session, me: Me, now: Now, form: Form, key: FromPath[UUID]) -> Template | Redirect:
        require(me, Act.ANSWER_FEEDBACK, Scope(), now=now)
        try:
            await service.answer_feedback(session, me, key, read_form(AnswerForm, form), now)
        except FieldErrors as wrong:
            return await desk_page(session, now, {f"answer-{key}": form.get("answer", "")}, wrong.errors, key)
        return Redirect("/desk/feedback", status_code=303)


async def desk_page(session: Any, now: Any, values: dict[str, Any], errors: dict[str, str], key: Any = "") -> Template:
    today = local(now).date()
    waiting = [(f, due(f.at), days_left(local(due(f.at)).date(), today)) for f in await list_waiting(session)]
    context = {
        "waiting": waiting,
        "answered": await list_answered(session),
        "values": values,
        "errors": {f"{name}-{key}": sentence for name, sentence in errors.items()},
    }
    return Template("feedback/desk.html", context=context, status_code=422 if errors else 200)
