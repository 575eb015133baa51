"""Signing in by a link sent by mail; no passwords."""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pb import clock, jobs
from pb.database import Base
from pb.errors import NotSignedIn, Refusal
from pb.keys import token_hash
from pb.language import chosen_language, in_language
from pb.language import gettext as _
from pb.mail import send_mail
from pb.people.forms import ProfileForm
from pb.people.models import Person, SignIn, SignInLink
from pb.people.queries import count_links, find_person
from pb.settings import get_settings

MOST_LINKS = 5  # good links for one address at a time


def safe_path(then: str) -> str:
    """`then` if it is a path of our own, else the front page."""
    own = then.startswith("/") and not then.startswith("//") and "\\" not in then and then.isprintable()
    return then if own else "/"


async def ask_sign_in(session: AsyncSession, email: str, then: str) -> None:
    """Queue the mail with the link. Says nothing about whether the address is known."""
    await jobs.enqueue(session, mail_sign_in_link, email=email, then=safe_path(then), language=chosen_language())


@jobs.job
async def mail_sign_in_link(context: jobs.Context, email: str, then: str, language: str) -> None:
    """Make the link and mail it; made here, so that no good token lies in the queue."""
    async with context.sessions() as session, session.begin():
        if await count_links(session, email, clock.now()) >= MOST_LINKS:
            return  # nobody's mailbox is filled from here; the links already sent still work
        link = await make_sign_in_link(session, email, then, clock.now())
    with in_language(language):
        subject = _("Sign in to Kukkaro")
        body = _("Open this link and press Sign in:\n\n%(link)s\n\nIt works once, within %(n)s minutes. If you did not"
                 " ask for it, do nothing.") % {"link": link, "n": get_settings().sign_in_minutes}  # fmt: skip
    await send_mail(email, subject, body)


async def make_sign_in_link(
    session: AsyncSession, email: str, then: str, now: datetime, minutes: int | None = None
) -> str:
    """A fresh link for `email`, good once for `minutes`; old links are swept away."""
    token = secrets.token_urlsafe(24)
    await session.execute(delete(SignInLink).where(SignInLink.expires_at < now))
    expires = now + timedelta(minutes=minutes or get_settings().sign_in_minutes)
    session.add(SignInLink(token_hash=token_hash(token), email=email.lower(), then=then, expires_at=expires))
    return f"{get_settings().address}/sign-in/{token}"


async def sign_in(session: AsyncSession, token: str, now: datetime) -> tuple[str, str]:
    """Use up the link; the cookie's token and the path to go on to. Makes the account at the first sign-in.

    Raises Refusal if the link is unknown, used or too old.
    """
    used = await session.execute(
        delete(SignInLink)
        .where(SignInLink.token_hash == token_hash(token), SignInLink.expires_at > now)
        .returning(SignInLink.email, SignInLink.then)
    )
    row = used.one_or_none()
    if row is None:
        raise Refusal(_("This link has been used or is too old. Ask for a new one."))
    person = await add_person(session, row.email, "", now)
    person.unclaimed = False
    cookie = secrets.token_urlsafe(32)
    await session.execute(delete(SignIn).where(SignIn.expires_at < now))
    expires = now + timedelta(days=get_settings().session_days)
    session.add(SignIn(token_hash=token_hash(cookie), person_id=person.id, expires_at=expires))
    return cookie, row.then


async def add_person(session: AsyncSession, email: str, name: str, now: datetime, *, unnamed: bool = False) -> Person:
    """The account of `email`, made if there is none. The name may stay empty: a person need not give one.

    Of two at once, one makes it. One that is there is locked: it is not swept away before this act names it.
    """
    account = {"id": uuid4(), "email": email.lower(), "name": name, "unnamed": unnamed, "created_at": now}
    account |= {"language": chosen_language(), "unclaimed": True}
    new = insert(Person).values(account)
    same = {"email": new.excluded.email}
    await session.execute(new.on_conflict_do_update(index_elements=["email"], set_=same))
    person = await find_person(session, email)
    assert person is not None
    return person


async def sweep_people(session: AsyncSession, before: datetime) -> None:
    """Accounts of those who have never signed in go, if made `before`, once no row of any table names them.

    They are locked, then looked at again: what named one meanwhile is seen, and nothing can name it any more.
    """
    keys = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    named = [exists().where(key.parent == Person.id) for key in keys if key.references(Person.__table__)]
    forgotten = Person.unclaimed & (Person.created_at < before) & ~or_(*named)
    locked = list(await session.scalars(select(Person.id).where(forgotten).with_for_update(skip_locked=True)))
    await session.execute(delete(Person).where(Person.id.in_(locked), forgotten))


async def name_person(session: AsyncSession, me: Person, name: str, unnamed: bool) -> None:
    """Take a name and "never show my name" from a form in passing: what is left empty there changes nothing."""
    person = await session.get_one(Person, me.id)
    me.name = person.name = name or person.name
    me.unnamed = person.unnamed = unnamed or person.unnamed


def require_person(me: Person | None) -> Person:
    """Whoever is signed in. Raises NotSignedIn."""
    if me is None:
        raise NotSignedIn(_("Sign in first. You get a link by mail, no password is needed."))
    return me


async def save_profile(session: AsyncSession, me: Person | None, form: ProfileForm) -> None:
    """What people say of themselves on their own page. Raises NotSignedIn."""
    person = await session.get_one(Person, require_person(me).id)
    person.name, person.unnamed, person.language = form.name, form.unnamed, form.language


async def sign_out(session: AsyncSession, token: str) -> None:
    await session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))
