"""Who may speak how, and when: limits of comments, names beside them, and when many reports fold one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from pb.comments.models import Comment
from pb.ideas.models import Idea, IdeaState
from pb.language import gettext as _
from pb.people.models import Person, ShownName
from pb.people.rules import shown
from pb.permissions import Act, Scope, acting_role

MOST_IN_AN_HOUR = 30  # comments of one person
HOUR = timedelta(hours=1)
FOLDED_AT = 3  # reports from different people, until staff decide
THREADS_SHOWN = 50  # on the idea's own page; the others have an address of their own


def why_closed(idea: Idea) -> str | None:
    """Why nobody can comment on this idea now, or None. It is loaded with its round.

    Comments are open from the day the idea is published until the round's result is, through every phase.
    """
    if idea.state is not IdeaState.PUBLISHED or idea.is_hidden:
        return _("Only published ideas can be commented on.")
    if idea.round.published_at is not None:
        return _("Comments are closed: the round's result has been published.")
    return None


def speaks_for_city(me: Person | None, scope: Scope) -> bool:
    """Whether `me` is staff of this service, who decides on ideas or estimates them."""
    return any(acting_role(me, act, scope) for act in (Act.MODERATE_COMMENT, Act.ESTIMATE_COST))


def signature(comment: Comment) -> str:
    """How a comment is signed: as its writer chose; staff who speak for the city by name and service."""
    person = comment.person
    if not comment.as_staff:
        return shown(person.name, person.unnamed, comment.shown_name, None)
    return person.speaking_for(comment.as_staff)


@dataclass(frozen=True)
class Writing:
    """What the form for a comment needs: the names to choose from, and what was typed.

    `names` is empty for people who are never named. `asks_name` where the account has no name yet. `service` is the
    one for which this member of staff may speak, else "". `submission` makes a form that is sent twice one comment.
    """

    names: list[tuple[str, str]]
    asks_name: bool
    service: str
    submission: UUID | str
    values: Any
    errors: dict[str, str]


def names_of(me: Person) -> list[tuple[str, str]]:
    """(value, words) of each way in which `me` can be named; none for people who never are."""
    if me.unnamed:
        return []
    area = shown("", False, ShownName.AREA, None)
    name = me.name or _("my name")
    first = shown(me.name, False, ShownName.FIRST, None) if me.name else _("my first name")
    return [(ShownName.AREA.value, area), (ShownName.FIRST.value, first), (ShownName.NAME.value, name)]


def writing(me: Person | None, idea: Idea, values: Any = None, errors: dict[str, str] | None = None) -> Writing:
    """A form for `me`, blank or as it was sent."""
    values = values or {}
    return Writing(
        names=names_of(me) if me else [],
        asks_name=me is not None and not me.unnamed and not me.name,
        service=idea.round.service.name if speaks_for_city(me, idea.round.scope) else "",
        submission=values.get("submission") or uuid4(),
        values=values,
        errors=errors or {},
    )
