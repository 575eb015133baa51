"""Taking feedback in, and answering it."""

import hashlib
import hmac
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pb import audit, jobs, keys
from pb.audit import Deed
from pb.errors import Refusal, TooMany
from pb.feedback.forms import AnswerForm, FeedbackForm
from pb.feedback.models import Feedback
from pb.feedback.queries import count_from, count_waiting, get_feedback
from pb.feedback.rules import DAY, MOST_FROM_ONE, MOST_WAITING
from pb.language import chosen_language, in_language
from pb.language import gettext as _
from pb.mail import send_mail
from pb.people.models import Person
from pb.permissions import Act, Scope, acting_role, require


def hide_source(source: str, now: datetime) -> bytes:
    """The network address as HMAC, another one each day, so that nobody is followed from day to day."""
    return hmac.new(keys.web_key(), f"feedback|{now:%Y-%m-%d}|{source}".encode(), hashlib.sha256).digest()


async def give_feedback(session: AsyncSession, form: FeedbackForm, source: str, now: datetime) -> None:
    """Keep what somebody writes; no account is needed. Other words in the same form are another message.

    Raises TooMany where very many messages came from one address today, or wait in all.
    """
    source_hmac = hide_source(source, now)
    forgotten = update(Feedback).where(Feedback.at < now - DAY, Feedback.source_hmac.is_not(None))
    await session.execute(forgotten.values(source_hmac=None))
    if await count_from(session, source_hmac) >= MOST_FROM_ONE or await count_waiting(session) >= MOST_WAITING:
        raise TooMany(_("Very many messages wait just now. Call us, or write again tomorrow."))
    row = {
        "id": uuid5(form.submission, form.model_dump_json()),
        "at": now,
        "accessibility": form.accessibility,
        "page": form.page,
        "text": form.text,
        "email": form.email,
        "language": chosen_language(),
        "source_hmac": source_hmac,
        "answer": "",
    }
    await session.execute(insert(Feedback).values(row).on_conflict_do_nothing())


async def answer_feedback(
    session: AsyncSession, me: Person | None, feedback_id: UUID, form: AnswerForm, now: datetime
) -> None:
    """Answer a message, once; the answer is mailed where an address was given."""
    require(me, Act.ANSWER_FEEDBACK, Scope(), now=now)
    assert me is not None
    message = await get_feedback(session, feedback_id)
    if message.answered_at is not None:
        raise Refusal(_("This message has been answered already. Load the page again to see how."))
    message.answer, message.answered_at, message.answered_by_id = form.answer, now, me.id
    role = acting_role(me, Act.ANSWER_FEEDBACK, Scope())
    audit.record(session, me.id, role, Deed.FEEDBACK_ANSWERED, message.page, now=now)
    if message.email:
        await jobs.enqueue(session, mail_answer, feedback_id=str(message.id))


@jobs.job
async def mail_answer(context: jobs.Context, feedback_id: str) -> None:
    """Mail the answer in the language in which the message was written."""
    async with context.sessions() as session, session.begin():
        message = await get_feedback(session, UUID(feedback_id))
    with in_language(message.language):
        subject = _("The answer to your feedback")
        words = {"text": message.text, "answer": message.answer}
        body = _("You wrote:\n\n%(text)s\n\nWe answer:\n\n%(answer)s") % words
    assert message.email is not None
    await send_mail(message.email, subject, body)
