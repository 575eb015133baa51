"""`pb demo`: builds the town once for each phase, then serves it."""

import asyncio
import os

from ballots.codes import show_code
from pb import clock, embedded
from pb.database import create_database, drop_database, migrate, rename_database
from pb.demo import texts
from pb.demo.codes import voting_codes
from pb.demo.town import build_town, email
from pb.people.service import make_sign_in_link
from pb.serving import exit_on_terminate, listen, open_sessions, run_server
from pb.settings import get_settings


def serve_demo(phase: str, port: int | None, fresh: bool) -> None:
    """Serve the town at `phase` until Ctrl-C. Always on the embedded PostgreSQL, in a database of its own."""
    if port is not None:
        os.environ["PB_PORT"] = str(port)
    os.environ["PB_CITY"] = texts.CITY
    get_settings.cache_clear()
    settings = get_settings()
    exit_on_terminate()
    with listen(settings.host, settings.port) as bound, embedded.running(settings.data_dir) as server:
        lines = asyncio.run(prepare(server, phase, fresh))
        run_server(server.url(f"demo_{phase}"), bound, lambda: print("\n".join(lines), flush=True))


async def prepare(server: embedded.Server, phase: str, fresh: bool) -> list[str]:
    """Build the town if there is none, and say where it is and who can sign in."""
    name = f"demo_{phase}"
    if fresh:
        await drop_database(server, name)
    if await create_database(server, f"{name}_new", unless=name):
        print(f"Building {texts.CITY} in the phase {phase}: some seconds, the first time only.", flush=True)
        unfinished = f"{name}_new"  # renamed when whole: an interrupted build is thrown away at the next start
        await migrate(server.url(unfinished, embedded.OWNER), embedded.APP)
        url = server.url(unfinished)
        async with open_sessions(url) as sessions:
            await build_town(sessions, url, phase)
        await rename_database(server, unfinished, name)
    await migrate(server.url(name, embedded.OWNER), embedded.APP)
    return await introduce(server.url(name), phase)


async def introduce(url: str, phase: str) -> list[str]:
    settings = get_settings()
    lines = [f"{texts.CITY}, phase {phase}: {settings.address}", "", "Sign in, each link once, within twelve hours:"]
    async with open_sessions(url) as sessions:
        async with sessions() as session, session.begin():
            for role, (name, _scope) in texts.PEOPLE.items():
                then = "/" if role == "resident" else "/desk"
                link = await make_sign_in_link(session, email(name), then, clock.now(), minutes=720)
                lines.append(f"  {role:14} {name:15} {link}")
        codes = await voting_codes(sessions)
    if codes:
        lines += ["", "Voting codes of residents who have not voted yet:"]
        lines += [f"  {area:9} {'  '.join(map(show_code, own))}" for area, own in codes.items()]
    return [*lines, "", "Ctrl-C stops everything; the next start finds the town as you left it."]
