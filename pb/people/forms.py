"""What a person says of themselves."""

from enum import StrEnum

from pydantic import BaseModel

from pb.forms import Email, OptionalLine
from pb.language import CHOICES

Language = StrEnum("Language", {code.upper().replace("-", "_"): code for code in CHOICES})


class SignInForm(BaseModel):
    email: Email
    then: str = "/"


class ProfileForm(BaseModel):
    name: OptionalLine = ""
    unnamed: bool = False  # the name is never shown
    language: Language  # of mails
