"""Where mail goes: a folder, a server or GOV.UK Notify, as the settings say."""

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from services.deadlines.outside.mail_folder import MailFolder
from services.deadlines.outside.mail_notify import GovUkNotify
from services.deadlines.outside.mail_smtp import MailServer


class MailTransport(Protocol):
    """Takes a mail over, or raises; `again` says that this mail may have been taken over before."""

    async def send(self, message: EmailMessage, *, again: bool = False) -> None: ...


def mail_transport(url: str) -> MailTransport:
    """`folder:///var/mails`, `smtp://host:25`, `smtps://user:password@host` or `notify://…`."""
    parts = urlsplit(url)
    if parts.scheme == "folder":
        return MailFolder(Path(unquote(f"{parts.netloc}{parts.path}")))
    if parts.scheme in {"smtp", "smtps"}:
        return MailServer(parts)
    if parts.scheme == "notify" or (parts.scheme == "notify+http" and _is_near(parts.hostname)):
        return GovUkNotify(parts)
    raise ValueError("SCRUTINY_MAIL_URL must begin with folder://, smtp://, smtps:// or notify://")


def _is_near(host: str | None) -> bool:
    """A key never leaves this machine in clear."""
    return host in {"127.0.0.1", "localhost"}
