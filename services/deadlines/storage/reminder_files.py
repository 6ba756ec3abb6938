"""The ladders of reminders beside a rule set: our configuration, as no official page sets them."""

import csv
from collections.abc import Iterator
from pathlib import Path

from services.deadlines.domain.ladder import Audience, Ladder, Rung, Side
from services.deadlines.domain.rules import Unit
from services.deadlines.storage.rule_checks import RuleFileBroken

COLUMNS = ("applies_to", "rung", "side", "hours", "days", "to")
_COUNTED = tuple(unit for unit in Unit if unit.has_number)


def load_ladders(file: Path, rules: set[str]) -> dict[str, Ladder]:
    """Ladders by unit or rule id; a rule that has one of its own does not look at its unit's."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [{name: (value or "").strip() for name, value in row.items() if name}
                for row in csv.DictReader(lines)]  # fmt: skip
    found = list(_mistakes(rows, rules))
    if found:
        raise RuleFileBroken("\n".join(f"{file}: {mistake}" for mistake in found))
    names = dict.fromkeys(row["applies_to"] for row in rows)
    return {name: tuple(_rungs(rows, name)) for name in names}


def _rungs(rows: list[dict[str, str]], name: str) -> Iterator[Rung]:
    for row in rows:
        if row["applies_to"] == name:
            hours, days = int(row["hours"] or 0), int(row["days"] or 0)
            yield Rung(row["rung"], Side(row["side"]), hours, days, Audience(row["to"]))


def _mistakes(rows: list[dict[str, str]], rules: set[str]) -> Iterator[str]:
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        yield f"header: write the columns {', '.join(COLUMNS)}, and a rung below them"
        return
    without = [unit for unit in _COUNTED if unit not in {row["applies_to"] for row in rows}]
    if without:
        yield f"applies_to: write a ladder for {', '.join(without)}"
    seen: set[tuple[str, str]] = set()
    for row in rows:
        said = f"{row['applies_to']}: {row['rung']}"
        if row["applies_to"] not in rules and row["applies_to"] not in _COUNTED:
            yield f"{said}: applies_to: write a unit or the id of a rule"
        if (row["applies_to"], row["rung"]) in seen:
            yield f"{said}: rung: write another name, this ladder has one of this name"
        seen.add((row["applies_to"], row["rung"]))
        yield from (f"{said}: {mistake}" for mistake in _mistakes_in(row))


def _mistakes_in(row: dict[str, str]) -> Iterator[str]:
    if not row["rung"].replace("-", "").isalnum() or not row["rung"].isascii():
        yield "rung: write letters, digits and hyphens, mails are named by it"
    if row["side"] not in tuple(Side):
        yield f"side: write one of {', '.join(Side)}, not {row['side']!r}"
    if row["to"] not in tuple(Audience):
        yield f"to: write one of {', '.join(Audience)}, not {row['to']!r}"
    numbers = [row[name] for name in ("hours", "days") if row[name]]
    if len(numbers) > 1 or not all(n.isascii() and n.isdigit() and int(n) for n in numbers):
        yield "hours, days: write a whole number of at least 1 in one of them, or leave both empty"
    elif not numbers and row["side"] == Side.BEFORE:
        yield "hours, days: write one of them, a reminder before the due date needs a distance"
