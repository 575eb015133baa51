"""Everything an idea's page tells, in a constant number of queries."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pb.appeals.models import Appeal
from pb.appeals.queries import list_appeals
from pb.delivery.models import Delivery
from pb.delivery.queries import find_paid, list_notes
from pb.estimates.models import Estimate, Project
from pb.estimates.queries import find_project_of, list_estimates
from pb.ideas.models import Idea
from pb.journey.rules import Asked, Facts
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
    into: Idea | None
    merged: list[Idea]
    names: dict[UUID, list[str]]
    pictures: list[Picture]
    changes: int
    paid_cents: int | None
    notes: list[Delivery]


async def read_life(session: AsyncSession, idea: Idea) -> Life:
    """The life of `idea`, which is loaded with its round."""
    project = await find_project_of(session, idea.id)
    merged = await list_merged(session, idea.id)
    names = await list_names(session, [idea, *merged])
    published = project is not None and idea.round.published_at is not None
    paid = await find_paid(session, project) if published else None
    return Life(
        estimates=await list_estimates(session, idea.id),
        project=project,
        appeals=await list_appeals(session, idea.id),
        merge=await find_merge(session, idea.id),
        into=await session.get(Idea, idea.merged_into_id) if idea.merged_into_id else None,
        merged=merged,
        names={key: list(dict.fromkeys(own.values())) for key, own in names.items()},
        pictures=await list_pictures(session, [idea.id]),
        changes=await count_changes(session, idea.id),
        paid_cents=paid,
        notes=await list_notes(session, project.id) if paid else [],
    )


def facts_of(idea: Idea, life: Life) -> Facts:
    """What the idea's way is told from."""
    newest = life.notes[0] if life.notes else None
    return Facts(
        state=idea.state,
        submitted_at=idea.submitted_at,
        decided_at=idea.decided_at,
        merged_at=life.merge.at if life.merge else None,
        appeals=[Asked(a.against, a.decided_at, a.at, a.outcome, a.answered_at) for a in life.appeals],
        estimate=(life.estimates[0].feasible, life.estimates[0].at) if life.estimates else None,
        confirmed_at=idea.round.confirmed_at,
        withdrawn=life.project is not None and life.project.withdrawn_reason is not None,
        published_at=idea.round.published_at,
        chosen=life.paid_cents is not None,
        delivery=(newest.state, newest.at, newest.due) if newest else None,
        windows=idea.round.windows,
    )
