"""What an officer writes to amend a confirmed ballot; each reason is public."""

from pydantic import BaseModel

from pb.forms import Moment, Text


class ExtendForm(BaseModel):
    closes: Moment
    reason: Text


class ReasonForm(BaseModel):
    reason: Text


class CorrectForm(BaseModel):
    summary: Text
    reason: Text
