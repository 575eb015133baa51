"""The officer's acts after the vote: close the box, count, publish. And the job that makes the reports."""

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box
from ballots.types import AlreadyOpened, NoBox, NotLogged, StillOpen, WrongKey
from pb import clock, jobs, keys, pdf
from pb.audit import Deed
from pb.errors import MissingKey, Refusal, WrongPhase
from pb.estimates.queries import list_withdrawn
from pb.language import LANGUAGES, in_language, show_moment
from pb.language import gettext as _
from pb.log.service import append_log
from pb.pages import make_environment
from pb.people.models import Person
from pb.permissions import Act, Phase, require
from pb.results.models import Count, Report
from pb.results.queries import list_counts, list_results
from pb.results.rules import as_data, count_allocation
from pb.roll.queries import count_voters, eligible
from pb.rounds.models import Round
from pb.rounds.queries import get_round, get_rules
from pb.rounds.rules import Rules
from pb.rounds.service import record


async def get_voted_round(session: AsyncSession, me: Person | None, act: Act, round_id: UUID, now: datetime) -> Round:
    """A round whose voting is over, locked for `act`. Raises NotAllowed, or WrongPhase with the day."""
    round_ = await get_round(session, round_id, for_act=True)
    require(me, act, round_.scope, now=now)
    voting = round_.window(Phase.VOTING)
    if voting is not None and now < voting.closes:
        raise still_open(voting.closes)
    require(me, act, round_.scope, round_.windows, now=now)
    return round_


def still_open(closes: datetime) -> WrongPhase:
    return WrongPhase(_("Voting is open until %(at)s. Come back after that.") % {"at": show_moment(closes)})


def never_confirmed() -> Refusal:
    return Refusal(_("The ballot was not confirmed, so nobody could vote. There is nothing to count."))


async def close_voting(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> datetime:
    """Close the ballot box for good and say when it was closed; again it changes nothing."""
    round_ = await get_voted_round(session, me, Act.COUNT_BALLOTS, round_id, now)
    try:
        closed = await box.close_box(session, round_id)
    except StillOpen as early:
        raise still_open(early.at or now) from None
    except NoBox:
        raise never_confirmed() from None
    await append_log(session, round_id)
    record(session, me, Act.COUNT_BALLOTS, round_, Deed.BOX_CLOSED, now=now)
    return closed


async def count_ballots(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Open the box and count every allocation, all at once and once only. Nothing of it is public yet."""
    round_ = await get_voted_round(session, me, Act.COUNT_BALLOTS, round_id, now)
    if await list_counts(session, round_id):
        raise Refusal(_("The votes have been counted already."))
    rules, numbers = get_rules(round_), {a.number: a.id for a in round_.allocations}
    opened = await open_ballots(session, rules)
    on_roll = await count_voters(session, round_id)
    withdrawn = await list_withdrawn(session, round_id)
    for allocation in rules.allocations:
        ballots = [choices for _code, choices in await box.list_opened(session, round_id, allocation.number)]
        may_vote = eligible(allocation, on_roll)
        if len(ballots) > may_vote:
            raise Refusal(
                _("%(name)s has more ballots than voters on the roll. Mend the roll, then count.")
                % {"name": allocation.name}
            )
        counted = await asyncio.to_thread(count_allocation, allocation, ballots, withdrawn)
        session.add(
            Count(
                allocation_id=numbers[allocation.number],
                eligible=may_vote,
                voters=len(ballots),
                blank=sum(not choices for choices in ballots),
                counted_at=now,
                **as_data(counted),
            )
        )
    record(session, me, Act.COUNT_BALLOTS, round_, Deed.VOTES_COUNTED, str(opened), now=now)
    if void := sum((await box.count_void(session, round_id)).values()):
        record(session, me, Act.COUNT_BALLOTS, round_, Deed.ENVELOPES_VOID, str(void), now=now)


async def open_ballots(session: AsyncSession, rules: Rules) -> int:
    """Open the closed box with the round's key; how many ballots. Raises Refusal with what to do."""
    round_id = rules.round_id
    try:
        return await box.open_box(session, round_id, keys.read_key("opening", round_id), rules.papers_per_voter())
    except MissingKey:
        raise Refusal(
            _("The round's key is missing from the secrets directory. Restore it from its copy, then count.")
        ) from None
    except StillOpen:
        raise Refusal(_("Close the ballot box first.")) from None
    except NoBox:
        raise never_confirmed() from None
    except AlreadyOpened:
        raise Refusal(_("The votes have been counted already.")) from None
    except WrongKey:
        path, right = keys.key_path("opening", round_id), (await box.get_box(session, round_id)).fingerprint
        raise Refusal(
            _(
                "The key %(file)s in the secrets directory is not this round's, whose fingerprint begins with "
                "%(right)s. Nothing was counted. Restore it from its copy, then count."
            )
            % {"file": f"{path.parent.name}/{path.name}", "right": right[:12]}
        ) from None
    except NotLogged as strange:
        raise Refusal(
            _("The envelope %(leaf)s is in the box but not in the log. Nothing was counted. Tell the auditor.")
            % {"leaf": str(strange)[:12]}
        ) from None


async def publish_results(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Show the counts to everybody, once and for all, and have the reports made in every language."""
    round_ = await get_voted_round(session, me, Act.PUBLISH_RESULTS, round_id, now)
    if round_.published_at is not None:
        raise Refusal(_("The result has been published already."))
    if not await list_counts(session, round_id):
        raise Refusal(_("Count the votes first."))
    round_.published_at = now
    record(session, me, Act.PUBLISH_RESULTS, round_, Deed.RESULT_PUBLISHED, now=now)
    await ask_reports(session, round_id)


async def make_reports_again(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Have the reports of a published result made anew, in place of those that failed or look wrong."""
    round_ = await get_round(session, round_id)
    require(me, Act.PUBLISH_RESULTS, round_.scope, now=now)
    if round_.published_at is None:
        raise Refusal(_("Publish the result first. The reports are made then."))
    record(session, me, Act.PUBLISH_RESULTS, round_, Deed.REPORTS_REMADE, now=now)
    await ask_reports(session, round_id)


async def ask_reports(session: AsyncSession, round_id: UUID) -> None:
    for language in LANGUAGES:
        await jobs.enqueue(session, make_report, round_id=str(round_id), language=language)


@jobs.job
async def make_report(context: jobs.Context, round_id: str, language: str) -> None:
    """Make the round's report in one language, in place of an older one."""
    async with context.sessions() as session:
        round_ = await get_round(session, UUID(round_id))
        with in_language(language):
            html, title = await report_html(session, round_)
    made = await asyncio.to_thread(pdf.render_pdf, html, language, title)
    values = {"pdf": made, "pages": pdf.count_pages(made), "made_at": clock.now()}
    store = insert(Report).values(round_id=round_.id, language=language, **values)
    async with context.sessions() as session, session.begin():
        await session.execute(store.on_conflict_do_update(index_elements=["round_id", "language"], set_=values))


async def report_html(session: AsyncSession, round_: Round) -> tuple[str, str]:
    """The report as HTML in the current language, and its title."""
    results = await list_results(session, round_)
    title = _("The result of %(round)s") % {"round": round_.title}
    template = make_environment().get_template("print/report.html")
    return template.render(round=round_, rules=get_rules(round_), results=results, title=title), title
