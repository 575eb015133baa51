"""What people write of an idea, what they report, and what staff decide."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from pb.errors import FieldErrors
from pb.forms import KeyForm, OptionalLine, OptionalText
from pb.language import gettext as _
from pb.people.models import ShownName


class CommentForm(KeyForm):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    shown_name: ShownName = ShownName.AREA
    name: OptionalLine = ""  # of an account without one
    as_staff: bool = False

    def check(self, known: str) -> None:
        """Raises FieldErrors where a name is to be shown and neither the account (`known`) nor the form has one."""
        if self.shown_name is not ShownName.AREA and not (known or self.name):
            raise FieldErrors(name=_("Write your name, or choose not to show it."))


class FlagForm(BaseModel):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ModerateForm(BaseModel):
    decision: Literal["hide", "keep"]
    reason: OptionalText = ""

    def check(self) -> None:
        """Raises FieldErrors for hiding without a public reason."""
        if self.decision == "hide" and not self.reason:
            raise FieldErrors(reason=_("Write the reason. It is shown to everybody in place of the text."))
