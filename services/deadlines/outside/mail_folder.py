"""Mail as files, one a message: what an embedded system does instead of sending."""

import asyncio
import os
import re
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path


class MailFolder:
    """Writes `.eml` files; one Message-ID is one file, so trying again doubles nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage, *, again: bool = False) -> None:  # noqa: ARG002
        """The file is there whole, or not at all."""
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / file_name(message["Message-ID"])
        half = file.with_suffix(f".{os.getpid()}.half")
        half.write_bytes(message.as_bytes(policy=SMTP))
        half.replace(file)


def file_name(message_id: str) -> str:
    """A Message-ID's own file name, without what a file system might read as a path."""
    local = message_id.strip("<>").partition("@")[0]
    return f"{re.sub(r'[^A-Za-z0-9._-]', '_', local)}.eml"
