"""What a visitor writes, and what staff answer."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from pb.forms import Blank, Email, KeyForm, Text


class FeedbackForm(KeyForm):
    text: Text
    page: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    email: Annotated[Email | None, Blank] = None
    accessibility: bool = False


class AnswerForm(BaseModel):
    answer: Text
