"""The folder of mails that the embedded stack writes instead of sending."""

from collections.abc import Iterable
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from pathlib import Path

from services.console.domain.mail import Mail

MOST_MAILS = 200
MOST_BYTES = 200_000


def newest_mails(folder: Path) -> list[Mail]:
    """The newest first, up to `MOST_MAILS`; a file that cannot be read is left out."""
    files = sorted(_files(folder), key=_written, reverse=True)[:MOST_MAILS]
    return [mail for mail in map(_read, files) if mail]


def find_mail(folder: Path, name: str) -> Mail | None:
    """One mail by its file's name; only names that are listed are looked at."""
    return next((_read(file) for file in _files(folder) if file.name == name), None)


def _files(folder: Path) -> Iterable[Path]:
    return folder.glob("*.eml") if folder.is_dir() else ()


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _read(file: Path) -> Mail | None:
    try:
        with file.open("rb") as opened:
            message = message_from_bytes(opened.read(MOST_BYTES), policy=default)
    except OSError:
        return None
    body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    return Mail(
        name=file.name,
        to=str(message["to"] or ""),
        sender=str(message["from"] or ""),
        subject=str(message["subject"] or "(no subject)"),
        date=str(message["date"] or ""),
        body=_text(body) if body else "",
    )


def _text(body: MIMEPart) -> str:
    try:
        return str(body.get_content())
    except (LookupError, ValueError):
        return "This mail's text cannot be read."
