"""What a person says of themselves."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from pb.forms import Email
from pb.language import CHOICES

Language = StrEnum("Language", {code.upper().replace("-", "_"): code for code in CHOICES})


class SignInForm(BaseModel):
    email: Email
    then: str = "/"


class ProfileForm(BaseModel):
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    unnamed: bool = False  # the name is never shown
    language: Language  # of mails
