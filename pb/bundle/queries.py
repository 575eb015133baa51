"""Reads what a bundle is made of."""

from babel import Locale
from babel.core import get_global
from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box, log
from pb.bundle.models import AllocationResult
from pb.bundle.rules import Published
from pb.errors import NotFound
from pb.estimates.queries import list_withdrawn
from pb.language import gettext as _
from pb.language import local
from pb.log.queries import log_as_data
from pb.opening.queries import find_opening
from pb.permissions import Phase
from pb.results.queries import list_counts
from pb.rounds.models import Round
from pb.rounds.queries import get_rules
from pb.settings import get_settings


async def get_published(session: AsyncSession, round_: Round) -> Published:
    """All of a published round that its bundle holds. Raises NotFound before that, or MissingKey."""
    if round_.rules is None or round_.published_at is None:
        raise NotFound(_("The result has not been published yet."))
    heads = await log.list_heads(session, round_.id)
    leaves = await log.list_leaves(session, round_.id, heads[-1].size if heads else 0)
    opening = await find_opening(session, round_.id)
    assert opening is not None
    return Published(
        rules=round_.rules,
        meta=about(round_),
        log=await log_as_data(session, round_.id),
        leaves=leaves,
        casts=(opening.final, opening.superseded),
        voids=await box.list_void(session, round_.id),
        ballots=await box.list_opened(session, round_.id),
        results=await list_published(session, round_),
    )


async def list_published(session: AsyncSession, round_: Round) -> list[AllocationResult]:
    """The stored counts as the bundle has them, in the allocations' order."""
    withdrawn = await list_withdrawn(session, round_.id)
    numbers = {a.number: [p.number for p in a.projects] for a in get_rules(round_).allocations}
    return [
        AllocationResult(
            allocation=count.allocation.number,
            eligible=count.eligible,
            voters=count.voters,
            blank=count.blank,
            withdrawn=tuple(number for number in numbers[count.allocation.number] if number in withdrawn),
            outcome=count.outcome,
        )
        for count in await list_counts(session, round_.id)
    ]


def about(round_: Round) -> dict[str, str]:
    """The vote as Pabulib's META tells of it; the country is that of the time zone."""
    settings, voting = get_settings(), round_.window(Phase.VOTING)
    assert voting is not None
    opens, closes = local(voting.opens), local(voting.closes)
    country = Locale("en").territories.get(get_global("zone_territories").get(settings.time_zone, ""), "")
    about = {"country": country, "unit": settings.city, "instance": f"{opens:%Y}"}
    about |= {"date_begin": f"{opens:%d.%m.%Y}", "date_end": f"{closes:%d.%m.%Y}"}
    return about | ({"currency": round_.currency} if round_.currency else {})
