"""What a clerk writes of the roll."""

from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from pb.forms import Blank, Line


class RollForm(BaseModel):
    area_id: Annotated[UUID | None, Blank] = None
    number: Annotated[int, Field(ge=1, le=20_000)]
    submission: UUID = Field(default_factory=uuid4)  # made with the page, so that a form sent twice is known


class CodeForm(BaseModel):
    code: Line
