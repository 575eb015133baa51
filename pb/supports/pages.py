"""The buttons of an idea's page: support and follow, and taking either back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from litestar import Controller, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from pb.dependencies import Me, Now, Session
from pb.errors import NotSignedIn
from pb.people.models import Person
from pb.supports import service

Act = Callable[[AsyncSession, Person | None, UUID, datetime], Awaitable[None]]


class SupportPages(Controller):
    path = "/ideas/{idea_id:uuid}"

    @post("/support")
    async def support(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Redirect:
        return await after(service.support_idea, session, me, idea_id, now)

    @post("/support/remove")
    async def take_back(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Redirect:
        return await after(service.take_back_support, session, me, idea_id, now)

    @post("/follow")
    async def follow(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Redirect:
        return await after(service.follow_idea, session, me, idea_id, now)

    @post("/unfollow")
    async def unfollow(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Redirect:
        return await after(service.unfollow_idea, session, me, idea_id, now)


async def after(act: Act, session: AsyncSession, me: Person | None, idea_id: UUID, now: datetime) -> Redirect:
    """Back to the idea; by way of signing in if nobody is signed in (any more)."""
    try:
        await act(session, me, idea_id, now)
    except NotSignedIn:
        return Redirect(f"/sign-in?then=/ideas/{idea_id}", status_code=303)
    return Redirect(f"/ideas/{idea_id}#support", status_code=303)
