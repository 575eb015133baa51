"""What a resident writes, and what staff answer."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel

from pb.errors import FieldErrors
from pb.forms import Blank, Line, OptionalText, Text
from pb.language import gettext as _


class IdeaForm(BaseModel):
    title: Line
    description: Text
    area_id: Annotated[UUID | None, Blank] = None  # None: the whole city


class DecideForm(BaseModel):
    decision: Literal["publish", "refuse"]
    reason: OptionalText = ""

    def check(self) -> None:
        """Raises FieldErrors for a refusal without its public reason."""
        if self.decision == "refuse" and not self.reason:
            raise FieldErrors(reason=_("Write the reason. It is shown to everybody on the idea's page."))
