"""Confirming a round's ballot, and the three things that may still be amended after it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box, seal
from ballots.types import VotingClosed
from pb import keys
from pb.audit import Deed
from pb.confirmation.forms import CorrectForm, ExtendForm
from pb.confirmation.rules import padded_length
from pb.database import unsafe_settings
from pb.errors import FieldErrors, Refusal
from pb.estimates.models import Project
from pb.estimates.queries import get_project, list_projects, told_projects
from pb.language import gettext as _
from pb.language import show_moment
from pb.notices.models import NoticeKind
from pb.notices.service import tell_each
from pb.people.models import Person
from pb.permissions import Act, Phase, require
from pb.rounds.models import Allocation, Amendment, AmendmentKind, CountRule, Round
from pb.rounds.queries import get_round
from pb.rounds.rules import AllocationRules, ProjectRules, Rules, draw, rules_hash, rules_text
from pb.rounds.service import record
from pb.translation import text_of
from pb.trustees.models import TrusteeKey
from pb.trustees.queries import find_key


def hindrances(round_: Round, projects: Sequence[Project], now: datetime, key: TrusteeKey | None = None) -> list[str]:
    """What has to be mended before the ballot can be confirmed, each as a sentence; empty if nothing."""
    voting = round_.window(Phase.VOTING)
    found = []
    if voting is None:
        found.append(_("The voting phase has no dates."))
    elif voting.opens <= now:
        found.append(_("The voting phase has begun by its dates. Move it later, then confirm."))
    if not round_.allocations:
        found.append(_("No allocation has been made."))
    if key is not None and key.rehearsed_at is None:
        found.append(_("The trustees have not tried their shares: open the rehearsal with two of them."))
    for allocation in round_.allocations:
        own = [p for p in projects if p.allocation_id == allocation.id]
        if not own:
            found.append(_("%(name)s: no project is on the ballot.") % {"name": text_of(allocation, "name")})
        if allocation.rule == CountRule.STV and len({p.cost_cents for p in own}) > 1:
            found.append(
                _("%(name)s: the single transferable vote needs projects that all cost the same.")
                % {"name": text_of(allocation, "name")}
            )
        for project in own:
            if project.cost_cents > allocation.amount_cents:
                found.append(_("%(name)s costs more than its allocation has.") % {"name": text_of(project, "title")})
            if project.idea and allocation.area_id not in (None, project.idea.area_id):
                found.append(
                    _("%(name)s is not of its allocation's area. Estimate it again.")
                    % {"name": text_of(project, "title")}
                )
    return found


async def confirm_ballot(
    session: AsyncSession, me: Person | None, round_id: UUID, now: datetime, order: Sequence[UUID] = ()
) -> Rules:
    """Freeze and hash the rules, amounts, projects and tie orders; make the key and the box.

    Ballot numbers and tie orders are drawn by lot from a seed that becomes part of the rules; `order`, a
    list of every project's id, takes the lot's place where a file has published one. Raises Refusal with
    what has to be mended. From here on the database refuses changes.
    """
    round_ = await get_round(session, round_id, for_act=True)
    require(me, Act.CONFIRM_BALLOT, round_.scope, round_.windows, now=now)
    if round_.confirmed_at is not None:
        raise Refusal(_("The ballot has been confirmed already."))
    projects, key = await list_projects(session, round_id), await find_key(session, round_id)
    if found := hindrances(round_, projects, now, key):
        raise Refusal(" ".join(found))
    seed = "" if order else secrets.token_hex(32)
    number_projects(round_, projects, seed, order)
    rules = freeze(round_, projects, seed)
    text = rules_text(rules)
    await session.flush()  # the numbers are written while the triggers still let them
    round_.rules, round_.rules_sha256, round_.confirmed_at = text, rules_hash(text), now
    await make_box(session, round_, rules, key)
    record(session, me, Act.CONFIRM_BALLOT, round_, Deed.BALLOT_CONFIRMED, rules_hash(text).hex(), now=now)
    await tell_each(session, NoticeKind.ON_BALLOT, told_projects(round_id), now, but=me.id)
    return rules


def number_projects(round_: Round, projects: Sequence[Project], seed: str, order: Sequence[UUID]) -> None:
    """Ballot numbers 1…n, allocation by allocation, in the order drawn or given."""
    drawn = list(order) or draw(seed, "number", (p.id for p in projects))
    place = {a.id: a.number for a in round_.allocations}
    ordered = sorted(projects, key=lambda p: (place[p.allocation_id], drawn.index(p.id)))
    for number, project in enumerate(ordered, start=1):
        project.number = number


def freeze(round_: Round, projects: Sequence[Project], seed: str) -> Rules:
    """The round's rules as data, from numbered projects."""
    voting = round_.window(Phase.VOTING)
    assert voting is not None
    return Rules(
        round_id=round_.id,
        title=round_.title,
        service=round_.service.name,
        currency=round_.currency,
        opens=voting.opens,
        closes=voting.closes,
        seed=seed,
        area_choice=round_.area_choice,
        allocations=tuple(
            freeze_allocation(a, [p for p in projects if p.allocation_id == a.id], seed) for a in round_.allocations
        ),
    )


