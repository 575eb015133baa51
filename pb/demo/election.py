"""`pb election FILE.pb`: a real election through the whole line, from round to report."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.types import BallotType
from pb import clock, embedded, jobs
from pb.city.models import Appointment, Service
from pb.confirmation.service import confirm_ballot
from pb.database import database_server, drop_database, ready_url
from pb.demo.voters import Sessions, cast_all, end_vote, enrol, wait_for_close
from pb.errors import FieldErrors, Refusal
from pb.estimates.models import Project
from pb.forms import sentence
from pb.language import in_language, show_money
from pb.people.models import Person
from pb.people.queries import find_person
from pb.people.service import add_person
from pb.permissions import Role
from pb.results.models import Count, Report
from pb.roll.models import Voter
from pb.rounds.forms import AllocationForm, RoundForm
from pb.rounds.models import PLAIN, Allocation, CountRule, Round
from pb.rounds.rules import Rules
from pb.rounds.service import create_round, save_allocation
from pb.serving import open_sessions
from pb.settings import Settings, get_settings
from tally import FileError, Kind, PabulibFile, Unsupported, count, read_pabulib
from tally.rules import rule_for
from tally.sections import one_line

DATABASE = "election"
MOST_CHOICES = 1000  # that a paper can allow
SECONDS_A_BALLOT = 0.004  # a guess at how long the voting has to stay open; it is extended where it was too short


def hold_election(path: Path, out: Path | None, language: str) -> int:
    """Hold the election of `path` and say whether its published winners came out; the exit status."""
    try:
        file = read_pabulib(path)
        rule = held_rule(file)
        count(file.election, file.profile, rule)  # refuses what cannot be counted before anything is made
    except FileError as refused:  # its sentence begins with the file and the line
        print(refused)
        return 1
    except Unsupported as refused:
        return refuse(path, str(refused))
    if not file.election.budget:
        return refuse(path, "The budget is 0, so there is nothing to vote on.")
    settings = get_settings().model_copy(update={"database": DATABASE})
    with database_server(settings) as server, in_language(language):
        try:
            return asyncio.run(hold(settings, server, file, rule, path, out or Path(path.stem + ".pdf"), language))
        except Refusal as refused:
            return refuse(path, refused.message)
        except FieldErrors as wrong:
            return refuse(path, "; ".join(wrong.errors.values()))
        except ValidationError as wrong:
            return refuse(path, "; ".join(f"{error['loc'][0]}: {sentence(error)}" for error in wrong.errors()))


def held_rule(file: PabulibFile) -> CountRule:
    """The rule that the file names. Raises Unsupported where it is none of ours."""
    rule = rule_for(file.rule, file.profile.kind)
    if rule not in list(CountRule):
        raise Unsupported(f"The rule {rule} cannot be held. These can: {', '.join(CountRule)}.")
    if file.profile.kind is Kind.POINTS and rule in PLAIN:
        raise Unsupported(f"The rule {rule} cannot be held with points: it sees only who gave some.")
    return CountRule(rule)


def refuse(path: Path, why: str) -> int:
    """Say on one line why the file's election cannot be held; the exit status."""
    print(one_line(f"{path}: {why}"))
    return 1


async def hold(
    settings: Settings,
    server: embedded.Server | None,
    file: PabulibFile,
    rule: CountRule,
    path: Path,
    out: Path,
    language: str,
) -> int:
    if server is not None:
        await drop_database(server, DATABASE)
    url = await ready_url(settings, server)
    async with open_sessions(url) as sessions:
        officers, rules, voters = await make_round(sessions, file, rule, path)
        money = show_money(file.election.budget, rules.currency)
        print(f"{path.name}: {len(file.election.projects)} projects, {len(voters)} ballots, {money}", flush=True)
        await cast_all(sessions, rules, voters, officers[0])
        print(f"cast {len(voters)} ballots through the box", flush=True)
        await wait_for_close(sessions, rules.round_id)
        await end_vote(sessions, officers, rules.round_id)
        await jobs.run_jobs(url, jobs.Context(sessions), drain=True)
        async with sessions() as session:
            return await tell(session, file, rules, out, language)


async def make_round(
    sessions: Sessions, file: PabulibFile, rule: CountRule, path: Path
) -> tuple[tuple[Person, Person], Rules, list]:
    """A confirmed round of one allocation with the file's projects in the file's order, and everybody's ballot."""
    now = clock.now()
    async with sessions() as session, session.begin():
        service = await make_service(session, file)
        officer, second = (
            await make_officer(session, service, "officer"),
            await make_officer(session, service, "second"),
        )
        round_ = await create_round(session, officer, make_form(file, path, officer), now)
        round_.currency = file.currency.upper() if re.fullmatch("[A-Za-z]{3}", file.currency) else ""
        form = allocation_form(file, rule, officer)
        allocation = await save_allocation(session, officer, round_.id, None, form, now)
        await session.flush()
        order = make_projects(session, file, round_, allocation)
        opens = now - timedelta(days=1)
        rules = await confirm_ballot(session, officer, round_.id, opens - timedelta(minutes=1), order)
        ballots = read_ballots(file, round_.id)
        await enrol(session, round_.id, [voter for voter, _choices in ballots])
    return (officer, second), rules, ballots


