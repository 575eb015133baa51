"""What authors write: new words, an invitation, an answer to one."""

from typing import Literal

from pydantic import BaseModel

from pb.forms import Email, Line, OptionalLine, Text
from pb.people.models import ShownName


class EditForm(BaseModel):
    title: Line
    description: Text
    changes: int = 0  # how many there had been when the form was made, so that nobody's words are lost unseen


class InviteForm(BaseModel):
    email: Email


class JoinForm(BaseModel):
    answer: Literal["accept", "leave"]
    shown_name: ShownName = ShownName.AREA
    name: OptionalLine = ""
    unnamed: bool = False
