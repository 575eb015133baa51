"""Which idea takes this one in, and why."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from pb.errors import FieldErrors
from pb.forms import Blank, Text
from pb.language import gettext as _


class MergeForm(BaseModel):
    into: Annotated[UUID | None, Blank] = None
    reason: Text

    def check(self) -> None:
        """Raises FieldErrors if no idea was chosen."""
        if self.into is None:
            raise FieldErrors(into=_("Choose the idea that takes this one in."))
