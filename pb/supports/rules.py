"""When an idea can be supported."""

from datetime import datetime

from pb.ideas.models import Idea, IdeaState
from pb.language import gettext as _
from pb.permissions import ALLOWED, Act, phase_at


def why_closed(idea: Idea, now: datetime) -> str | None:
    """Why nobody can support this idea now, or None. It is loaded with its round."""
    if idea.state is not IdeaState.PUBLISHED or idea.is_hidden:
        return _("Only published ideas can be supported.")
    if Act.SUPPORT_IDEA not in ALLOWED[phase_at(idea.round.windows, now)]:
        return _("Support is closed. It is open while the round takes ideas and estimates.")
    return None
