"""An author's reasons, and the officer's answer."""

from pydantic import BaseModel

from pb.appeals.models import AppealOutcome
from pb.forms import Text


class AppealForm(BaseModel):
    text: Text


class AnswerForm(BaseModel):
    outcome: AppealOutcome
    answer: Text
