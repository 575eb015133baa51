"""What a visitor writes, and what staff answer."""

from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field, StringConstraints

from pb.forms import Blank, Email, Text


class FeedbackForm(BaseModel):
    text: Text
    page: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    email: Annotated[Email | None, Blank] = None
    accessibility: bool = False
    submission: UUID = Field(default_factory=uuid4)  # made with the page, so that a form sent twice is one message


class AnswerForm(BaseModel):
    answer: Text
