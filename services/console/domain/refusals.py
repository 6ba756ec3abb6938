"""What a service refuses, told at the fields of the form that it came from."""

from collections.abc import Callable, Iterable, Mapping

from shared.errors import FieldError, Invalid


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
