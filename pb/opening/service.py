"""Closing the box, and opening it: by two officers, or by two trustees with their shares."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box
from ballots.opening import Opened, open_envelopes
from ballots.seal import public_half
from ballots.types import AlreadyOpened, NoBox, NotLogged, StillOpen
from pb import keys
from pb.audit import Deed
from pb.errors import FieldErrors, MissingKey, NotAllowed, Refusal, WrongPhase
from pb.language import gettext as _
from pb.language import show_moment
from pb.log.service import append_log
from pb.opening.models import Opening
from pb.opening.queries import find_opening, get_export
from pb.people.models import Person
from pb.permissions import Act, Phase, require
from pb.rehearsal.rules import RehearsalFailed, rehearse
from pb.rounds.models import Round
from pb.rounds.queries import get_round, get_rules
from pb.rounds.service import record
from pb.trustees.queries import find_key
from pb.trustees.rules import NotAccepted, read_opened
from pb.trustees.service import file_sentence


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
    before = await closed_at(session, round_id)
    try:
        closed = await box.close_box(session, round_id)
    except StillOpen as early:
        raise still_open(early.at or now) from None
    except NoBox:
        raise never_confirmed() from None
    await append_log(session, round_id)
    if before is None:
        record(session, me, Act.COUNT_BALLOTS, round_, Deed.BOX_CLOSED, now=now)
    return closed


async def ask_opening(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """One officer asks for the opening of a closed box whose key the service holds; another one opens it."""
    round_ = await get_closed_round(session, me, round_id, now)
    if await find_key(session, round_id):
        raise Refusal(_("Trustees hold this round's key. Fetch the export for them."))
    if asked := await find_opening(session, round_id):
        raise Refusal(
            _("%(name)s has asked for the opening already. Another officer opens the box.")
            % {"name": name_of(asked.asker)}
        )
    session.add(Opening(round_id=round_id, asked_by=me.id, asked_at=now))
    record(session, me, Act.COUNT_BALLOTS, round_, Deed.OPENING_ASKED, now=now)


async def open_ballots(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Open the box with the key that the service holds; the officer is another one than who asked for it."""
    round_ = await get_closed_round(session, me, round_id, now)
    opening = await find_opening(session, round_id)
    if opening is None:
        raise Refusal(_("One officer asks for the opening first, then another one opens the box."))
    if opening.asked_by == me.id:
        raise NotAllowed(_("You asked for the opening yourself. Another officer of the service opens the box."))
    with in_words():
        rules, sealed = get_rules(round_), await box.take_envelopes(session, round_id)
        key = await opening_key(session, round_id)
        outcome = await asyncio.to_thread(rehearse, rules, key)
        found = await asyncio.to_thread(open_envelopes, key, round_id, rules.papers_per_voter(), sealed)
        await store(session, me, round_, opening, found, outcome.ballots, now, me.id)


async def export_envelopes(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> bytes:
    """The closed box as a file that the trustees open elsewhere."""
    round_ = await get_closed_round(session, me, round_id, now)
    if await find_key(session, round_id) is None:
        raise Refusal(_("The service holds this round's key. Two officers open the box here."))
    with in_words():
        export = await get_export(session, round_id, round_.rules or "")
    record(session, me, Act.COUNT_BALLOTS, round_, Deed.BOX_EXPORTED, now=now)
    return export


async def take_opened(session: AsyncSession, me: Person | None, round_id: UUID, content: bytes, now: datetime) -> None:
    """Store what the trustees have opened with two shares. Raises FieldErrors for a file that is not that."""
    round_ = await get_closed_round(session, me, round_id, now)
    key = await find_key(session, round_id)
    if key is None:
        raise Refusal(_("The service holds this round's key. Two officers open the box here."))
    with in_words():
        export = await get_export(session, round_id, round_.rules or "")
        try:
            made = await asyncio.to_thread(read_opened, content, export, get_rules(round_), key.signing_key)
        except NotAccepted as refused:
            raise FieldErrors(file=file_sentence(refused)) from None
        opening = Opening(round_id=round_id, asked_by=me.id, asked_at=now)
        try:
            await store(session, me, round_, opening, made.opened, made.rehearsed, now)
        except ValueError:
            raise FieldErrors(
                file=_("What this file holds does not fit the box. Nothing was stored. Tell the auditor.")
            ) from None


async def get_closed_round(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> Round:
    """A round whose box is closed and not opened, locked for the opening. Raises Refusal."""
    round_ = await get_voted_round(session, me, Act.COUNT_BALLOTS, round_id, now)
    opening = await find_opening(session, round_id)
    if opening is not None and opening.opened_at is not None:
        raise already_opened()
    with in_words():
        if (await box.get_box(session, round_id)).closed_at is None:
            raise StillOpen
    return round_


async def store(
    session: AsyncSession,
    me: Person,
    round_: Round,
    opening: Opening,
    found: Opened,
    rehearsed: int,
    now: datetime,
    opener: UUID | None = None,
) -> None:
    """Keep the opened ballots, what the opening found, and the second officer, where one opened the box."""
    await box.store_opened(session, round_.id, found)  # refused before anything is written
    session.add(opening)
    superseded = await box.count_superseded(session, round_.id)
    opening.opened_by, opening.opened_at, opening.rehearsed = opener, now, rehearsed
    opening.final, opening.superseded, opening.void = len(found.ballots), superseded, len(found.void)
    await session.flush()  # before any count of this transaction, which needs it
    record(session, me, Act.COUNT_BALLOTS, round_, Deed.BOX_OPENED, str(opening.final), now=now)
    if opening.void:
        record(session, me, Act.COUNT_BALLOTS, round_, Deed.ENVELOPES_VOID, str(opening.void), now=now)


async def opening_key(session: AsyncSession, round_id: UUID) -> bytes:
    """The round's private key, if it is the right one. Raises Refusal with what to do."""
    try:
        key = keys.read_key("opening", round_id)
    except MissingKey:
        raise Refusal(
            _("The round's key is missing from the secrets directory. Restore it from its copy, then open the box.")
        ) from None
    right = await box.get_box(session, round_id)
    if public_half(key) != right.public_key:
        path = keys.key_path("opening", round_id)
        wrong = _(
            "The key %(file)s in the secrets directory is not this round's, whose fingerprint begins with "
            "%(right)s. Nothing was opened. Restore it from its copy, then open the box."
        )
        raise Refusal(wrong % {"file": f"{path.parent.name}/{path.name}", "right": right.fingerprint[:12]})
    return key


async def closed_at(session: AsyncSession, round_id: UUID) -> datetime | None:
    """When the round's box was closed; None while it is open or not made yet."""
    try:
        return (await box.get_box(session, round_id)).closed_at
    except NoBox:
        return None


def name_of(person: Person | None) -> str:
    return person.name or person.email if person else "–"


def already_opened() -> Refusal:
    return Refusal(_("The box has been opened already."))


@contextmanager
def in_words() -> Iterator[None]:
    """What the box or the rehearsal refuses, as a Refusal with what to do."""
    try:
        yield
    except StillOpen:
        raise Refusal(_("Close the ballot box first.")) from None
    except NoBox:
        raise never_confirmed() from None
    except AlreadyOpened:
        raise already_opened() from None
    except RehearsalFailed as failed:
        raise Refusal(
            _("The rehearsal before the opening failed (%(why)s). Nothing was opened. Tell the auditor.")
            % {"why": failed}
        ) from None
    except NotLogged as strange:
        raise Refusal(
            _("The envelope %(leaf)s is in the box but not in the log. Nothing was opened. Tell the auditor.")
            % {"leaf": str(strange)[:12]}
        ) from None
