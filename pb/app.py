"""Wires the app: pages, dependencies, error pages, and what lives as long as the app does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from xstatic.pkg import leaflet

from pb import fonts, jobs
from pb.appeals.pages import AppealPages
from pb.bundle.pages import BundlePages
from pb.city.pages import CityPages, PeoplePages
from pb.comments.pages import CommentPages, CommentsPages, IdeaReportPages
from pb.confirmation.pages import AmendPages, ConfirmPages
from pb.database import make_engine, make_sessions
from pb.delivery.pages import DeliveryPages
from pb.dependencies import DEPENDENCIES
from pb.estimates.pages import EstimatePages
from pb.feedback.pages import FeedbackDesk, FeedbackPages
from pb.forgetting.pages import ForgottenPages
from pb.front.pages import FrontPages
from pb.ideas.pages import DecidePages, DraftPages, EnterPages, NewIdeaPages, similar_ideas
from pb.ideas.service import sweep
from pb.journey.pages import JourneyPages
from pb.keys import web_key
from pb.kiosk.pages import KioskPages
from pb.log.pages import LogPages
from pb.log.service import keep_log
from pb.merging.pages import MergePages
from pb.middleware import YEAR, Compression, RequestLog, Visitor
from pb.notices.pages import NoticePages, RoundNews, calendar, idea_feed
from pb.notices.service import keep_notices
from pb.opening.pages import OpeningPages
from pb.pages import ERROR_PAGES, STATIC, make_environment
from pb.people.pages import ProfilePages, SignInPages, sign_out
from pb.people.queries import find_signed_in
from pb.pictures.pages import idea_picture
from pb.practice.pages import PracticePages
from pb.receipts.pages import ReceiptPages
from pb.results.pages import CountPages, ResultPages
from pb.roll.pages import RollPages
from pb.rounds.pages import RoundPages
from pb.rounds.service import remind
from pb.search.pages import PlacePages, SearchPages
from pb.settings import get_settings
from pb.supports.pages import SupportPages
from pb.traffic.pages import TrafficPages
from pb.traffic.service import keep_traffic
from pb.translating.pages import TranslatingPages
from pb.trustees.pages import KeyPages
from pb.versions.pages import VersionPages
from pb.voting.pages import VotingPages

PAGES = [
    FrontPages,
    FeedbackPages,
    FeedbackDesk,
    SignInPages,
    sign_out,
    ProfilePages,
    CityPages,
    PeoplePages,
    RoundPages,
    KeyPages,
    ConfirmPages,
    AmendPages,
    TranslatingPages,
    NewIdeaPages,
    EnterPages,
    DraftPages,
    DecidePages,
    similar_ideas,
    idea_picture,
    SearchPages,
    PlacePages,
    JourneyPages,
    VersionPages,
    MergePages,
    AppealPages,
    SupportPages,
    CommentsPages,
    CommentPages,
    IdeaReportPages,
    EstimatePages,
    RollPages,
    TrafficPages,
    VotingPages,
    LogPages,
    ReceiptPages,
    PracticePages,
    KioskPages,
    OpeningPages,
    CountPages,
    ResultPages,
    BundlePages,
    DeliveryPages,
    ForgottenPages,
    NoticePages,
    RoundNews,
    calendar,
    idea_feed,
]


@get("/fonts/{name:str}", media_type="font/woff2", sync_to_thread=True)
def web_font(name: FromPath[str]) -> Response[bytes]:
    face = name.removeprefix("atkinson-").removesuffix(".woff2")
    if face not in fonts.FACES:
        raise NotFoundException
    return Response(fonts.web_font(face), headers={"cache-control": f"public, max-age={YEAR}, immutable"})


def make_app(sessions: async_sessionmaker[AsyncSession], lifespan: list | None = None) -> Litestar:
    """The app on an open database; tests give it sessions of their own."""
    secure = get_settings().address.startswith("https")
    csrf = CSRFConfig(secret=web_key().hex(), cookie_name="form", cookie_httponly=True, cookie_secure=secure)
    forever = CacheControlHeader(max_age=YEAR, public=True, immutable=True)
    assets = create_static_files_router("/static", [STATIC], cache_control=forever)
    maps = create_static_files_router("/leaflet", [leaflet.BASE_DIR], cache_control=forever, name="leaflet")
    return Litestar(
        route_handlers=[*PAGES, web_font, assets, maps],
        dependencies=DEPENDENCIES,
        middleware=[RequestLog(), Compression(), Visitor(find_signed_in)],
        exception_handlers=ERROR_PAGES,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(make_environment())),
        csrf_config=csrf,
        openapi_config=None,
        state=State({"sessions": sessions}),
        lifespan=lifespan or [],
        logging_config=None,
    )


def serve_app(url: str) -> Litestar:
    """The app as it runs: an engine of its own, and the queue worked beside it."""
    engine = make_engine(url)
    sessions = make_sessions(engine)

    @asynccontextmanager
    async def alive(_app: Litestar) -> AsyncIterator[None]:
        workers = [jobs.keep_running(url, jobs.Context(sessions)), keep_log(sessions), keep_traffic(sessions)]
        workers.append(keep_notices(sessions, remind, sweep))
        tasks = [asyncio.create_task(work) for work in workers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await engine.dispose()

    return make_app(sessions, [alive])
