"""A real SMTP server (aiosmtpd) on a free port: takes mail over, or refuses it, as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class SmtpServer:
    """What it was given, and how to reach it."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses = False
        # Takes mails over and answers nothing: whoever sent one does not know.
        self.goes_silent = False
        self.port = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's own name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Whether it takes anything now."""
        if self.refuses:
            return "451 not now"
        envelope.mail_from = address
        return "250 fine"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """One mail."""
        content = envelope.content
        self.mails.append(message_from_bytes(content if isinstance(content, bytes) else b""))
        if self.goes_silent and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 taken"


def _signs_in(known: dict[str, str], *asked: Any) -> AuthResult:
    given = asked[-1]
    ok = isinstance(given, LoginPassword) and (
        known.get(given.login.decode()) == given.password.decode()
    )
    return AuthResult(success=ok, handled=ok)


@asynccontextmanager
async def smtp_server(**accounts: str) -> AsyncIterator[SmtpServer]:
    """A server on a free port; with accounts (name to password) it is for nobody else."""
    server = SmtpServer()
    made = partial(
        SMTP,
        server,
        hostname="mail.example.org",
        auth_required=bool(accounts),
        auth_require_tls=False,
        authenticator=partial(_signs_in, accounts),
    )
    listening = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