def line(*texts: str | None) -> str:
    """The first text with something to print, as a form takes it: on one line, of 200 characters at most."""
    shown = (one_line(text or "").strip() for text in texts)
    return next(filter(None, shown), "-")[:200].strip()


async def make_service(session: AsyncSession, file: PabulibFile) -> Service:
    """The service of the file's city; of an earlier election on the same database, if there was one."""
    name = line(file.meta.get("unit"), "City")
    service = await session.scalar(select(Service).where(Service.name == name))
    if service is None:
        service = Service(name=name, contact_name="-", contact_email="-@localhost", contact_phone="-")
        session.add(service)
        await session.flush()
    return service


async def make_officer(session: AsyncSession, service: Service, name: str) -> Person:
    """The service's officer of this name; a box is opened by two."""
    address = f"{name}-{service.id}@localhost"
    officer = await find_person(session, address)
    if officer is None:
        now = clock.now()
        officer = await add_person(session, address, name.capitalize(), now)
        held = Appointment(person_id=officer.id, role=Role.OFFICER, service_id=service.id, started_at=now)
        officer.appointments.append(held)
        await session.flush()
    return officer


def make_form(file: PabulibFile, path: Path, officer: Person) -> RoundForm:
    now = clock.now()
    closes = now + timedelta(seconds=4 + SECONDS_A_BALLOT * file.profile.voters)
    title = " ".join(filter(None, (file.meta.get(k) for k in ("unit", "subunit", "instance"))))
    return RoundForm(
        title=line(title, path.stem),
        summary=file.meta.get("description", "")[:5000],
        service_id=officer.appointments[0].service_id,
        voting_opens=now - timedelta(days=1),
        voting_closes=closes,
        results_opens=closes + timedelta(days=1),
        results_closes=closes + timedelta(days=30),
    )


def allocation_form(file: PabulibFile, rule: CountRule, officer: Person) -> AllocationForm:
    ranked, knapsack = file.profile.kind is Kind.RANKED, file.vote_type == "knapsack"
    points = file.profile.points
    longest = int(file.profile.lengths.max(initial=0))
    stated, projects = file.election.max_length, len(file.election.projects)
    most = max(1, longest, min(longest if stated is None else stated, projects, MOST_CHOICES))
    if ranked:  # points by rank depend on it, so it stays as the file means it
        most = projects if stated is None else stated
    if points is not None:  # all to one project, if need be: the file has been held to its own limits
        most = max(1, int(file.profile.sums(points).max(initial=0)))
    kinds = {Kind.RANKED: BallotType.RANKED, Kind.POINTS: BallotType.POINTS}
    marked = BallotType.KNAPSACK if knapsack else kinds.get(file.profile.kind, BallotType.APPROVAL)
    return AllocationForm(
        name=line(file.meta.get("subunit"), file.meta.get("unit"), "Budget"),
        service_id=officer.appointments[0].service_id,
        amount=file.election.budget,
        ballot_type=marked,
        max_choices=None if knapsack else most,
        rule=rule,
        min_votes=file.election.min_votes,
    )


def make_projects(session: AsyncSession, file: PabulibFile, round_: Round, allocation: Allocation) -> Sequence[UUID]:
    """The file's projects; their ids in the file's order."""
    order, own = [], {"round_id": round_.id, "allocation_id": allocation.id, "summary": ""}
    for project in file.election.projects:
        order.append(uuid4())
        session.add(Project(id=order[-1], title=line(project.title, project.id), cost_cents=project.cost, **own))
    return order


def read_ballots(file: PabulibFile, round_id: UUID) -> list[tuple[Voter, dict[int, list[int]]]]:
    """Every single ballot with a voter of its own. Ballot numbers follow the file's order."""
    number = {project: n for n, project in enumerate(file.election.ids, start=1)}
    points = file.profile.points is not None

    def choices(ballot: Sequence[Any]) -> list[int]:
        return [number[p] for p, given in (ballot if points else ((p, 1) for p in ballot)) for _point in range(given)]

    return [
        (Voter(round_id=round_id, person_ref=uuid4(), area_id=None), {1: choices(ballot)})
        for ballot, voters in file.profile.ballots.items()
        for _voter in range(voters)
    ]


async def tell(session: AsyncSession, file: PabulibFile, rules: Rules, out: Path, language: str) -> int:
    """Write the report and say what came out."""
    counted = await session.scalar(select(Count).join(Allocation).where(Allocation.round_id == rules.round_id))
    report = await session.scalar(
        select(Report.pdf).where(Report.round_id == rules.round_id, Report.language == language)
    )
    assert counted is not None
    winners = [file.election.ids[int(number) - 1] for number in counted.outcome["winners"]]
    spent = show_money(counted.outcome["spent"], rules.currency)
    chosen = one_line(", ".join(winners))
    print(f"counted {counted.voters} ballots: {len(winners)} projects funded, {spent} used: {chosen}")
    if report is not None:
        await asyncio.to_thread(out.write_bytes, report)
        print(f"report: {out}")
    if not file.has_selected:
        print("The file names no published winners to compare with.")
        return 0
    if set(winners) == set(file.selected):
        print(f"The {len(winners)} winners equal the file's published ones.")
        return 0
    differ = one_line(", ".join(sorted(set(winners) ^ set(file.selected))))
    print(f"The winners DIFFER from the file's published ones: {differ}")
    return 1
