"""Mail: by SMTP, or printed on the console where no server is set."""

import logging
from email.message import EmailMessage

import aiosmtplib

from pb.settings import get_settings

log = logging.getLogger("pb.mail")


async def send_mail(to: str, subject: str, body: str) -> None:
    """Send one plain-text mail. Raises what the SMTP client raises; the job is then logged as failed."""
    settings = get_settings()
    if not settings.smtp_host:
        print(f"--- mail to {to}: {subject}\n{body}\n---", flush=True)
        return
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message.set_content(body)
    await aiosmtplib.send(message, hostname=settings.smtp_host, port=settings.smtp_port, timeout=30)
    log.info("mail sent")
