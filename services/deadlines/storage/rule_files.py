"""Rule sets as checked-in data: `rules/<version>/rules.csv` and the small tables beside it."""

import csv
from collections.abc import Iterator
from pathlib import Path

from services.deadlines.domain.ladder import Ladder
from services.deadlines.domain.rules import (
    Certainty,
    Limits,
    LocalNumber,
    Rule,
    RuleSet,
    Standing,
    Unit,
    Validity,
    WarningWindow,
    rule_set,
)
from services.deadlines.storage.reminder_files import load_ladders
from services.deadlines.storage.rule_checks import ONLY_IF, Row, RuleFileBroken, mistakes
from services.deadlines.storage.rule_tables import load_limits, load_local, load_validity
from services.deadlines.storage.warning_files import load_warnings

FOLDER = Path(__file__).parents[1] / "rules"


def load_rule_sets(folder: Path = FOLDER) -> dict[str, RuleSet]:
    """Every rule set by its version, oldest first; the last one is in force."""
    homes = sorted(folder.glob("*/rules.csv"), key=lambda path: int(path.parent.name))
    return {file.parent.name: load_rule_set(file) for file in homes}


def in_force(rule_sets: dict[str, RuleSet]) -> RuleSet:
    """The set that new cases are pinned to."""
    return list(rule_sets.values())[-1]


def load_rule_set(file: Path) -> RuleSet:
    """One rule set; RuleFileBroken lists every mistake in it at once."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [{name: (value or "").strip() for name, value in row.items() if name}
                for row in csv.DictReader(lines)]  # fmt: skip
    found = list(mistakes(file, rows))
    if found:
        raise RuleFileBroken("\n".join(found))
    return rule_set(file.parent.name, tuple(_rules(file, rows)))


def _rules(file: Path, rows: list[Row]) -> Iterator[Rule]:
    beside = _Beside(file.parent, rows)
    for row in rows:
        yield _rule(row, file.parent.name, beside)


class _Beside:
    """What the other files of a rule set say of its rules: of one by its id, else of its unit."""

    def __init__(self, home: Path, rows: list[Row]) -> None:
        ids = {row["id"] for row in rows}
        local = {row["id"] for row in rows if row["unit"] == Unit.LOCAL}
        self._warnings = load_warnings(home / "warnings.csv", ids)
        self._ladders = load_ladders(home / "reminders.csv", ids)
        self._limits = load_limits(home / "limits.csv", ids)
        self._validity = load_validity(home / "validity.csv", ids)
        self._local = load_local(home / "local.csv", local)

    def warning(self, rule: str, unit: str) -> WarningWindow:
        return self._warnings.get(rule) or self._warnings.get(unit, WarningWindow())

    def ladder(self, rule: str, unit: str) -> Ladder:
        return self._ladders.get(rule) or self._ladders.get(unit, ())

    def limits(self, rule: str, unit: str) -> Limits:
        return self._limits.get(rule) or self._limits.get(unit, Limits())

    def validity(self, rule: str) -> Validity:
        return self._validity.get(rule, Validity())

    def local(self, rule: str) -> dict[str, LocalNumber]:
        return {row["area"]: self._number(row) for row in self._local if row["rule"] == rule}

    def _number(self, row: Row) -> LocalNumber:
        rule, unit = row["rule"], row["unit"]
        amount, warning = int(row["amount"]), self.warning(rule, unit)
        return LocalNumber(amount, Unit(unit), row["source"], warning, self.ladder(rule, unit))


def _rule(row: Row, version: str, beside: _Beside) -> Rule:
    rule, unit = row["id"], row["unit"]
    return Rule(
        id=rule,
        version=version,
        kind=row["kind"],
        obligation=row["obligation"],
        anchor=row["anchor"],
        amount=int(row["amount"]) if row["amount"] else None,
        unit=Unit(unit),
        calendar=row["calendar"] or None,
        cancelled_by=tuple(row["cancelled_by"].split()),
        standing=Standing(row["standing"]),
        governing=row["governing"] == "yes",
        instrument=row["instrument"],
        source=row["source"],
        certainty=Certainty(row["certainty"]),
        warning=beside.warning(rule, unit),
        reminders=beside.ladder(rule, unit),
        only_if=row.get(ONLY_IF) or None,
        validity=beside.validity(rule),
        limits=beside.limits(rule, unit),
        local=beside.local(rule),
    )
