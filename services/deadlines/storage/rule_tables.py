"""The small tables beside a rule set, read row by row; every mistake says what to write."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from services.deadlines.domain.rules import Limits, Unit, Validity
from services.deadlines.storage.rule_checks import Row, RuleFileBroken
from shared.areas import COUNCIL_AREAS

COUNTED = tuple(unit for unit in Unit if unit.has_number)
LIMITS = ("applies_to", "extend_most", "back_days")
VALIDITY = ("rule", "valid_from", "valid_to", "why")
LOCAL = ("rule", "area", "amount", "unit", "source")


def load_limits(file: Path, rules: set[str]) -> dict[str, Limits]:
    """How far inspectors may go alone, by unit or rule id; without the file there is no limit."""
    found: dict[str, Limits] = {}
    for row in _rows(file, LIMITS):
        name = row["applies_to"]
        if name not in rules and name not in COUNTED:
            raise _broken(file, row, "applies_to", "write a unit or the id of a rule")
        most, back = (_number(file, row, field) for field in LIMITS[1:])
        found[name] = Limits(most, back)
    return found


def load_validity(file: Path, rules: set[str]) -> dict[str, Validity]:
    """From when and up to when (not included) wordings hold; those that are not named always do."""
    found: dict[str, Validity] = {}
    for row in _rows(file, VALIDITY):
        _require_rule(file, row, rules)
        starts, ends = (_day(file, row, field) for field in VALIDITY[1:3])
        if starts and ends and ends <= starts:
            raise _broken(file, row, "valid_to", "write a day after valid_from")
        found[row["rule"]] = Validity(starts, ends, row["why"])
    return found


def load_local(file: Path, local_rules: set[str]) -> list[Row]:
    """What areas have set where a rule leaves the number to them."""
    rows = list(_rows(file, LOCAL))
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if row["rule"] not in local_rules:
            raise _broken(file, row, "rule", "write the id of a rule whose unit is local")
        if row["area"] not in COUNCIL_AREAS:
            raise _broken(file, row, "area", "write the GSS code of a council area")
        if row["unit"] not in (Unit.HOURS, Unit.CALENDAR_DAYS, Unit.MONTHS):
            raise _broken(file, row, "unit", "write hours, calendar_days or months")
        if not _number(file, row, "amount"):
            raise _broken(file, row, "amount", "write a whole number of at least 1")
        if not row["source"]:
            raise _broken(file, row, "source", "write where the area says so")
        if (row["rule"], row["area"]) in seen:
            raise _broken(file, row, "area", "write each area once")
        seen.add((row["rule"], row["area"]))
    return rows


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    if not file.exists():
        return
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != columns:
            raise RuleFileBroken(f"{file}: header: write the columns {', '.join(columns)}")
        for row in reader:
            yield {name: (value or "").strip() for name, value in row.items() if name}


def _require_rule(file: Path, row: Row, rules: set[str]) -> None:
    if row["rule"] not in rules:
        raise _broken(file, row, "rule", "write the id of a rule of this set")


def _number(file: Path, row: Row, field: str) -> int | None:
    text = row[field]
    if text and not (text.isascii() and text.isdigit()):
        raise _broken(file, row, field, "write a whole number, or leave it empty")
    return int(text) if text else None


def _day(file: Path, row: Row, field: str) -> date | None:
    try:
        return date.fromisoformat(row[field]) if row[field] else None
    except ValueError:
        raise _broken(file, row, field, "write a day like 2021-09-01, or nothing") from None


def _broken(file: Path, row: Row, field: str, remedy: str) -> RuleFileBroken:
    first = next(iter(row.values()))
    return RuleFileBroken(f"{file}: rule {first}: {field}: {remedy}, not {row[field]!r}")
