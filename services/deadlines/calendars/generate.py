"""Writes a version of the Scottish calendar from the `holidays` library.

    python -m services.deadlines.calendars.generate > services/deadlines/calendars/scotland/1.csv

Holidays that fall on a weekend are left out: their substitute day is the one not worked. Days up
to `ANNOUNCED_UNTIL` are announced ones; the later ones are the usual pattern, and called that.
"""

import csv
import sys
from collections.abc import Iterator

import holidays

FIRST_YEAR, LAST_YEAR, ANNOUNCED_UNTIL = 1970, 2100, 2028
SATURDAY = 5
_NAMES = {"New Year Holiday": "2 January holiday", "(observed)": "(substitute day)", "; ": " and "}


def rows() -> Iterator[tuple[str, str, str]]:
    """Date, name and status of every bank holiday of Scotland on a weekday."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    known = holidays.country_holidays("GB", subdiv="SCT", years=years)
    for day, name in sorted(known.items()):
        if day.weekday() < SATURDAY:
            status = "announced" if day.year <= ANNOUNCED_UNTIL else "projected"
            yield day.isoformat(), _named(name), status


def _named(name: str) -> str:
    for theirs, ours in _NAMES.items():
        name = name.replace(theirs, ours)
    return name


def main() -> None:
    """Print the file."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("date", "name", "status"))
    out.writerows(rows())


if __name__ == "__main__":
    main()
