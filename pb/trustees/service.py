"""The key ceremony, the trial of its shares, and the opening with two of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ballots.seal import new_key
from ballots.shares import SHARES, join_shares, split_key
from ballots.types import BadShare
from pb import pdf
from pb.audit import Deed
from pb.errors import FieldErrors, Refusal
from pb.language import gettext as _
from pb.language import in_language
from pb.pages import make_environment
from pb.people.models import Person
from pb.permissions import Act
from pb.rehearsal.rules import RehearsalFailed, check_deck, stand_in
from pb.rounds.rules import Rules, rules_hash
from pb.rounds.service import get_draft, record
from pb.trustees.models import TrusteeKey
from pb.trustees.queries import find_key
from pb.trustees.rules import (
    Ceremony,
    Export,
    NotAccepted,
    OpenedFile,
    ceremony_of,
    is_rehearsal,
    open_export,
    read_export,
    read_opened,
    rehearsal_export,
)


def hold_ceremony(title: str, language: str, made_at: datetime) -> dict[str, bytes]:
    """A new key as files by name: `ceremony.json`, its public half, and a sheet in PDF for each trustee.

    The private half is kept nowhere else.
    """
    private, _public = new_key()
    ceremony = ceremony_of(private)
    files = {"ceremony.json": ceremony.as_bytes()}
    for place, words in enumerate(split_key(private), start=1):
        with in_language(language):
            name = _("Share %(place)s of %(all)s") % {"place": place, "all": SHARES}
            sheet = {"place": place, "all": SHARES, "words": words.split(), "title": title, "name": name}
            sheet |= {"fingerprint": ceremony.fingerprint, "made_at": made_at}
            html = make_environment().get_template("print/share.html").render(sheet)
        files[f"share-{place}.pdf"] = pdf.render_pdf(html, language, name)
    return files


def load_export(content: bytes, now: datetime) -> tuple[Export, Rules]:
    """An export to be opened now. Raises RuntimeError with a sentence."""
    try:
        return read_export(content, now)
    except ValueError as wrong:
        raise RuntimeError(str(wrong)) from None


def describe_export(export: Export, rules: Rules) -> str:
    """What an export is of, to be compared before any share is typed."""
    if is_rehearsal(rules):
        return "A rehearsal: made-up votes only."
    return (
        f"The votes of {rules.title!r}, round {rules.round_id}. By its rules voting closed on "
        f"{rules.closes:%Y-%m-%d %H:%M %Z}.\n"
        f"SHA-256 of the rules: {rules_hash(export.rules).hex()}\n"
        "Compare it with the round's public page, as you saw it before the vote, and with your sheet's round."
    )


def open_with_shares(export: Export, rules: Rules, shares: Sequence[str]) -> tuple[OpenedFile, str]:
    """The signed file of what is in an export, and what was found, in sentences that tell no choice.

    Raises RuntimeError with a sentence that names what is wrong.
    """
    try:
        private = join_shares(shares)
        opened = open_export(export, rules, private)
    except BadShare as bad:
        raise RuntimeError(share_sentence(bad)) from None
    except ValueError as wrong:
        raise RuntimeError(str(wrong)) from None
    except RehearsalFailed as failed:
        raise RuntimeError(f"The rehearsal before the opening failed, so nothing was opened: {failed}.") from None
    return opened, (
        f"{rules.title}: {len(opened.ballots)} ballots opened, {len(opened.void)} envelopes void, "
        f"{export.superseded} casts replaced by a later one of the same voter.\n"
        f"Rehearsed with {opened.rehearsed} made-up ballots. All envelopes are in the log of {len(export.log)} names "
        f"with the root {export.root}: compare it with the round's page of the log.\n"
        f"Fingerprint of the key: {ceremony_of(private).fingerprint}"
    )


def share_sentence(bad: BadShare) -> str:
    match bad.why:
        case "misread":
            return (
                f"Share {bad.place} was misread: a word is wrong, missing or out of place. Compare it with the sheet."
            )
        case "twice":
            return f"Share {bad.place} is the same sheet as one before it. Two different ones are needed."
        case "too few":
            return "One share opens nothing. Two of the three are needed."
        case _:
            return f"Share {bad.place} is of another key than the one before it. Take two sheets of one ceremony."


async def add_key(session: AsyncSession, me: Person | None, round_id: UUID, content: bytes, now: datetime) -> None:
    """Take the public half of a ceremony for a draft, in place of an earlier one. Raises FieldErrors."""
    round_ = await get_draft(session, me, round_id, now)
    try:
        ceremony = Ceremony.model_validate_json(content)
        public, signing = bytes.fromhex(ceremony.key), bytes.fromhex(ceremony.signing_key)
        rehearsal, codes = rehearsal_export(round_id, public)
    except ValueError:  # not such a file, or a key that nothing can be sealed to
        raise FieldErrors(file=_("This is not the file ceremony.json of a key ceremony.")) from None
    if earlier := await find_key(session, round_id):
        await session.delete(earlier)
        await session.flush()
    keys = {"public_key": public, "signing_key": signing, "rehearsal": rehearsal, "rehearsal_codes": codes}
    session.add(TrusteeKey(round_id=round_id, added_at=now, **keys))
    record(session, me, Act.EDIT_ROUND, round_, Deed.TRUSTEES_CHOSEN, ceremony.fingerprint, now=now)


async def drop_key(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> None:
    """Let the service hold a draft's key after all."""
    round_ = await get_draft(session, me, round_id, now)
    if key := await find_key(session, round_id):
        await session.delete(key)
        record(session, me, Act.EDIT_ROUND, round_, Deed.TRUSTEES_DROPPED, now=now)


async def take_rehearsal(
    session: AsyncSession, me: Person | None, round_id: UUID, content: bytes, now: datetime
) -> None:
    """The trustees have opened the made-up ballots with two shares. Raises FieldErrors unless that is so."""
    round_ = await get_draft(session, me, round_id, now)
    key = await find_key(session, round_id)
    if key is None:
        raise Refusal(_("No trustees hold this round's key."))
    rules = stand_in(round_id)
    try:
        made = read_opened(content, key.rehearsal, rules, key.signing_key)
        check_deck(rules, made.opened, key.rehearsal_codes)
    except (NotAccepted, RehearsalFailed) as refused:
        raise FieldErrors(file=file_sentence(refused)) from None
    key.rehearsed_at = now
    record(session, me, Act.EDIT_ROUND, round_, Deed.SHARES_REHEARSED, now=now)


def file_sentence(refused: NotAccepted | RehearsalFailed) -> str:
    """Why a file of the trustees is not taken, and what to do."""
    match refused:
        case NotAccepted(why="unreadable"):
            return _("This is not a file that pb open has written. Send the file whose name begins with opened.")
        case NotAccepted(why="other export"):
            return _("This file was made of another export. Fetch the export here once more and open that one.")
        case NotAccepted(why="not signed"):
            return _("This file was not signed with the trustees' key, or was changed after it was made.")
        case _:
            return _("What this file holds does not fit the ballot. Nothing was stored. Tell the auditor.")
