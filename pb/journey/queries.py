"""Everything an idea's page tells, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pb.appeals.models import Appeal
from pb.appeals.queries import list_appeals
from pb.delivery.models import Delivery
from pb.delivery.queries import find_paid, list_notes
from pb.estimates.models import Estimate, Project
from pb.estimates.queries import find_project_of, list_estimates
from pb.ideas.models import Idea
from pb.journey.rules import Asked, Facts, Step, way
from pb.merging.models import Merge
from pb.merging.queries import find_merge, list_merged
from pb.pictures.models import Picture
from pb.pictures.queries import list_pictures
from pb.versions.queries import count_changes, list_names


@dataclass(frozen=True)
class Life:
    """What has become of an idea. `names`: of it and of those merged into it, what is shown of the authors."""

    estimates: list[Estimate]
    project: Project | None
    appeals: list[Appeal]
    merge: Merge | None
    merged: list[Idea]
    names: dict[UUID, list[str]]
    pictures: list[Picture]
    changes: int
    paid_cents: int | None
    notes: list[Delivery]
    steps: list[Step]


async def read_life(session: AsyncSession, idea: Idea, now: datetime) -> Life:
    """The life of `idea`, which is loaded with its round."""
    estimates, project = await list_estimates(session, idea.id), await find_project_of(session, idea.id)
    appeals, merge = await list_appeals(session, idea.id), await find_merge(session, idea.id)
    merged = await list_merged(session, idea.id)
    names = await list_names(session, [idea, *merged])
    published = project is not None and idea.round.published_at is not None
    paid = await find_paid(session, project) if published else None
    notes = await list_notes(session, project.id) if paid else []
    return Life(
        estimates=estimates,
        project=project,
        appeals=appeals,
        merge=merge,
        merged=merged,
        names={key: list(dict.fromkeys(own.values())) for key, own in names.items()},
        pictures=await list_pictures(session, [idea.id]),
        changes=await count_changes(session, idea.id),
        paid_cents=paid,
        notes=notes,
        steps=way(facts_of(idea, estimates, project, appeals, merge, paid, notes), now),
    )


def facts_of(
    idea: Idea,
    estimates: Sequence[Estimate],
    project: Project | None,
    appeals: Sequence[Appeal],
    merge: Merge | None,
    paid_cents: int | None,
    notes: Sequence[Delivery],
) -> Facts:
    round_, newest = idea.round, notes[0] if notes else None
    return Facts(
        state=idea.state,
        submitted_at=idea.submitted_at,
        decided_at=idea.decided_at,
        merged_at=merge.at if merge else None,
        appeals=[Asked(a.against, a.decided_at, a.at, a.outcome, a.answered_at) for a in appeals],
        estimate=(estimates[0].feasible, estimates[0].at) if estimates else None,
        confirmed_at=round_.confirmed_at,
        withdrawn=project is not None and project.withdrawn_reason is not None,
        published_at=round_.published_at,
        chosen=paid_cents is not None,
        delivery=(newest.state, newest.at, newest.due) if newest else None,
        windows=round_.windows,
    )
