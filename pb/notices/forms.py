"""What a person says of the mails she gets."""

from pydantic import BaseModel

from pb.notices.models import Pace


class PaceForm(BaseModel):
    pace: Pace
