"""The receipt by mail. It tells the envelope's name in the log, and neither a choice nor the ballot code.

The address goes into the job that sends this one mail, beside the public name of an envelope, and into no table with
votes. How many mails were asked for is counted in memory only: a table of it would tie voters to addresses and times.
So the limit holds in each server process, until it starts again.
"""

from collections import Counter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pb import jobs
from pb.errors import TooMany
from pb.language import chosen_language, in_language, show_moment
from pb.language import gettext as _
from pb.log.queries import proof_as_data
from pb.mail import send_mail
from pb.permissions import Phase
from pb.rounds.models import Round
from pb.rounds.queries import get_round
from pb.settings import get_settings
from pb.voting.queries import OnRoll

MOST_MAILS = 3  # for one voter of a round
ASKED: Counter[tuple[UUID, UUID]] = Counter()


async def ask_mail(session: AsyncSession, voter: OnRoll, leaf: bytes, email: str) -> None:
    """Queue the mail. Raises TooMany, so that nobody's mailbox is filled from here."""
    asked = (voter.round_id, voter.person_ref)
    if ASKED[asked] >= MOST_MAILS:
        raise TooMany(_("The receipt has been sent several times already. Print it, or write it down."))
    payload = {"email": email, "round_id": str(voter.round_id), "leaf": leaf.hex(), "language": chosen_language()}
    ASKED[asked] += 1  # before it waits for the database, so that many presses at once do not all pass
    try:
        await jobs.enqueue(session, mail_receipt, **payload)
    except BaseException:
        ASKED[asked] -= 1
        raise


@jobs.job
async def mail_receipt(context: jobs.Context, email: str, round_id: str, leaf: str, language: str) -> None:
    async with context.sessions() as session:
        round_ = await get_round(session, UUID(round_id))
        proof = await proof_as_data(session, round_.id, bytes.fromhex(leaf))
    with in_language(language):
        subject = _("Your receipt: %(round)s") % {"round": round_.title}
        body = receipt_text(round_, leaf, proof)
    await send_mail(email, subject, body)


def receipt_text(round_: Round, leaf: str, proof: dict[str, object] | None) -> str:
    """The mail in the current language."""
    log, voting = f"{get_settings().address}/rounds/{round_.id}/log", round_.window(Phase.VOTING)
    lines = [_("Your vote has been received: %(round)s.") % {"round": round_.title}]
    if voting:
        lines.append(_("You can change it until %(at)s. The last vote counts.") % {"at": show_moment(voting.closes)})
    lines.append(_("The name of your envelope:") + f"\n{leaf}")
    if proof:
        lines.append(_("It is line %(n)s in the public log:") % {"n": int(str(proof["index"])) + 1} + f"\n{log}")
    else:
        lines.append(_("It gets its line in the public log within a minute:") + f"\n{log}")
    lines.append(_("This mail does not tell what you chose."))
    lines.append(_("Your ballot code is not in it: whoever has the code can look up the choices after the count."))
    return "\n\n".join(lines)
