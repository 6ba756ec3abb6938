"""The fields that only one kind has, held to what the kind declares of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.intake.domain.kinds import DetailField
from shared.errors import FieldError

LONGEST_TEXT = 20_000


def detail_errors(fields: Sequence[DetailField], details: Mapping[str, Any]) -> list[FieldError]:
    """Every declared rule that `details` breaks, and every field that is not declared."""
    known = {field.name for field in fields}
    unknown = [FieldError(f"details.{_short(name)}", "is not a field of this kind")
               for name in details if name not in known]  # fmt: skip
    return [error for field in fields for error in _field_errors(field, details)] + unknown


def _field_errors(field: DetailField, details: Mapping[str, Any]) -> Iterator[FieldError]:
    value = details.get(field.name)
    rule = None
    if value is None or value == "":
        rule = "is required for this kind" if field.required else None
    else:
        rule = _broken_rule(field, value)
    if rule is not None:
        yield FieldError(f"details.{field.name}", rule)


def _broken_rule(field: DetailField, value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    if len(value) > LONGEST_TEXT:
        return f"must be at most {LONGEST_TEXT} characters long"
    if field.required and not value.strip():
        return "must not be blank"
    if field.kind == "choice" and value not in field.choices:
        return f"must be one of: {', '.join(field.choices)}"
    if field.kind == "date" and not _is_date(value):
        return "must be a date, such as 2026-03-28"
    return None


def _is_date(value: str) -> bool:
    try:
        # Other spellings of ISO 8601, such as 2026-W13-6, are read as well: one is enough.
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _short(name: str) -> str:
    # A field's name is the sender's own text: shown only when it looks like a name of a field.
    return name if name.isidentifier() and len(name) <= 40 else "(unknown)"
