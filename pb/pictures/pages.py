"""Forms with pictures, and the pictures as everybody sees them who reads what they belong to."""

from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from pb.dependencies import Me, Session
from pb.errors import NotFound
from pb.ideas.queries import sees_text
from pb.language import gettext as _
from pb.pages import error_page
from pb.pictures.forms import BODY
from pb.pictures.models import MOST
from pb.pictures.queries import get_jpeg
from pb.versions.queries import get_shared_idea

NAMES = {f"{place}.jpg": place for place in range(1, MOST + 1)}
# Pages name a picture with its id, so that another one in the same place has another address.
KEEPING = {"cache-control": f"private, max-age={30 * 24 * 3600}", "x-content-type-options": "nosniff"}


def too_large(_request: Request, _error: HTTPException) -> Template:
    sentence = _("What you sent is too large. Go back: your text is there. Choose smaller pictures or fewer of them.")
    return error_page(413, _("This did not work"), sentence)


class PictureForms(Controller):
    """Pages whose forms take pictures."""

    request_max_body_size = BODY
    exception_handlers = {413: too_large}


@get("/ideas/{idea_id:uuid}/pictures/{name:str}", media_type="image/jpeg")
async def idea_picture(
    session: Session, me: Me, idea_id: FromPath[UUID], name: FromPath[str], size: FromQuery[str] = "large"
) -> Response[bytes]:
    """A picture of an idea, for those who may read the idea's text."""
    idea, mine = await get_shared_idea(session, idea_id, me)
    if name not in NAMES or not (mine or sees_text(me, idea)):
        raise NotFound(_("There is no such picture."))
    jpeg = await get_jpeg(session, idea_id, NAMES[name], small=size == "small")
    return Response(jpeg, media_type="image/jpeg", headers=KEEPING)
