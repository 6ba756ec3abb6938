"""Mail by SMTP: `smtp://` upgrades to TLS where the server offers it, `smtps://` begins with it."""

from email.message import EmailMessage
from urllib.parse import SplitResult, unquote

import aiosmtplib

SEND_SECONDS = 10.0


class MailServer:
    """One SMTP server. A mail whose answer was lost may be sent twice, with one Message-ID."""

    def __init__(self, url: SplitResult) -> None:
        self._implicit_tls = url.scheme == "smtps"
        self._host = url.hostname or "localhost"
        self._port = url.port or (465 if self._implicit_tls else 25)
        self._user = unquote(url.username) if url.username else None
        self._password = unquote(url.password) if url.password else None

    async def send(self, message: EmailMessage, *, again: bool = False) -> None:  # noqa: ARG002
        """Returns when the server has taken the mail over; raises aiosmtplib's errors otherwise."""
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._implicit_tls,
            timeout=SEND_SECONDS,
        )
