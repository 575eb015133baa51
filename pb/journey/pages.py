"""An idea's own page: what it says, what became of it, and what comes next."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Redirect, Template

from pb.appeals.rules import Decision, find_decision
from pb.appeals.rules import why_closed as why_no_appeal
from pb.comments.queries import thread
from pb.delivery.rules import scope_of
from pb.dependencies import Me, Now, Session
from pb.ideas.models import Idea, IdeaState
from pb.ideas.queries import sees_text, wrote
from pb.ideas.rules import theme_names
from pb.journey.queries import Life, facts_of, read_life
from pb.journey.rules import way
from pb.merging.rules import may_merge
from pb.people.models import Person
from pb.permissions import Act, acting_role, refusal
from pb.supports.queries import support_box
from pb.versions.queries import get_shared_idea
from pb.versions.rules import why_closed


class JourneyPages(Controller):
    path = "/ideas/{idea_id:uuid}"

    @get("/")
    async def show(self, session: Session, me: Me, now: Now, idea_id: FromPath[UUID]) -> Template | Redirect:
        idea, mine = await get_shared_idea(session, idea_id, me)
        if idea.state is IdeaState.DRAFT:
            return Redirect(f"/ideas/{idea_id}/draft", status_code=303)
        life = await read_life(session, idea)
        context = {
            "round": idea.round,
            "idea": idea,
            "life": life,
            "steps": way(facts_of(idea, life), now),
            "themes": theme_names(),
            "mine": mine,
            "sees_text": mine or sees_text(me, idea),
            "may": staff_acts(me, idea, life, now),
            "support": await support_box(session, idea, me, now),
            "thread": await thread(session, idea, me),
        }
        return Template("journey/journey.html", context=context | author_acts(me, idea, life, mine, now))


def staff_acts(me: Person | None, idea: Idea, life: Life, now: datetime) -> dict[str, bool]:
    """What this member of staff may do with the idea now."""
    scope, windows = idea.round.scope, idea.round.windows
    open_ = not idea.round.confirmed_at
    moderates = refusal(me, Act.MODERATE_IDEA, scope, windows, now) is None
    estimates = refusal(me, Act.ESTIMATE_COST, scope, windows, now) is None
    published = idea.state is IdeaState.PUBLISHED
    return {
        "decide": moderates and idea.state is IdeaState.SUBMITTED,
        "estimate": estimates and published and open_,
        "merge": moderates and may_merge(idea) and open_ and life.project is None,
        "unmerge": moderates and idea.state is IdeaState.MERGED and open_,
        "answer": any(a.answered_at is None for a in life.appeals)
        and acting_role(me, Act.ANSWER_APPEAL, scope) is not None,
        "deliver": life.paid_cents is not None
        and life.project is not None
        and acting_role(me, Act.UPDATE_DELIVERY, scope_of(life.project)) is not None,
    }


def author_acts(me: Person | None, idea: Idea, life: Life, mine: bool, now: datetime) -> dict[str, Any]:
    """What an author may do now: `edit_closed` says why not change the words, `appeal` is what can be appealed."""
    edit_closed = why_closed(idea, bool(life.estimates), now)
    decision = appealable(me, idea, life, now) if mine else None
    return {"edit_closed": edit_closed, "appeal": decision, "first_author": wrote(me, idea)}


def appealable(me: Person | None, idea: Idea, life: Life, now: datetime) -> Decision | None:
    decision = find_decision(idea, life.estimates)
    closed = why_no_appeal(decision, [a.decided_at for a in life.appeals], idea.round.confirmed_at is not None, now)
    refused = refusal(me, Act.APPEAL, idea.round.scope, idea.round.windows, now)
    return None if closed or refused else decision
