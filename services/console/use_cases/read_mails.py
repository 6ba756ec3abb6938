"""Read the mails that were written to the folder."""

import asyncio
from pathlib import Path

from services.console.domain.mail import Mail
from services.console.storage import mails
from shared.errors import NotFound

_NO_FOLDER = "Mails go to a mail server here, so there are none to show."


async def list_mails(folder: str | None) -> list[Mail]:
    """Newest first."""
    if folder is None:
        raise NotFound(_NO_FOLDER)
    return await asyncio.to_thread(mails.newest_mails, Path(folder))


async def read_mail(folder: str | None, name: str) -> Mail:
    """One of them."""
    if folder is None:
        raise NotFound(_NO_FOLDER)
    found = await asyncio.to_thread(mails.find_mail, Path(folder), name)
    if found is None:
        raise NotFound("There is no such mail.")
    return found
