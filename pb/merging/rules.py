"""Which ideas are merged, and which go along when one is merged or parted."""

from collections.abc import Collection
from uuid import UUID

from pb.ideas.models import Idea, IdeaState


def may_merge(idea: Idea) -> bool:
    """Whether everybody can read the idea and it stands alone: only then it takes others in, or is taken in."""
    return idea.state is IdeaState.PUBLISHED and not idea.is_hidden


def with_all_under(idea_id: UUID, pairs: Collection[tuple[UUID, UUID]]) -> set[UUID]:
    """The idea and all that were merged into it, into one of those, and so on; `pairs` are (merged, into)."""
    found, new = {idea_id}, {idea_id}
    while new:
        new = {merged for merged, into in pairs if into in new} - found
        found |= new
    return found
