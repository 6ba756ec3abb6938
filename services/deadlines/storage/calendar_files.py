"""Calendars as checked in: `calendars/<id>/<version>.csv`, of which the database is seeded."""

import csv
from datetime import date
from pathlib import Path

from services.deadlines.domain.calendar import Calendar, Calendars, calendars

FOLDER = Path(__file__).parents[1] / "calendars"


class CalendarFileBroken(ValueError):
    """A calendar file cannot be used; the message names file, row and what to write."""


def load_calendars(folder: Path = FOLDER) -> Calendars:
    """The newest version of every calendar."""
    homes = sorted(path for path in folder.iterdir() if any(path.glob("*.csv")))
    return calendars([_newest(home) for home in homes])


def _newest(home: Path) -> Calendar:
    file = max(home.glob("*.csv"), key=lambda path: int(path.stem))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    known = {_day(row, file): row["name"] for row in rows}
    announced = [_day(row, file) for row in rows if row["status"] == "announced"]
    return Calendar(
        id=home.name,
        version=file.stem,
        holidays=known,
        known_from=date(min(known).year, 1, 1),
        known_until=date(max(known).year, 12, 31),
        announced_until=date(max(announced).year, 12, 31),
    )


def _day(row: dict[str, str], file: Path) -> date:
    try:
        return date.fromisoformat(row["date"])
    except (KeyError, ValueError) as error:
        said = f"{file}: {row}: date: write a day like 2026-06-15"
        raise CalendarFileBroken(said) from error
