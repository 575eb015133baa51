"""Mail: by SMTP, or printed on the console where no server is set."""

import logging
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import Policy

import aiosmtplib

from pb.settings import get_settings

log = logging.getLogger("pb.mail")


def one_line(text: str) -> str:
    """`text` without line breaks and other control characters, so that it can end no header and begin none."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


class Plain(str):
    """A header for machines, written as it is: never folded, and never encoded as words of a language would be."""

    def __new__(cls, name: str, value: str) -> "Plain":
        made = super().__new__(cls, one_line(value))
        made.name = name
        return made

    name: str

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class MailFailed(Exception):
    """The mail server did not take a mail. It does not say to whom: logs keep what it says."""


def without_address(error: aiosmtplib.SMTPException) -> str:
    """What went wrong, by the client's name for it and the server's three digits (RFC 5321, section 4.2.1)."""
    each = error.recipients if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else [error]
    codes = [str(one.code) for one in each if isinstance(one, aiosmtplib.SMTPResponseException)]
    return " ".join([type(error).__name__, *codes])


async def send_mail(to: str, subject: str, body: str, headers: Mapping[str, str] | None = None) -> None:
    """Send one plain-text mail; `headers` are further ones, in ASCII.

    Raises MailFailed if the server does not take it; the job is then logged as failed.
    """
    settings, subject = get_settings(), one_line(subject).replace("=?", "= ?")  # no encoded word: it would be decoded
    if not settings.smtp_host:
        print(f"--- mail to {to}: {subject}\n{body}\n---", flush=True)
        return
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message.set_content(body)
    for name, value in (headers or {}).items():
        message[name] = Plain(name, value)
    try:
        await aiosmtplib.send(message, hostname=settings.smtp_host, port=settings.smtp_port, timeout=30)
    except aiosmtplib.SMTPException as error:
        raise MailFailed(without_address(error)) from None  # so that no trace of it shows the address
    log.info("mail sent")
