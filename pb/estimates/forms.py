"""What an estimator writes of an idea."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from pb.errors import FieldErrors
from pb.forms import Blank, Cents, Text
from pb.language import gettext as _


class EstimateForm(BaseModel):
    feasible: Literal["yes", "no"]
    reason: Text
    cost: Annotated[Annotated[Cents, Field(gt=0)] | None, Blank] = None
    allocation_id: Annotated[UUID | None, Blank] = None

    def check(self) -> None:
        """Raises FieldErrors for a feasible idea without its cost or its place on a ballot."""
        if self.feasible == "no":
            return
        errors = {}
        if self.cost is None:
            errors["cost"] = _("Write what it costs. A feasible idea needs a cost.")
        if self.allocation_id is None:
            errors["allocation_id"] = _("Choose whose money pays for it.")
        if errors:
            raise FieldErrors(**errors)
