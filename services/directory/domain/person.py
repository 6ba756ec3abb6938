"""People who are appointed: a name, a mailbox, and what they specialise in."""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import FieldError, Invalid

_MAILBOX = re.compile(r"[^@\s<>(),;:\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class Specialism(StrEnum):
    """The field a person works in; a link inspector engages across all of them."""

    ADULTS = "adults"
    CHILDREN_AND_YOUNG_PEOPLE = "children-and-young-people"
    JUSTICE = "justice"
    PROTECTION = "protection"


@dataclass(frozen=True, slots=True)
class KnownAs:
    """How somebody is to be known, as it was said."""

    name: str
    mailbox: str
    specialism: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can hold a role; `mailbox` is where mail about that role goes."""

    id: str
    name: str
    mailbox: str
    specialism: Specialism | None = None
    version: int = 1


def enrol(person_id: str, name: str, mailbox: str, specialism: str | None) -> Person:
    """A person as entered, or every reason why not; the reasons never repeat what was entered."""
    return Person(person_id, *_checked(name, mailbox, specialism))


def correct(person: Person, known_as: KnownAs) -> Person:
    """The person as they are now known; what they are and were appointed to stays theirs."""
    checked = _checked(known_as.name, known_as.mailbox, known_as.specialism)
    return Person(person.id, *checked, version=person.version + 1)


def _checked(name: str, mailbox: str, specialism: str | None) -> tuple[str, str, Specialism | None]:
    checks = (
        ("name", 0 < len(name.strip()) <= 200, "must be 1 to 200 characters"),
        ("mailbox", _is_mailbox(mailbox), "must be one e-mail address"),
        ("specialism", _is_specialism(specialism), f"must be one of {', '.join(Specialism)}"),
    )
    errors = [FieldError(field, rule) for field, passes, rule in checks if not passes]
    if errors:
        raise Invalid(*errors)
    return name.strip(), mailbox, None if specialism is None else Specialism(specialism)


def _is_mailbox(text: str) -> bool:
    return len(text) <= 254 and _MAILBOX.fullmatch(text) is not None


def _is_specialism(text: str | None) -> bool:
    return text is None or text in set(Specialism)