def freeze_allocation(allocation: Allocation, projects: Sequence[Project], seed: str) -> AllocationRules:
    numbered = sorted(projects, key=lambda p: p.number or 0)
    numbers = {p.id: p.number for p in numbered}
    ties = draw(seed, "tie", numbers) if seed else list(numbers)
    return AllocationRules(
        number=allocation.number,
        name=allocation.name,
        area_id=allocation.area_id,
        service=allocation.service.name,
        amount_cents=allocation.amount_cents,
        ballot_type=allocation.ballot_type,
        max_choices=allocation.max_choices,
        max_points=allocation.max_points,
        rule=allocation.rule,
        min_votes=allocation.min_votes,
        part_funding=allocation.part_funding,
        projects=tuple(
            ProjectRules(id=p.id, number=p.number, title=p.title, cost_cents=p.cost_cents) for p in numbered
        ),
        tie_order=tuple(numbers[id_] for id_ in ties),
    )


async def make_box(session: AsyncSession, round_: Round, rules: Rules, trustees: TrusteeKey | None) -> None:
    """The round's box, and its keys in the secrets directory before the commit; not those that trustees hold."""
    if unsafe := await unsafe_settings(session):
        lost = _(
            "The database could lose votes when the power fails (%(settings)s). The administrator must mend that first."
        )
        raise Refusal(lost % {"settings": ", ".join(unsafe)})
    keys.read_key("code", round_.id)  # codes may be printed already: without their key nothing is frozen
    private, public = seal.new_key()
    if trustees is not None:
        public = trustees.public_key
    else:
        keys.write_key(keys.key_path("opening", round_.id), private, replace=True)
    keys.make_key("box", round_.id)
    keys.make_key("log", round_.id)
    length = padded_length(round_.id, rules.papers_per_voter())
    size = length + seal.OVERHEAD
    made = box.Box(round_.id, public, rules.opens, rules.closes, size, round_.rules_sha256)
    await box.prepare_box(session, made)


async def get_confirmed(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> Round:
    """A confirmed round, locked for an amendment by its service's officer."""
    round_ = await get_round(session, round_id, for_act=True)
    require(me, Act.AMEND_BALLOT, round_.scope, round_.windows, now=now)
    if round_.confirmed_at is None:
        raise Refusal(_("The ballot has not been confirmed: change the round itself."))
    if (await box.get_box(session, round_id)).closed_at is not None:
        raise Refusal(_("The ballot box is closed. Nothing can be amended any more."))
    return round_


def amend(
    session: AsyncSession,
    round_: Round,
    kind: AmendmentKind,
    subject: str,
    reason: str,
    before: str,
    after: str,
    now: datetime,
    language: str | None = None,
) -> None:
    change = {"subject": subject, "reason": reason, "before": before, "after": after, "language": language}
    session.add(Amendment(round_id=round_.id, kind=kind, at=now, **change))


async def extend_voting(
    session: AsyncSession, me: Person | None, round_id: UUID, form: ExtendForm, now: datetime
) -> None:
    """Close the voting later than confirmed, with a public reason; only before the close has come."""
    round_ = await get_confirmed(session, me, round_id, now)
    voting = round_.window(Phase.VOTING)
    assert voting is not None
    later = [w for w in round_.windows if w.opens >= voting.closes]
    if form.closes <= voting.closes or any(w.opens < form.closes for w in later):
        raise FieldErrors(closes=_("The new close must be later than the old one, and before the next phase opens."))
    try:
        await box.extend_box(session, round_id, form.closes)
    except VotingClosed:
        raise Refusal(_("Voting has closed. The close can no longer be moved.")) from None
    before, after = show_moment(voting.closes), show_moment(form.closes)
    amend(session, round_, AmendmentKind.EXTENDED, "", form.reason, before, after, now)
    voting.closes = form.closes
    record(session, me, Act.AMEND_BALLOT, round_, Deed.VOTING_EXTENDED, form.reason, now=now)


async def withdraw_project(
    session: AsyncSession, me: Person | None, round_id: UUID, project_id: UUID, reason: str, now: datetime
) -> None:
    """Mark a project withdrawn with a public reason: it stays on the ballot, the count skips it."""
    round_ = await get_confirmed(session, me, round_id, now)
    project = await get_project(session, round_id, project_id)
    if project.withdrawn_reason is not None:
        raise Refusal(_("This project has been withdrawn already."))
    project.withdrawn_reason = reason
    amend(session, round_, AmendmentKind.WITHDRAWN, project.title, reason, "", "", now)
    record(session, me, Act.AMEND_BALLOT, round_, Deed.PROJECT_WITHDRAWN, project.title, now=now)


async def correct_summary(
    session: AsyncSession, me: Person | None, round_id: UUID, project_id: UUID, form: CorrectForm, now: datetime
) -> None:
    """Correct a project's description; the old text, and its translations that go, stay visible on the round's page."""
    round_ = await get_confirmed(session, me, round_id, now)
    project = await get_project(session, round_id, project_id)
    if form.summary == project.summary:
        raise FieldErrors(summary=_("The text is the same as before."))
    before, translated = project.summary, project.translations
    project.summary = form.summary
    amend(session, round_, AmendmentKind.CORRECTED, project.title, form.reason, before, form.summary, now)
    for language, texts in translated.items():
        if "summary" in texts:
            gone = (project.title, form.reason, texts["summary"], "")
            amend(session, round_, AmendmentKind.CORRECTED, *gone, now, language)
    record(session, me, Act.AMEND_BALLOT, round_, Deed.TEXT_CORRECTED, project.title, now=now)
