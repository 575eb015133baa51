"""How templates are found and what every one of them can use; how errors become pages."""

import hashlib
import logging
import secrets
from functools import cache
from pathlib import Path
from traceback import walk_tb
from urllib.parse import quote, urlencode

import asyncpg
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.exceptions import ClientException, HTTPException
from litestar.response import Redirect, Template
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from xstatic.pkg import leaflet

from pb import keys, language
from pb.errors import NotSignedIn, Refusal
from pb.language import gettext as _
from pb.middleware import HEADERS, hear_language
from pb.permissions import has_desk
from pb.settings import get_settings
from pb.told.terms import rule_names
from pb.translation import in_reach, marked, named, said, said_as, text_of

log = logging.getLogger("pb.web")
STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parents[1] / "templates"
# No room (disk, memory, connections) and failed writes; away: connections, shutdowns and crashes as well.
# SQLSTATE classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
NO_ROOM = ("53", "58030")
AWAY = ("08", "57P", *NO_ROOM)


@cache
def static_url(name: str) -> str:
    """The address of an own asset, with a mark that changes when its content does."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?v={mark}"


def content_lang() -> Markup:
    """A lang attribute for the city's own texts where the page speaks another language."""
    ours = get_settings().content_language
    return Markup("" if language.current_language() == ours else f' lang="{ours}"')


def in_other_language(request: Request, choice: str) -> str:
    """This page's address in another language: what was searched and filtered stays."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "lang"]
    return "?" + urlencode([*kept, ("lang", choice)])


@cache
def make_environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)
    env.policies["ext.i18n.trimmed"] = True
    env.filters |= {
        "money": language.show_money,
        "number": language.show_number,
        "date": language.show_date,
        "moment": language.show_moment,
        "named": named,
    }
    env.globals |= {
        "percent": language.show_percent,
        "average": language.show_average,
        "rule_names": rule_names,
        "language": language.current_language,
        "chosen_language": language.chosen_language,
        "languages": language.LANGUAGES,
        "choices": language.CHOICES,
        "spoken": language.spoken,
        "content_lang": content_lang,
        "in_other_language": in_other_language,
        "in_reach": in_reach,
        "marked": marked,
        "said": said,
        "said_as": said_as,
        "text_of": text_of,
        "static_url": static_url,
        "city": get_settings().city,
        "leaflet": leaflet.VERSION,
        "tiles": get_settings().tiles,
        "tiles_note": get_settings().tiles_note,
        "has_desk": has_desk,
        "kiosk_of": kiosk_of,
        "local": language.local,
    }
    return env


def kiosk_of(request: Request) -> str:
    """The round whose kiosk this device is, by its signed cookie: its id, or nothing."""
    return keys.unsign("kiosk", request.cookies.get("kiosk", "")) or ""


def error_page(status: int, title: str, message: str, reference: str = "") -> Template:
    context = {"title": title, "message": message, "reference": reference, "status": status}
    headers = {**HEADERS, "cache-control": "no-store", "content-language": language.current_language()}
    return Template("error.html", context=context, status_code=status, headers=headers)


def titles(status: int) -> str:
    return {
        401: _("Sign in first"),
        403: _("This is not allowed"),
        404: _("The page was not found"),
        409: _("This cannot be done now"),
        429: _("Wait a moment"),
        503: _("The service does not answer just now"),
    }.get(status, _("This did not work"))


def show_refusal(request: Request, refusal: Refusal) -> Response | Template | Redirect:
    if isinstance(refusal, NotSignedIn) and request.method == "GET":
        return Redirect(f"/sign-in?then={quote(request.url.path)}", status_code=303)
    return error_page(refusal.status, titles(refusal.status), refusal.message)


def show_http_error(request: Request, error: HTTPException) -> Template:
    """What the framework refuses: unknown addresses, forms without their token, bodies that are too large."""
    if "order" not in request.state:  # no route was found, so the visitor's middleware has not run
        hear_language(request)
    sentences = {
        400: _("We cannot read what you sent. Go back, load the page again and send it again."),
        403: _("The form was too old or came from another page. Go back, load the page again and send it again."),
        404: _("Check the address, or start from the front page."),
        405: _("Check the address, or start from the front page."),
        413: _("What you sent is too large."),
    }
    status = 404 if error.status_code in (400, 405) and request.method == "GET" else error.status_code
    if status >= 500:
        return show_bug(request, error)
    return error_page(status, titles(status), sentences.get(status, _("Go back and check what you sent.")))


def show_bug(request: Request, error: Exception) -> Template:
    """A bug gets a reference number, which the log has too; never a stack trace."""
    reference = secrets.token_hex(4).upper()
    log.error("bug %s at %s", reference, request.scope.get("path_template", "-"), exc_info=error)
    message = _("We made a mistake. What you sent was not saved. Try again; if it happens again, give us this number.")
    return error_page(500, _("Something broke"), message, reference)


def is_away(error: Exception) -> bool:
    """Whether the database cannot be reached or has no room, rather than was asked something wrong."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            return True
        return isinstance(error.orig, ConnectionError) or sqlstate(error.orig).startswith(AWAY)
    return not isinstance(error, asyncpg.PostgresError) or sqlstate(error).startswith(AWAY)


def sqlstate(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""


def show_database_error(request: Request, error: Exception) -> Template:
    if not is_away(error):
        return show_bug(request, error)
    wrapped = isinstance(error, DBAPIError)
    state = sqlstate(error.orig if wrapped else error)
    log.warning("the database cannot answer: %s %s", type(error).__name__, state)
    # A connection that is lost in a transaction may be lost in its COMMIT; one that was never made saved nothing.
    return error_page(503, titles(503), what_now(request, unsaved=not wrapped or state.startswith(NO_ROOM)))


def what_now(request: Request, *, unsaved: bool) -> str:
    """What became of this request, and what to do; `unsaved` where it is certain that nothing was saved."""
    if request.method == "GET":
        return _("Nothing was lost or saved. Wait a minute, then load the page again.")
    if request.url.path.endswith("/vote/cast"):
        if unsaved:
            return _(
                "Your vote was not received. Wait a minute, then load this page again and let the browser send the "
                "form once more."
            )
        return _(
            "We cannot tell whether your vote was received. Wait a minute, then load this page again and let the "
            "browser send the form once more. Your vote counts only once."
        )
    if unsaved:
        return _(
            "What you sent was not saved. Wait a minute, then load this page again and let the browser send the form "
            "once more."
        )
    return _(
        "We cannot tell whether what you sent was saved. Wait a minute and look; send it again if it is not there."
    )


def show_missing_file(request: Request, error: FileNotFoundError) -> Template:
    """The server's unix socket is gone: the system says so without a name. A file of ours is a bug."""
    lost_socket = error.errno is not None and error.filename is None
    return show_database_error(request, error) if lost_socket else show_bug(request, error)


def show_unreadable_form(request: Request, error: Exception) -> Template:
    """A form's text that is in no known encoding, over which the framework's reader stumbles; else a bug."""
    frames = walk_tb(error.__traceback__)
    reading = any(frame.f_globals["__name__"] == "litestar._multipart" for frame, _line in frames)
    return show_http_error(request, ClientException()) if reading else show_bug(request, error)


ERROR_PAGES = {
    Refusal: show_refusal,
    UnicodeDecodeError: show_unreadable_form,
    LookupError: show_unreadable_form,
    HTTPException: show_http_error,
    DBAPIError: show_database_error,
    asyncpg.PostgresError: show_database_error,
    PoolTimeout: show_database_error,
    ConnectionError: show_database_error,
    FileNotFoundError: show_missing_file,
    Exception: show_bug,
}
