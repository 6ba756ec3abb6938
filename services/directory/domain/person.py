"""People who are appointed: a name, a mailbox, a specialism, and the account they sign in with."""

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
    """How somebody is to be known, as it was said; `signs_in_as` is the issuer's subject."""

    name: str
    mailbox: str
    specialism: str | None = None
    signs_in_as: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can hold a role; `mailbox` is where mail about that role goes."""

    id: str
    name: str
    mailbox: str
    specialism: Specialism | None = None
    signs_in_as: str | None = None
    version: int = 1


def enrol(person_id: str, known_as: KnownAs) -> Person:
    """A person as entered, or every reason why not; the reasons never repeat what was entered."""
    return Person(person_id, *_checked(known_as))


def correct(person: Person, known_as: KnownAs) -> Person:
    """The person as they are now known; what they are and were appointed to stays theirs."""
    return Person(person.id, *_checked(known_as), version=person.version + 1)


def _checked(said: KnownAs) -> tuple[str, str, Specialism | None, str | None]:
    name, specialism, account = said.name, said.specialism, said.signs_in_as
    checks = (
        ("name", 0 < len(name.strip()) <= 200, "must be 1 to 200 characters"),
        ("mailbox", _is_mailbox(said.mailbox), "must be one e-mail address"),
        ("specialism", _is_specialism(specialism), f"must be one of {', '.join(Specialism)}"),
        ("signs_in_as", _is_subject(account), "must be 1 to 255 printable ASCII characters"),
    )
    errors = [FieldError(field, rule) for field, passes, rule in checks if not passes]
    if errors:
        raise Invalid(*errors)
    field = None if specialism is None else Specialism(specialism)
    return name.strip(), said.mailbox, field, account


def _is_mailbox(text: str) -> bool:
    return len(text) <= 254 and _MAILBOX.fullmatch(text) is not None


def _is_specialism(text: str | None) -> bool:
    return text is None or text in set(Specialism)


def _is_subject(text: str | None) -> bool:
    """What OpenID Connect lets a subject be; issuers compare it character by character."""
    return text is None or (
        0 < len(text) <= 255 and text.isascii() and text.isprintable() and text.strip() == text
    )
