"""What staff note on a chosen project."""

from datetime import date
from typing import Annotated

from pb.delivery.models import DeliveryState
from pb.errors import FieldErrors
from pb.forms import Blank, Cents, KeyForm, OptionalText
from pb.language import gettext as _


class DeliveryForm(KeyForm):
    state: DeliveryState
    text: OptionalText = ""
    due: Annotated[date | None, Blank] = None
    spent: Cents

    def check(self) -> None:
        """Raises FieldErrors for a project that is stopped without a reason."""
        if self.state is DeliveryState.STOPPED and not self.text:
            raise FieldErrors(text=_("Write why the project was stopped. Everybody sees it."))
