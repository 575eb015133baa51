"""The map in a real browser: a city's tiles under it, and the place of an idea by mouse, touch and keyboard."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from playwright.async_api import Browser, Page, expect

from pb.database import make_engine, make_sessions
from tests.bench.cast import free_port
from tests.browser.conftest import Open, Site, check_page, sign_in
from tests.browser.test_idea import link_for, make_town, newest, press, unfold
from tests.cast import NOW
from tests.processes import environment, read_until, start

pytestmark = pytest.mark.browser
NOTE = "Kartta: Testilän kaupunki"
LATITUDE, LONGITUDE = Decimal("61.1"), Decimal("25")  # the middle of the area


class Tiles(BaseHTTPRequestHandler):
    """One grey tile, whatever is asked for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        out = BytesIO()
        Image.new("RGB", (256, 256), "#d8d8d8").save(out, "PNG")
        self.send_response(200)
        self.send_header("content-type", "image/png")
        self.end_headers()
        self.wfile.write(out.getvalue())

    def log_message(self, *_words: object) -> None:
        """Nothing: the test's own output stays clean."""


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 in one file, signed by nobody else."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "tiles.pem"
    path.write_bytes(key.private_bytes(*form) + made.sign(key, hashes.SHA256()).public_bytes(form[0]))
    return path


