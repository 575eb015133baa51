"""`./run bench pages`: the list of ideas, the map and the ballot, with 200 ideas and 70 projects and with ten
times that.

Queries are counted inside the app. Rates are of the real app over kept-open connections, each page by turns with a
bare route of the same server: one SELECT of as many rows, in a Jinja template that makes as many bytes. Bytes are those
of the page alone; what it loads besides and what browsers keep for a year is on a line of its own.
"""

import asyncio
import gzip
import os
import random
import re
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import brotli

from tests.bench.cast import Connection, free_port, serving

PAIRS, EACH, CONNECTIONS = 9, 60, 10
SIZES = {200: 70, 2000: 700}  # ideas: projects
WANTED = {"list": 100_000, "map": 100_000, "pins": 100_000, "ballot": 150_000}  # bytes packed


def town_words():
    from pb.demo import texts

    said = " ".join(" ".join(map(str, row)) for row in (*texts.PROJECTS, *texts.INFEASIBLE, *texts.REFUSED))
    return sorted(set(re.findall(r"[A-Za-zåäöÅÄÖ-]{3,}", said)))


def sentence(lot, known, n):
    return " ".join(lot.choices(known, k=n)).capitalize() + "."


async def make_round_of(session, service, officer, areas, ideas, projects, lot):
    """A confirmed round in its voting phase, its projects in one purse, and a voter's pass to the ballot."""
    from sqlalchemy import select

    from pb import clock
    from pb.confirmation.service import confirm_ballot
    from pb.estimates.models import Estimate, Project
    from pb.ideas.models import Idea, IdeaState, Theme
    from pb.permissions import Phase
    from pb.roll.forms import RollForm
    from pb.roll.models import VotingCode
    from pb.roll.service import add_voters, make_pass
    from tests.cast import DAY, NOW, make_allocation, make_round

    round_, known = await make_round(session, service, Phase.VOTING), town_words()
    allocation = await make_allocation(session, round_, 1, amount_cents=100_000_00)
    round_.allocations.append(allocation)
    made = [
        Idea(
            round_id=round_.id,
            author_id=officer.id,
            area_id=lot.choice(areas).id,
            title=sentence(lot, known, 4),
            description=sentence(lot, known, 40),
            theme=lot.choice(list(Theme)),
            latitude=61 + lot.random() / 5,
            longitude=24 + lot.random(),
            state=IdeaState.PUBLISHED,
            submitted_at=NOW - 35 * DAY,
            decided_at=NOW - 34 * DAY,
        )
        for _ in range(ideas)
    ]
    session.add_all(made)
    await session.flush()
    for idea in made[: 2 * projects]:
        said = {"feasible": True, "reason": sentence(lot, known, 10), "cost_cents": lot.randrange(1, 300) * 100_00}
        session.add(Estimate(idea_id=idea.id, person_id=officer.id, at=NOW - 20 * DAY, **said))
    for _ in range(projects):
        words = {"title": sentence(lot, known, 4), "summary": sentence(lot, known, 30)}
        cost = lot.randrange(1, 300) * 100_00
        session.add(Project(round_id=round_.id, allocation_id=allocation.id, cost_cents=cost, **words))
    await session.flush()
    await confirm_ballot(session, officer, round_.id, NOW - 6 * DAY)
    await add_voters(session, officer, round_.id, RollForm(number=1), NOW)
    code = await session.scalar(select(VotingCode.code_hmac).where(VotingCode.round_id == round_.id))
    return round_.id, make_pass(round_.id, code, clock.now())


async def make_rounds(url):
    from pb.database import make_engine, make_sessions
    from pb.permissions import Role
    from tests.cast import make_area, make_person, make_service

    engine, lot = make_engine(url), random.Random(2027)
    async with make_sessions(engine)() as session, session.begin():
        service = await make_service(session)
        officer = await make_person(session, "Oona", Role.OFFICER, service)
        areas = [await make_area(session, name) for name in ("Lammi", "Hauho", "Renko", "Kalvola")]
        rounds = {
            ideas: await make_round_of(session, service, officer, areas, ideas, projects, lot)
            for ideas, projects in SIZES.items()
        }
    await engine.dispose()
    return rounds


def addresses(round_id):
    here = f"/rounds/{round_id}"
    paths = {"list": "/ideas", "search": "/ideas?words=konsertti&order=supported", "map": "/ideas?view=map"}
    return {
        name: here + path for name, path in (paths | {"pins": "/ideas/pins.json", "ballot": "/vote/ballot"}).items()
    }


