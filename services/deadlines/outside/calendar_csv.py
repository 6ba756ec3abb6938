"""Calendars as a spreadsheet saves them: a header line, then one line a holiday."""

import csv
from datetime import date
from io import StringIO

from services.deadlines.domain.calendar_entries import Entry, Kind
from shared.errors import FieldError, Invalid

COLUMNS = ("date", "until", "name", "kind", "status")
STATUSES = ("announced", "projected")


def read_csv(text: str) -> list[Entry]:
    """The entries of a file; `Invalid` names the line, the column and what to write there."""
    lines = csv.DictReader(StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        columns = lines.fieldnames or ()
        _check_header(list(columns))
        read = [_entry(row, f"csv.line-{lines.line_num}") for row in lines]
    except csv.Error as error:
        raise Invalid(
            FieldError(f"csv.line-{lines.reader.line_num}", f"is not CSV: {error}")
        ) from error
    wrong = [one for one in read if isinstance(one, FieldError)]
    if wrong:
        raise Invalid(*wrong)
    return [one for one in read if isinstance(one, Entry)]


def _check_header(columns: list[str]) -> None:
    unknown = [name for name in columns if name not in COLUMNS]
    if not {"date", "name"} <= set(columns) or unknown or len(set(columns)) < len(columns):
        said = "write the columns date and name, and if needed until, kind and status"
        raise Invalid(FieldError("csv.line-1", said))


def _entry(row: dict[str, str | None], where: str) -> Entry | FieldError:
    if None in row or None in row.values():
        return FieldError(where, "write as many values as the first line has columns")
    told = {name: (value or "").strip() for name, value in row.items()}
    for name, allowed in (("kind", [*Kind, ""]), ("status", [*STATUSES, ""])):
        if told.get(name, "") not in allowed:
            words = ", ".join(word for word in allowed if word)
            return FieldError(f"{where}.{name}", f"write one of {words}, or nothing")
    starts, until = _day(told["date"]), _day(told.get("until") or told["date"])
    if starts is None or until is None:
        column = "date" if starts is None else "until"
        return FieldError(f"{where}.{column}", "write a day like 2026-06-15")
    kind = Kind(told.get("kind") or Kind.HOLIDAY)
    return Entry(where, starts, until, told["name"], kind, told.get("status") != "projected")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
