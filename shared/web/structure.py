"""Everything that is structurally wrong with a body, as fields and plain rules, never as values."""

import re
from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from shared.errors import FieldError

MOST_ERRORS = 100
_SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

_EXPECTED = {
    "str": "must be text",
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "array": "must be a list",
    "object": "must be an object",
    "null": "must be null",
    "datetime": "must be a date and time with its offset, such as 2026-03-28T22:30:00Z",
    "date": "must be a date, such as 2026-03-28",
    "uuid": "must be a UUID",
}
_SAID = (
    (r"Object missing required field", "is required"),
    (r"Object contains unknown field", "is not a field that is known here"),
    (r"Invalid RFC3339 encoded datetime", _EXPECTED["datetime"]),
    (r"Invalid RFC3339 encoded date", _EXPECTED["date"]),
    (r"Invalid UUID", _EXPECTED["uuid"]),
    (r"Expected `datetime` with a timezone", "must say its offset from UTC, such as Z or +01:00"),
    (r"Expected `str` of length >= 1(?!\d)", "must not be empty"),
    (r"Expected `str` of length >= (\d+)", "must be at least {} characters long"),
    (r"Expected `str` of length <= (\d+)", "must be at most {} characters long"),
    (r"Expected `(?:array|object)` of length >= (\d+)", "must have at least {} entries"),
    (r"Expected `(?:array|object)` of length <= (\d+)", "must have at most {} entries"),
    (r"Expected `(?:int|float)` >= (\S+)", "must be {} or more"),
    (r"Expected `(?:int|float)` <= (\S+)", "must be {} or less"),
    (r"Expected `(?:int|float)` > (\S+)", "must be more than {}"),
    (r"Expected `(?:int|float)` < (\S+)", "must be less than {}"),
    (r"Expected `str` matching regex", "is not in the expected form"),
)


def field_errors(value: Any, wanted: Any) -> tuple[FieldError, ...]:
    """Every field of the decoded JSON `value` that does not fit the type `wanted`."""
    found = _errors(value, wanted, "")
    return tuple(error for error, _ in zip(found, range(MOST_ERRORS), strict=False))


def null_characters(value: Any, path: str = "") -> Iterator[FieldError]:
    """Every text in the decoded JSON that holds the null character, which no database can keep."""
    if isinstance(value, str) and "\0" in value:
        yield FieldError(path or "body", "must not contain the null character")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from null_characters(item, _join(path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from null_characters(item, f"{path}[{index}]")


def rule_of(message: str, wanted: Any) -> str:
    """What msgspec complained of, in plain English and without the value."""
    if message.startswith("Invalid enum value"):
        return (
            f"must be one of: {', '.join(_choices(wanted))}" if _choices(wanted) else "is not known"
        )
    for pattern, rule in _SAID:
        if match := re.match(pattern, message):
            return rule.format(*match.groups())
    if match := re.match(r"Expected `([a-z| ]+)`", message):
        return _kinds(match[1], wanted)
    return "is not valid"


def _errors(value: Any, wanted: Any, path: str) -> Iterator[FieldError]:
    inner = _inner(wanted)
    if value is None and _optional(wanted):
        return
    deeper = list(_deeper(value, inner, path))
    yield from deeper
    if not deeper:
        try:
            msgspec.convert(value, wanted)
        except msgspec.ValidationError as error:
            yield FieldError(path or "body", rule_of(str(error), wanted))


def _deeper(value: Any, inner: Any, path: str) -> Iterator[FieldError]:
    if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        yield from _struct(value, inner, path)
    elif isinstance(value, list) and _has_items(inner):
        for index, item in enumerate(value):
            yield from _errors(item, get_args(inner)[0], f"{path}[{index}]")
    elif isinstance(value, dict) and get_origin(inner) is dict:
        for name, item in value.items():
            yield from _errors(item, get_args(inner)[1], _join(path, name))


def _has_items(inner: Any) -> bool:
    """Whether it is a collection of any number of things of one type."""
    endless = get_origin(inner) is tuple and get_args(inner)[-1] is Ellipsis
    return endless or get_origin(inner) in {list, set, frozenset}


def _struct(value: dict[str, Any], kind: type[msgspec.Struct], path: str) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        yield from _field(value, name, field, path)
    known = fields.keys() | {kind.__struct_config__.tag_field}
    if kind.__struct_config__.forbid_unknown_fields:
        for name in value.keys() - known:
            yield FieldError(_join(path, name), "is not a field that is known here")


def _field(value: dict[str, Any], name: str, field: FieldInfo, path: str) -> Iterator[FieldError]:
    if name in value:
        yield from _errors(value[name], field.type, _join(path, name))
    elif field.required:
        yield FieldError(_join(path, name), "is required")


def _inner(wanted: Any) -> Any:
    """The one type behind `Annotated` and `| None`; a real union stays as it is."""
    if get_origin(wanted) is Annotated:
        return _inner(get_args(wanted)[0])
    if get_origin(wanted) in {Union, UnionType}:
        several = [kind for kind in get_args(wanted) if kind is not NoneType]
        return _inner(several[0]) if len(several) == 1 else wanted
    return wanted


def _optional(wanted: Any) -> bool:
    return get_origin(wanted) in {Union, UnionType} and NoneType in get_args(wanted)


def _choices(wanted: Any) -> list[str]:
    inner = _inner(wanted)
    if get_origin(inner) is Literal:
        return [str(choice) for choice in get_args(inner)]
    if isinstance(inner, type) and issubclass(inner, Enum):
        return [str(member.value) for member in inner]
    return []


def _kinds(names: str, wanted: Any) -> str:
    kinds = names.split(" | ")
    told = [_EXPECTED.get(kind, "is not valid") for kind in kinds if kind != "null"]
    if told == [_EXPECTED["str"]] and _choices(wanted):
        return f"must be one of: {', '.join(_choices(wanted))}"
    return " or ".join(dict.fromkeys(told)) or _EXPECTED["null"]


def _join(path: str, name: str) -> str:
    safe = name if _SAFE_NAME.fullmatch(name) else "(a name that is not shown)"
    return f"{path}.{safe}" if path else safe