async def read_pages(url, rounds):
    """For each size and page: its bytes and how many queries it took, inside the app."""
    from sqlalchemy import event

    from pb.app import make_app
    from pb.database import make_engine, make_sessions
    from tests.visitor import Visitor

    engine, reads, read = make_engine(url), [], {}
    event.listen(engine.sync_engine, "before_cursor_execute", lambda _c, _k, statement, *_: reads.append(statement))
    async with Visitor(make_app(make_sessions(engine)), "fi") as visitor:
        for ideas, (round_id, pass_) in rounds.items():
            visitor.cookies.set("voter", pass_)
            for name, path in addresses(round_id).items():
                reads.clear()
                answer = await visitor.get(path)
                assert answer.status_code == 200, f"{path} answered {answer.status_code}"
                read[ideas, name] = answer.content, len(reads)
        loaded = {name: await assets(visitor, read[2000, name][0].decode()) for name in ("list", "map", "ballot")}
    await engine.dispose()
    return read, loaded


async def assets(visitor, page):
    """The packed bytes of what a page loads besides: style, scripts, icons, letters."""
    paths = set(re.findall(r'(?:href|src)="(/(?:static|leaflet|fonts)/[^"#]+)', page)) | {"/fonts/atkinson-bold.woff2"}
    return sum([len(gzip.compress((await visitor.get(path)).content, 5)) for path in paths])


def request_for(path, pass_):
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: voter={pass_}; order=abc; lang=fi\r\n\r\n".encode()


async def burst(port, request):
    """EACH such requests over CONNECTIONS at once; requests a second."""
    waiting = [request] * EACH
    connections = [await Connection().open(port) for _ in range(CONNECTIONS)]

    async def work(connection):
        while waiting:
            status, _ = await connection.ask(waiting.pop())
            if status != 200:
                raise RuntimeError(f"the answer was {status}")

    started = perf_counter()
    await asyncio.gather(*map(work, connections))
    rate = EACH / (perf_counter() - started)
    for connection in connections:
        await connection.close()
    return rate


async def by_turns(port, ours, bare):
    """The medians of both rates and of ours / bare."""
    rates = [(await burst(port, ours), await burst(port, bare)) for _ in range(PAIRS + 1)][1:]  # the first warms up
    return (
        *(statistics.median(column) for column in zip(*rates, strict=True)),
        statistics.median(a / b for a, b in rates),
    )


def tell_bytes(read, loaded):
    for name in addresses(0):
        (small, few), (large, many) = read[200, name], read[2000, name]
        growth = len(large) / len(small)
        packed = [len(gzip.compress(large, 5)), len(brotli.compress(large, quality=5))]
        limit = WANTED.get(name, 100_000)
        print(
            f"{name:7} queries {few} and {many} {'ok' if few == many else 'DIFFER'}; bytes {len(large):9,}, "
            f"gzip {packed[0]:7,}, brotli {packed[1]:7,} of {limit:,} {'ok' if max(packed) <= limit else 'ABOVE'}; "
            f"from 200 to 2,000 ideas {growth:.2f} times {'ok' if growth < 10.1 else 'ABOVE'}",  # the words are drawn
            flush=True,
        )
    for name, size in loaded.items():
        print(f"{name:7} loads {size:,} bytes besides, packed, kept for a year")


async def measure(server, create_database, migrate, embedded):
    import asyncpg

    await create_database(server, "bench")
    await migrate(server.url("bench", embedded.OWNER), embedded.APP)
    url, port = server.url("bench"), free_port()
    rounds = await make_rounds(url)
    connection = await asyncpg.connect(server.url("bench", embedded.OWNER).replace("postgresql+asyncpg", "postgresql"))
    await connection.execute("ANALYZE")  # as the server does by itself within a minute
    await connection.close()
    read, loaded = await read_pages(url, rounds)
    tell_bytes(read, loaded)
    rows = {"list": 60, "search": 60, "map": 60, "pins": 2000, "ballot": 700}
    with serving(url, port):
        round_id, pass_ = rounds[2000]
        for name, path in addresses(round_id).items():
            size = len(read[2000, name][0])
            bare = request_for(f"/bare?rows={rows[name]}&size={size}", pass_)
            ours, plain, ratio = await by_turns(port, request_for(path, pass_), bare)
            good = "ok" if ratio >= 0.4 else "BELOW"
            print(f"{name:7} {ours:6.0f} a second beside {plain:.0f} bare: {ratio:.2f} (wanted 0.4) {good}", flush=True)


def run():
    """Print all lines."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"PB_DATA_DIR": home, "PB_BASE_URL": "http://127.0.0.1"}
        from pb import embedded
        from pb.database import create_database, migrate

        with embedded.running(Path(home)) as server:
            asyncio.run(measure(server, create_database, migrate, embedded))
