"""Rule sets as checked-in data: `rules/<version>/rules.csv`, its warnings and its reminders."""

import csv
from collections.abc import Iterator
from pathlib import Path

from services.deadlines.domain.ladder import Ladder
from services.deadlines.domain.rules import (
    Certainty,
    Rule,
    RuleSet,
    Standing,
    Unit,
    WarningWindow,
    rule_set,
)
from services.deadlines.storage.reminder_files import load_ladders
from services.deadlines.storage.rule_checks import RuleFileBroken, mistakes
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


def _rules(file: Path, rows: list[dict[str, str]]) -> Iterator[Rule]:
    ids = {row["id"] for row in rows}
    warnings = load_warnings(file.parent / "warnings.csv", ids)
    ladders = load_ladders(file.parent / "reminders.csv", ids)
    for row in rows:
        warning = warnings.get(row["id"]) or warnings.get(row["unit"], WarningWindow())
        ladder = ladders.get(row["id"]) or ladders.get(row["unit"], ())
        yield _rule(row, file.parent.name, warning, ladder)


def _rule(row: dict[str, str], version: str, warning: WarningWindow, ladder: Ladder) -> Rule:
    return Rule(
        id=row["id"],
        version=version,
        kind=row["kind"],
        obligation=row["obligation"],
        anchor=row["anchor"],
        amount=int(row["amount"]) if row["amount"] else None,
        unit=Unit(row["unit"]),
        calendar=row["calendar"] or None,
        cancelled_by=tuple(row["cancelled_by"].split()),
        standing=Standing(row["standing"]),
        governing=row["governing"] == "yes",
        instrument=row["instrument"],
        source=row["source"],
        certainty=Certainty(row["certainty"]),
        warning=warning,
        reminders=ladder,
    )
