"""Where mail goes: a folder or a server, as the settings say."""

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from services.deadlines.outside.mail_folder import MailFolder
from services.deadlines.outside.mail_smtp import MailServer


class MailTransport(Protocol):
    """Takes a mail over, or raises; `again` says that this mail may have been taken over before."""

    async def send(self, message: EmailMessage, *, again: bool = False) -> None: ...


def mail_transport(url: str) -> MailTransport:
    """`folder:///var/mails`, `smtp://host:25` or `smtps://user:password@host`."""
    parts = urlsplit(url)
    if parts.scheme == "folder":
        return MailFolder(Path(unquote(f"{parts.netloc}{parts.path}")))
    if parts.scheme in {"smtp", "smtps"}:
        return MailServer(parts)
    raise ValueError("SCRUTINY_MAIL_URL must begin with folder://, smtp:// or smtps://")
