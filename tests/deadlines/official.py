"""The rules and holidays as checked in, read by the tests themselves."""

import csv
from datetime import date
from pathlib import Path

from services.deadlines.storage.calendar_files import load_calendars
from services.deadlines.storage.rule_files import in_force, load_rule_sets

HOME = Path(__file__).parents[2] / "services" / "deadlines"

RULE_SETS = load_rule_sets()
RULES = in_force(RULE_SETS)
CALENDARS = load_calendars()
FIFE = "S12000047"


def rule_rows() -> list[dict[str, str]]:
    """The rows of the first rule set."""
    with (HOME / "rules" / "1" / "rules.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def holidays() -> dict[date, str]:
    """The Scottish holidays."""
    with (HOME / "calendars" / "scotland" / "1.csv").open(encoding="utf-8", newline="") as lines:
        return {date.fromisoformat(row["date"]): row["name"] for row in csv.DictReader(lines)}
