"""Putting people on the roll, and the codes that let them in."""

import hashlib
import hmac
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ballots.codes import new_code, read_code, show_code
from pb import keys
from pb.audit import Deed
from pb.city.queries import get_area
from pb.errors import FieldErrors, Refusal, TooMany
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, require
from pb.roll.forms import RollForm
from pb.roll.models import Voter, VotingCode, WrongGuesses
from pb.roll.queries import count_wrong_guesses, find_voter
from pb.rounds.models import Round
from pb.rounds.queries import get_round
from pb.rounds.service import record
from pb.settings import get_settings

SLOT_SECONDS = 600
SHARED_MINUTES = 20  # a pass that a shared device could not drop is soon worth nothing


def code_hmac(round_id: UUID, code: str) -> bytes:
    """How a round's code is stored; without the secrets directory nobody can try codes against the table."""
    return hmac.new(keys.read_key("code", round_id), code.encode(), hashlib.sha256).digest()


def person_ref(round_id: UUID, submission: UUID, n: int) -> UUID:
    """The nth reference of one sent form: random to everybody without the key, the same if the form comes twice."""
    mac = hmac.new(keys.read_key("code", round_id), f"{submission}|{n}".encode(), hashlib.sha256).digest()
    return UUID(bytes=mac[:16], version=4)


async def get_open_roll(session: AsyncSession, me: Person | None, round_id: UUID, now: datetime) -> Round:
    round_ = await get_round(session, round_id, for_act=True)
    require(me, Act.MANAGE_ROLL, round_.scope, round_.windows, now=now)
    if round_.published_at is not None:
        raise Refusal(_("The result has been published. The roll no longer changes."))
    return round_


async def add_voters(
    session: AsyncSession, me: Person | None, round_id: UUID, form: RollForm, now: datetime
) -> list[str]:
    """Add `form.number` voters of an area, each with a code. The codes are returned once and never again.

    Raises Refusal if this very form has come before: a second press must not add the voters twice.
    """
    round_ = await get_open_roll(session, me, round_id, now)
    if form.area_id:
        await get_area(session, form.area_id)
    codes = [new_code() for _voter in range(form.number)]
    refs = [person_ref(round_id, form.submission, n) for n, _code in enumerate(codes)]
    voters = [{"round_id": round_id, "person_ref": ref, "area_id": form.area_id} for ref in sorted(refs)]
    try:
        async with session.begin_nested():
            await session.execute(insert(Voter), voters)
    except IntegrityError:
        raise Refusal(_("These codes have been made already. Go back to the page that shows them.")) from None
    # Each table in the order of its own random column, so that no row's place tells the place on the printed list.
    rows = [
        {"round_id": round_id, "code_hmac": code_hmac(round_id, code), "person_ref": ref}
        for code, ref in zip(codes, refs, strict=True)
    ]
    await session.execute(insert(VotingCode), sorted(rows, key=lambda row: row["code_hmac"]))
    record(session, me, Act.MANAGE_ROLL, round_, Deed.VOTERS_ADDED, str(form.number), now=now)
    return [show_code(code) for code in codes]


async def replace_code(session: AsyncSession, me: Person | None, round_id: UUID, text: str, now: datetime) -> str:
    """Revoke a lost code and give the same person a new one; a vote already cast stays theirs.

    Raises FieldErrors if the code is not on the roll.
    """
    round_ = await get_open_roll(session, me, round_id, now)
    wrong = _("This code is not on the roll, or has been revoked already.")
    try:
        stored = code_hmac(round_id, read_code(text))
    except ValueError:
        raise FieldErrors(code=wrong) from None
    found = await session.scalar(
        select(VotingCode)
        .where(VotingCode.round_id == round_id, VotingCode.code_hmac == stored, VotingCode.revoked_at.is_(None))
        .with_for_update()
    )
    if found is None:
        raise FieldErrors(code=wrong)
    fresh = new_code()
    found.revoked_at = now
    session.add(VotingCode(round_id=round_id, code_hmac=code_hmac(round_id, fresh), person_ref=found.person_ref))
    record(session, me, Act.MANAGE_ROLL, round_, Deed.CODE_REPLACED, now=now)
    return show_code(fresh)


async def enter_code(session: AsyncSession, round_id: UUID, text: str, source: str, now: datetime) -> bytes | None:
    """The stored form of a good code, or None, said alike for revoked, unknown and mistyped ones.

    Wrong tries from one source are counted in ten-minute slots. Raises TooMany above the limit, whatever the
    code; the caller commits, so that a wrong try counts. Tries from one source wait for each other's commit, so
    that no more get through side by side than one after the other.
    """
    slot = datetime.fromtimestamp(now.timestamp() // SLOT_SECONDS * SLOT_SECONDS, UTC)
    source_hmac = hmac.new(keys.web_key(), b"guess|" + source.encode(), hashlib.sha256).digest()
    await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(source_hmac[:8], "big", signed=True))))
    if await count_wrong_guesses(session, source_hmac, slot) >= get_settings().code_guesses:
        raise TooMany(_("Too many wrong codes were tried here. Wait ten minutes, then try again, or ask for help."))
    try:
        stored = code_hmac(round_id, read_code(text))
    except ValueError:
        stored = b""
    if await find_voter(session, round_id, stored):
        return stored
    await session.execute(delete(WrongGuesses).where(WrongGuesses.slot < slot))
    count = upsert(WrongGuesses).values(source_hmac=source_hmac, slot=slot, tries=1)
    await session.execute(
        count.on_conflict_do_update(index_elements=["source_hmac", "slot"], set_={"tries": WrongGuesses.tries + 1})
    )
    return None


def pass_minutes(*, shared: bool = False) -> int:
    minutes = get_settings().vote_minutes
    return min(minutes, SHARED_MINUTES) if shared else minutes


def make_pass(round_id: UUID, code_hmac: bytes, now: datetime, *, shared: bool = False) -> str:
    """What the voter's browser keeps for `pass_minutes` after a good code, signed; `shared` on a shared device."""
    expires = int(now.timestamp()) + pass_minutes(shared=shared) * 60
    return keys.sign(pass_purpose(shared), f"{round_id}|{code_hmac.hex()}|{expires}")


def pass_purpose(shared: bool) -> str:
    """Two kinds, so that a pass from before a device was shared lets nobody in once it is, nor the other way round."""
    return "voter|shared" if shared else "voter"


def pass_ends(signed: str) -> datetime:
    """When a pass that `make_pass` made runs out."""
    return datetime.fromtimestamp(int(signed.rpartition(".")[0].rpartition("|")[2]), UTC)


def read_pass(round_id: UUID, signed: str, now: datetime, *, shared: bool = False) -> bytes | None:
    """The stored form of the code that a pass of this round was made for, or None if its time is up."""
    of_round, code, expires = (keys.unsign(pass_purpose(shared), signed) or "||0").split("|")
    return bytes.fromhex(code) if of_round == str(round_id) and int(expires) > now.timestamp() else None
