"""From checked choices to a sealed envelope in the box."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box, canonical_choices, check_ballot
from ballots.check import Papers
from ballots.codes import new_ballot_code
from ballots.plaintext import encode_ballot
from ballots.seal import OVERHEAD, box_ref, seal_ballot
from ballots.types import AlreadyOnPaper, BoxRefusal, ChangedElsewhere, NotOpenYet, VotingClosed
from pb import keys
from pb.errors import Refusal, WrongPhase
from pb.language import gettext as _
from pb.language import show_moment
from pb.permissions import Phase
from pb.rounds.models import Round
from pb.voting.forms import Choices
from pb.voting.queries import OnRoll, is_open


@dataclass(frozen=True)
class Ticket:
    """What the confirm page carries: one submission, its ballot code, and the version it replaces."""

    submission: UUID
    code: str
    seen: int

    def signed(self, voter: OnRoll) -> str:
        return keys.sign(purpose(voter), f"{self.submission}|{self.code}|{self.seen}")


def purpose(voter: OnRoll) -> str:
    return f"ticket|{voter.round_id}|{voter.person_ref}"


def read_ticket(signed: str, voter: OnRoll) -> Ticket:
    """The ticket made for this voter. Raises Refusal for one that was made up or is somebody else's."""
    text = keys.unsign(purpose(voter), signed)
    if text is None:
        raise Refusal(_("This page was not made for your ballot. Start again from the ballot."))
    submission, code, seen = text.split("|")
    return Ticket(UUID(submission), code, int(seen))


def keep_code(voter: OnRoll, ticket: Ticket, receipt: box.Receipt) -> str:
    """The ballot code as the voter's browser keeps it for their receipt page: good for them and this envelope only."""
    return keys.sign(f"{purpose(voter)}|{receipt.leaf.hex()}", ticket.code)


def kept_code(voter: OnRoll, receipt: box.Receipt, kept: str) -> str | None:
    """The code that `keep_code` was given, or None for another voter's, an earlier ballot's or a made-up one."""
    return keys.unsign(f"{purpose(voter)}|{receipt.leaf.hex()}", kept)


def own_ref(voter: OnRoll) -> bytes:
    return box_ref(keys.read_key("box", voter.round_id), voter.person_ref)


async def own_envelope(session: AsyncSession, voter: OnRoll) -> box.Receipt | None:
    """The voter's envelope; None before they have cast."""
    return await box.own_envelope(session, voter.round_id, own_ref(voter))


async def seen_version(session: AsyncSession, voter: OnRoll) -> int:
    """How many times this voter has cast; 0 for not yet."""
    own = await own_envelope(session, voter)
    return own.version if own else 0


async def make_ticket(session: AsyncSession, voter: OnRoll) -> Ticket:
    """A ticket for the confirm page; its code is fixed here, so that a repeated submit keeps it."""
    return Ticket(uuid4(), new_ballot_code(), await seen_version(session, voter))


def require_open(round_: Round, now: datetime) -> None:
    """Raises WrongPhase, with the day, unless residents may vote now. The box asks the database once more."""
    if is_open(round_, now):
        return
    voting = round_.window(Phase.VOTING)
    if voting is not None and now >= voting.closes:
        raise closed(voting.closes)
    if voting is not None and now < voting.opens:
        raise not_open_yet(voting.opens)
    raise WrongPhase(_("Voting has not been opened. The round's page lists the dates."))


def closed(at: datetime) -> WrongPhase:
    return WrongPhase(_("Voting closed on %(at)s. This vote can no longer be cast.") % {"at": show_moment(at)})


def not_open_yet(at: datetime) -> WrongPhase:
    return WrongPhase(_("Voting opens on %(at)s. Come back then with your code.") % {"at": show_moment(at)})


async def cast_ballot(
    session: AsyncSession,
    papers: Papers,
    voter: OnRoll,
    choices: Choices,
    ticket: Ticket,
    channel: str = "code",
    entered: box.Box | None = None,
) -> box.Receipt:
    """Check, seal and cast the whole ballot in one statement; answered only after the commit.

    `papers` are those of the voter's area, or where voters choose, of the chosen one.
    `entered` is the box if an earlier statement of the transaction holds its lock. Raises InvalidBallot, or a Refusal
    that says what to do. The same ticket again gives the same receipt.
    """
    if not papers:
        raise Refusal(_("There is no ballot for your area in this round"))
    check_ballot(papers, choices)
    place = entered or await box.get_box(session, voter.round_id)
    length = place.envelope_bytes - OVERHEAD
    plaintext = encode_ballot(voter.round_id, ticket.code, canonical_choices(papers, choices), length)
    ciphertext, ref = seal_ballot(place.public_key, voter.round_id, plaintext), own_ref(voter)
    try:
        return await box.cast_envelope(
            session, voter.round_id, ref, ciphertext, ticket.submission, ticket.seen, channel, entered is not None
        )
    except BoxRefusal as refused:
        raise in_words(refused) from None


def in_words(refused: BoxRefusal) -> Refusal:
    match refused:
        case VotingClosed(at=at) if at:
            return closed(at)
        case NotOpenYet(at=at) if at:
            return not_open_yet(at)
        case ChangedElsewhere():
            return Refusal(
                _("Your vote was changed in another window. That newer vote stands. To change it, start again.")
            )
        case AlreadyOnPaper():
            return Refusal(_("You have already voted on paper. That vote stands."))
        case _:
            return Refusal(_("Voting has not been opened. The round's page lists the dates."))
