"""Where a voter wants the receipt sent."""

from pydantic import BaseModel

from pb.forms import Email


class MailForm(BaseModel):
    email: Email
