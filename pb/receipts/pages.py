"""After the cast: the receipt, which says that the vote is in and nothing of what it says, and leaving."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import Provide
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from ballots import box
from ballots.codes import show_code
from pb.booth.pages import Booth, ThisBooth, address, clean_device, cookie, forget_voter, provide_booth
from pb.dependencies import Form
from pb.errors import FieldErrors, NotFound, TooMany
from pb.forms import read_form
from pb.language import gettext as _
from pb.log.queries import proof_as_data
from pb.pages import kiosk_of
from pb.permissions import Phase
from pb.receipts.forms import MailForm
from pb.receipts.service import ask_mail
from pb.rounds.models import Round
from pb.settings import get_settings
from pb.voting.queries import OnRoll, is_open
from pb.voting.service import kept_code, own_envelope


class ReceiptPages(Controller):
    path = "/rounds/{round_id:uuid}/vote"
    dependencies = {"here": Provide(provide_booth, sync_to_thread=False)}

    @get("/receipt")
    async def receipt(self, here: ThisBooth, mailed: FromQuery[str] = "") -> Template | Redirect:
        """Names no choice, as somebody may look over the shoulder; the code only in the browser that has just cast."""
        round_, voter = await here.enter()
        if voter is None:
            return Redirect(address(round_.id), status_code=303)
        own = await own_envelope(here.session, voter)
        if own is None:
            return Redirect(address(round_.id, "/ballot"), status_code=303)
        return await receipt_page(here, round_, voter, own, mailed=bool(mailed))

    @post("/receipt")
    async def mail(self, here: ThisBooth, form: Form) -> Template | Redirect:
        """Send it to the address given. A shared device offers paper only, so that no address is typed there."""
        round_, voter = await here.enter()
        own = await own_envelope(here.session, voter) if voter else None
        if voter is None or own is None or here.kiosk:
            return Redirect(address(round_.id), status_code=303)
        try:
            await ask_mail(here.session, voter, own.leaf, read_form(MailForm, form).email)
        except FieldErrors as wrong:
            typed = str(form.get("email", ""))[:200]
            return await receipt_page(here, round_, voter, own, errors=wrong.errors, email=typed, status=422)
        except TooMany as refusal:
            return await receipt_page(here, round_, voter, own, errors={"email": refusal.message}, status=429)
        return Redirect(address(round_.id, "/receipt?mailed=yes"), status_code=303)

    @get("/receipt.json")
    async def receipt_file(self, here: ThisBooth) -> dict[str, Any]:
        """The proof that the voter's envelope is in the log; it names neither the voter nor a choice."""
        round_, voter = await here.enter()
        own = await own_envelope(here.session, voter) if voter else None
        proof = await proof_as_data(here.session, round_.id, own.leaf) if own else None
        if proof is None:
            raise NotFound(_("There is no proof for you yet. Open your receipt with your voting code and try again."))
        return proof

    @post("/leave")
    async def leave(self, here: ThisBooth) -> Redirect:
        """For shared devices: forget the voter and go to the round's page, in a kiosk to the start of its round.

        A kiosk asks the database nothing, so that it is left whatever has become of the round or the database.
        """
        if own := kiosk_of(here.request):
            answer = Redirect(address(UUID(own)), status_code=303)
            clean_device(answer, here.round_id, UUID(own))
            return answer
        round_ = await here.get_round()
        answer = Redirect(f"/rounds/{round_.id}", status_code=303)
        forget_voter(answer, round_.id)
        # A kiosk needs none of this: it sends no choices once more.
        answer.set_cookie(cookie(round_.id, "left", "yes", 24 * 3600))
        return answer


async def receipt_page(
    here: Booth,
    round_: Round,
    voter: OnRoll,
    own: box.Receipt,
    *,
    mailed: bool = False,
    errors: dict[str, str] | None = None,
    email: str = "",
    status: int = 200,
) -> Template:
    code = kept_code(voter, own, here.request.cookies.get("ballot", ""))
    context = {
        "round": round_,
        "own": own,
        "code": show_code(code) if code else "",
        "proof": await proof_as_data(here.session, round_.id, own.leaf),
        "voting": round_.window(Phase.VOTING),
        "results": round_.window(Phase.RESULTS),
        "open": is_open(round_, here.now),
        "log_address": f"{get_settings().address}/rounds/{round_.id}/log",
        "mailed": mailed,
        "errors": errors or {},
        "values": {"email": email},
    }
    return Template("receipts/receipt.html", context=context, status_code=status)
