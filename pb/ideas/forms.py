"""What a resident writes, and what staff answer."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from pb.errors import FieldErrors
from pb.forms import Blank, Line, OptionalText, Text
from pb.language import gettext as _


class IdeaForm(BaseModel):
    title: Line
    description: Text
    area_id: Annotated[UUID | None, Blank] = None  # None: the whole city
    submission: UUID = Field(default_factory=uuid4)  # made with the page, so that a form sent twice is one idea


class DecideForm(BaseModel):
    decision: Literal["publish", "refuse"]
    reason: OptionalText = ""

    def check(self) -> None:
        """Raises FieldErrors for a refusal without its public reason."""
        if self.decision == "refuse" and not self.reason:
            raise FieldErrors(reason=_("Write the reason. It is shown to everybody on the idea's page."))
