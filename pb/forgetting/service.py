"""`pb forget`: what could still link a person to a choice is destroyed, once nobody can appeal any more."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ballots import box, log
from ballots.seal import sign
from pb import audit, keys
from pb.audit import Deed
from pb.bundle.models import as_json
from pb.bundle.service import get_bundle
from pb.errors import Refusal
from pb.forgetting.models import Forgotten
from pb.forgetting.queries import find_forgotten
from pb.language import gettext as _
from pb.language import show_date
from pb.opening.queries import find_opening
from pb.rounds.models import Round
from pb.rounds.queries import get_round
from pb.settings import get_settings
from pb.traffic.service import forget_traffic
from pb.trustees.queries import find_key
from pb.verification.service import verify_bundle

SECRETS = ("opening", "box", "source")  # a trustee-held opening key was never here: its sheets are destroyed by hand


async def forget_round(session: AsyncSession, round_id: UUID, now: datetime) -> None:
    """Destroy the round's envelopes and keep a signed record of it, once its bundle is made and verified.

    The caller commits, then destroys the keys (`destroy_keys`): in this order a kill in between can be mended by
    doing it again. Raises Refusal before the time to appeal is over.
    """
    round_ = await get_round(session, round_id, for_act=True)
    if await find_forgotten(session, round_id):
        return
    if round_.published_at is None:
        raise Refusal(_("The result has not been published yet."))
    if now < (until := round_.published_at + timedelta(days=get_settings().appeal_days)):
        raise Refusal(
            _("An appeal against the result is possible until %(day)s. Forget the round after that.")
            % {"day": show_date(until)}
        )
    session.add(Forgotten(round_id=round_id, at=now, record=await make_record(session, round_, now)))
    await session.flush()
    await box.forget_envelopes(session, round_id)
    await forget_traffic(session, round_id)
    audit.record(session, None, None, Deed.ROUND_FORGOTTEN, round_.title, now=now)


async def make_record(session: AsyncSession, round_: Round, now: datetime) -> str:
    """What is destroyed and what stays, signed with the key of the round's log. Raises Refusal for a faulty bundle."""
    path = await get_bundle(session, round_)
    content = await asyncio.to_thread(path.read_bytes)
    if faults := (await asyncio.to_thread(verify_bundle, content, None)).faults:
        raise Refusal(
            _("The round's bundle does not verify (%(fault)s). Nothing was destroyed. Tell the auditor.")
            % {"fault": faults[0]}
        )
    head, opening = (await log.list_heads(session, round_.id))[-1], await find_opening(session, round_.id)
    assert opening is not None
    own_key = [] if await find_key(session, round_.id) else ["opening key"]  # trustees destroy their sheets
    record = {
        "v": 1,
        "round": str(round_.id),
        "at": now.isoformat(),
        "destroyed": ["envelopes", "counts by source", "box key", "source key", *own_key],
        "final": opening.final,
        "superseded": opening.superseded,
        "void": opening.void,
        "root": head.root.hex(),
        "bundle": hashlib.sha256(content).hexdigest(),
    }
    signature = sign(keys.read_key("log", round_.id), b"pb/forgotten/v1|" + as_json(record))
    return as_json({**record, "signature": signature.hex()}).decode()


def destroy_keys(round_id: UUID) -> list[str]:
    """Overwrite and remove the round's keys that could open or link an envelope; which there were."""
    return [purpose for purpose in SECRETS if keys.destroy_key(purpose, round_id)]
