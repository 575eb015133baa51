"""The app as it runs, on a real socket, in a real Chromium."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pb.app import serve_app
from pb.database import make_engine, make_sessions
from pb.settings import get_settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Site:
    """A running app with an empty, migrated database."""

    address: str
    sessions: async_sessionmaker[AsyncSession]


@pytest.fixture
async def site(database: str) -> AsyncIterator[Site]:
    """The whole app with its queue, on a free port."""
    engine = make_engine(database)
    with socket.create_server(("127.0.0.1", 0)) as bound:  # browsers wait here until the app is up
        server = uvicorn.Server(uvicorn.Config(serve_app(database), log_config=None, lifespan="on"))
        running = asyncio.create_task(server._serve(sockets=[bound]))
        try:
            yield Site(f"http://127.0.0.1:{bound.getsockname()[1]}", make_sessions(engine))
        finally:
            server.should_exit = True
            await running
            await engine.dispose()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    assert CHROMIUM, "Chromium is needed: ./run test installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(chromium: Browser, site: Site) -> Open:
    """A fresh browser of somebody: width, language, with or without JavaScript."""

    async def opened(width: int = 390, language: str = "fi", javascript: bool = True) -> Page:
        context = await chromium.new_context(
            viewport={"width": width, "height": 844},
            locale=language,
            java_script_enabled=javascript,
            base_url=site.address,
        )
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        return page

    return opened


async def check_page(page: Page) -> None:
    """Axe finds nothing, and nothing sticks out sideways. Axe needs scripts, so not for pages without them."""
    await page.wait_for_load_state()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) <= 0, f"{page.url} scrolls sideways"
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


async def sign_in(page: Page, link: str) -> None:
    """Use a sign-in link, whatever address it was made for."""
    path = link.removeprefix(get_settings().address)
    await page.goto(path)
    async with page.expect_navigation():
        await page.locator("main button").click()
