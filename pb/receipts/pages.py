"""The receipt: it says that the vote is in, and nothing of what it says or when it came."""

from typing import Any

from litestar import Controller, get
from litestar.di import Provide
from litestar.response import Redirect, Template

from ballots.codes import show_code
from pb.errors import NotFound
from pb.language import gettext as _
from pb.log.queries import proof_as_data
from pb.permissions import Phase
from pb.voting.pages import ThisBooth, address, provide_booth
from pb.voting.service import is_open, kept_code, own_envelope


class ReceiptPages(Controller):
    path = "/rounds/{round_id:uuid}/vote"
    dependencies = {"here": Provide(provide_booth, sync_to_thread=False)}

    @get("/receipt")
    async def receipt(self, here: ThisBooth) -> Template | Redirect:
        """Names no choice, as somebody may look over the shoulder; the code only in the browser that has just cast."""
        round_, voter = await here.enter()
        if voter is None:
            return Redirect(address(round_.id), status_code=303)
        own = await own_envelope(here.session, voter)
        if own is None:
            return Redirect(address(round_.id, "/ballot"), status_code=303)
        code = kept_code(voter, own, here.request.cookies.get("ballot", ""))
        context = {
            "round": round_,
            "own": own,
            "code": show_code(code) if code else "",
            "proof": await proof_as_data(here.session, round_.id, own.leaf),
            "voting": round_.window(Phase.VOTING),
            "results": round_.window(Phase.RESULTS),
            "open": is_open(round_, here.now),
        }
        return Template("receipts/receipt.html", context=context)

    @get("/receipt.json")
    async def receipt_file(self, here: ThisBooth) -> dict[str, Any]:
        """The proof that the voter's envelope is in the log; it names neither the voter nor a choice."""
        round_, voter = await here.enter()
        own = await own_envelope(here.session, voter) if voter else None
        proof = await proof_as_data(here.session, round_.id, own.leaf) if own else None
        if proof is None:
            raise NotFound(_("There is no proof for you yet. Open your receipt with your voting code and try again."))
        return proof
