"""What a page can ask for: a session, who is there, the time, the form."""

from datetime import datetime

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency, Provide
from sqlalchemy.ext.asyncio import AsyncSession

from pb import clock
from pb.database import provide_session
from pb.people.models import Person

Session = NamedDependency[AsyncSession]
Me = NamedDependency[Person | None]
Now = NamedDependency[datetime]
Form = NamedDependency[FormMultiDict]


def provide_me(request: Request) -> Person | None:
    """The signed-in person with their appointments, found by the visitor middleware."""
    return request.state.get("me")


async def provide_form(request: Request) -> FormMultiDict:
    return await request.form()


DEPENDENCIES = {
    "session": Provide(provide_session),
    "me": Provide(provide_me, sync_to_thread=False),
    "now": Provide(clock.now, sync_to_thread=False),
    "form": Provide(provide_form),
}
