"""What can go wrong with a message, how much patience it gets, and what an operator is told."""

from typing import TypeVar

import msgspec

from shared.database import is_collision
from shared.errors import Refused, Unavailable
from shared.events.envelope import Event
from shared.messaging.parking import Why

# A failure that is the message's own shows in a few tries; one that others cause deserves more.
ATTEMPTS = 4
PATIENT_ATTEMPTS = 10

E = TypeVar("E", bound=Event)


class Undecodable(Exception):
    """A known event whose body is not what its type promises."""


def decode(body: bytes, kind: type[E]) -> E:
    """The body as its type promises; unknown fields are ignored."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(_place(error)) from None


def given_up(error: Exception, attempts: int) -> bool:
    """Whether so many attempts are enough; a refusal needs no second one."""
    if isinstance(error, Undecodable | Refused):
        return True
    patient = isinstance(error, Unavailable) or is_collision(error)
    return attempts >= (PATIENT_ATTEMPTS if patient else ATTEMPTS)


def why_parked(error: Exception, attempts: int) -> Why:
    """The reason as an operator reads it: types and places, never values."""
    match error:
        case Undecodable():
            return Why("undecodable", str(error), attempts)
        case Refused():
            fields = ", ".join(field.field for field in error.errors)
            return Why("refused", f"{error.title}: {fields}" if fields else error.title, attempts)
        case _:
            named = type(error.__cause__ or error).__name__
            return Why("failed", f"{named} while taking effect", attempts)


def _place(error: Exception) -> str:
    """msgspec says where and which type; it quotes a value only when it calls it invalid."""
    if isinstance(error, msgspec.ValidationError) and not str(error).startswith("Invalid"):
        return str(error)
    return type(error).__name__
