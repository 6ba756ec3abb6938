"""A mail as it was written to the folder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything a reader is shown; `name` is the file it came from."""

    name: str
    to: str
    sender: str
    subject: str
    date: str
    body: str
