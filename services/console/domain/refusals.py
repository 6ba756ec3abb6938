"""What a service refuses, told at the fields of the form that it came from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from shared.errors import FieldError, Invalid

# What every act asks of its reason: in a form, and where a service finds it too short.
SAY_WHY = "Say why, without anybody's name."
TOO_SHORT = {"must say why": "Say why, in three words or more."}


@contextmanager
def told_in_form(
    place: Callable[[str], str], better: Mapping[str, str] | None = None
) -> Iterator[None]:
    """What a service refuses within this block is refused `in_form`."""
    try:
        yield
    except Invalid as refusal:
        raise in_form(refusal.errors, place, better or {}) from refusal


def at_reason(_: str) -> str:
    """Where all is told that an act is refused for which is nothing but its reason."""
    return "reason"


def in_form(
    errors: Iterable[FieldError], place: Callable[[str], str], better: Mapping[str, str]
) -> Invalid:
    """`place` names the form's field; `better` says a rule, by how it begins, as people say it."""
    return Invalid(*(FieldError(place(one.field), _said(one.rule, better)) for one in errors))


def among(known: Iterable[str], otherwise: str) -> Callable[[str], str]:
    """The field itself where the form has it, and `otherwise` where it has not."""
    names = frozenset(known)
    return lambda field: field if field in names else otherwise


def _said(rule: str, better: Mapping[str, str]) -> str:
    found = (said for begins, said in better.items() if rule.startswith(begins))
    return next(found, f"This {rule}.")