@contextmanager
def serving_tiles(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a server of tiles, and what is asked of it."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Tiles,), {"asked": asked}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
async def tiled(database: str, tmp_path: Path) -> AsyncIterator[tuple[Site, list[str]]]:
    """A city whose maps have tiles, as `pb serve` runs it, and what was asked of the server of the tiles."""
    engine, port = make_engine(database), free_port()
    with serving_tiles(tmp_path) as (tiles, asked):
        plain = database.replace("postgresql+asyncpg", "postgresql")
        env = environment(tmp_path, database_url=plain, port=str(port), tiles=tiles, tiles_note=NOTE)
        process = start("-m", "pb", "serve", env=env)
        try:
            await asyncio.to_thread(read_until, process, "Kukkaro serves")
            yield Site(f"http://127.0.0.1:{port}", make_sessions(engine)), asked
        finally:
            process.terminate()
            await asyncio.to_thread(process.communicate, timeout=30)
            await engine.dispose()


async def test_a_citys_tiles_are_shown_with_the_note_of_who_made_them(
    tiled: tuple[Site, list[str]], chromium: Browser
) -> None:
    site, asked = tiled
    await make_town(site)
    context = await chromium.new_context(
        base_url=site.address, ignore_https_errors=True, viewport={"width": 390, "height": 844}, locale="en"
    )
    page, said = await context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    await page.goto("/city")
    await page.locator("img.leaflet-tile-loaded").first.wait_for()
    shown = "tiles => tiles.every(tile => tile.naturalWidth === 256)"
    assert await page.locator("img.leaflet-tile-loaded").evaluate_all(shown)
    await expect(page.get_by_text(NOTE)).to_be_visible()
    await check_page(page)
    assert said == []  # the policy lets them in
    assert all(path.endswith(".png") and path.count("/") == 3 for path in asked)
    assert asked


async def test_without_tiles_nobody_else_is_asked_for_a_map(site: Site, open_page: Open) -> None:
    await make_town(site)
    page, elsewhere = await open_page(language="en"), []
    page.on("request", lambda request: request.url.startswith(site.address) or elsewhere.append(request.url))
    await page.goto("/city")
    await page.locator(".map .area").wait_for()
    assert await page.locator("img.leaflet-tile").count() == 0
    assert elsewhere == []


async def place_on_map(site: Site, page: Page) -> None:
    """The form of an idea with its map unfolded, of somebody who is signed in."""
    round_ = await make_town(site)
    await sign_in(page, await link_for(site, "raija@example.fi", "/"))
    await page.goto(f"/rounds/{round_.id}/ideas/new")
    await page.locator("#title").fill("Keinu")
    await unfold(page, "Place on the map")
    await page.locator(".map .area").wait_for()
    await page.locator(".map").scroll_into_view_if_needed()


async def fields(page: Page) -> tuple[Decimal, Decimal]:
    return Decimal(await page.locator("#latitude").input_value()), Decimal(
        await page.locator("#longitude").input_value()
    )


async def place_of(page: Page, selector: str, down: float = 0.5) -> tuple[float, float]:
    """Where on the screen it is, in pixels: its middle, or (1) its lower edge, which is the point of a pin."""
    box = await page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * down


async def middle(page: Page) -> tuple[float, float]:
    return await place_of(page, ".map")


async def pin(page: Page) -> tuple[float, float]:
    return await place_of(page, ".map .pinmark", 1)


async def send(site: Site, page: Page) -> tuple[Decimal | None, Decimal | None]:
    await press(page, "button[value=draft]")
    idea = await newest(site)
    return idea.latitude, idea.longitude


async def test_a_click_places_the_pin_and_a_drag_moves_it(site: Site, open_page: Open) -> None:
    page = await open_page(1280, "en")
    await place_on_map(site, page)
    x, y = await middle(page)
    await page.mouse.click(x + 60, y - 40)
    latitude, longitude = await fields(page)
    assert latitude > LATITUDE
    assert longitude > LONGITUDE
    await expect(page.get_by_role("status").filter(has_text="The pin is on the map.")).to_be_visible()
    assert await pin(page) == pytest.approx((x + 60, y - 40), abs=3)
    await page.mouse.move(x + 60, y - 60)
    await page.mouse.down()
    await page.mouse.move(x - 50, y + 30, steps=8)
    await page.mouse.up()
    assert await pin(page) == pytest.approx((x - 50, y + 50), abs=3)
    moved = await fields(page)
    assert moved[0] < LATITUDE
    assert moved[1] < LONGITUDE
    assert await send(site, page) == moved


async def test_a_tap_places_the_pin_and_the_button_takes_it_off(site: Site, chromium: Browser) -> None:
    context = await chromium.new_context(
        base_url=site.address, is_mobile=True, has_touch=True, locale="en", viewport={"width": 390, "height": 844}
    )
    page = await context.new_page()
    await place_on_map(site, page)
    x, y = await middle(page)
    await page.touchscreen.tap(x - 30, y - 30)
    await expect(page.locator("#latitude")).not_to_have_value("")
    assert await pin(page) == pytest.approx((x - 30, y - 30), abs=3)
    latitude, longitude = await fields(page)
    assert latitude > LATITUDE
    assert longitude < LONGITUDE
    await check_page(page)
    await page.get_by_role("button", name="Take the pin off").tap()
    await expect(page.locator(".map .pinmark")).to_have_count(0)
    assert await send(site, page) == (None, None)


async def test_typed_numbers_move_the_pin_and_it_stays_in_sight(site: Site, open_page: Open) -> None:
    page = await open_page(390, "en")
    await place_on_map(site, page)
    await page.locator("[data-middle]").click()
    before = await pin(page)
    await page.locator("#latitude").fill("61,15")
    await page.locator("#longitude").focus()
    x, y = await pin(page)
    assert x == pytest.approx(before[0], abs=1)
    assert y < before[1] - 5
    await page.locator("#longitude").fill("27.5")  # far outside of what the map shows
    await page.locator("#latitude").focus()
    frame = await page.locator(".map").bounding_box()
    assert frame is not None
    for _look in range(50):  # the map glides there
        x, y = await pin(page)
        if frame["x"] < x < frame["x"] + frame["width"]:
            break
        await page.wait_for_timeout(100)
    assert frame["x"] < x < frame["x"] + frame["width"]
    assert await send(site, page) == (Decimal("61.15"), Decimal("27.5"))


async def test_the_pin_is_placed_and_moved_with_the_keyboard_alone(site: Site, open_page: Open) -> None:
    page = await open_page(390, "en")
    await place_on_map(site, page)
    await page.locator("details[data-map-script] summary").focus()
    for _key in range(5):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.matches('.map')"):
            break
    await page.keyboard.press("Enter")
    first = await fields(page)
    assert first == pytest.approx((LATITUDE, LONGITUDE), abs=Decimal("0.01"))
    await page.keyboard.press("ArrowRight")
    await page.wait_for_timeout(500)  # the map glides
    await page.keyboard.press("Enter")
    second = await fields(page)
    assert second[0] == pytest.approx(first[0], abs=Decimal("0.001"))
    assert second[1] > first[1]
    await check_page(page)
    assert await send(site, page) == second
