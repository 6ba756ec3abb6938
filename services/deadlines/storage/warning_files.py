"""The warning windows beside a rule set: our configuration, as no official page sets them."""

import csv
from pathlib import Path

from services.deadlines.domain.rules import Unit, WarningWindow
from services.deadlines.storage.rule_checks import RuleFileBroken

_COUNTED = tuple(unit for unit in Unit if unit.has_number)


def load_warnings(file: Path, rules: set[str]) -> dict[str, WarningWindow]:
    """Windows by unit or rule id; every unit that counts has one."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    warnings = {_name(row, rules, file): _warning(row, file) for row in rows}
    missing = [unit for unit in _COUNTED if unit not in warnings]
    if missing:
        raise RuleFileBroken(f"{file}: applies_to: write a row for {', '.join(missing)}")
    return warnings


def _name(row: dict[str, str], rules: set[str], file: Path) -> str:
    name = row["applies_to"]
    if name not in rules and name not in _COUNTED:
        raise RuleFileBroken(f"{file}: {name}: applies_to: write a unit or the id of a rule")
    return name


def _warning(row: dict[str, str], file: Path) -> WarningWindow:
    hours, days = row["hours"] or "0", row["days"] or "0"
    if not (hours.isdigit() and days.isdigit()) or bool(int(hours)) == bool(int(days)):
        said = "write a whole number of at least 1 in one of them, and leave the other empty"
        raise RuleFileBroken(f"{file}: {row['applies_to']}: hours, days: {said}")
    return WarningWindow(int(hours), int(days))
