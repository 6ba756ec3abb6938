"""What an import says of single days, and which of its lines cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from services.deadlines.domain.calendar import SATURDAY
from shared.errors import FieldError

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_ENTRIES = 20_000
LONGEST_NAME = 100
LONGEST_BREAK_DAYS = 90


class Kind(StrEnum):
    """A day nobody works, a holiday of schools alone, or a usual holiday that is worked here."""

    HOLIDAY = "holiday"
    SCHOOL = "school-holiday"
    WORKED = "worked"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an import; `where` names the line, such as `csv.line-3`; `until` is included."""

    where: str
    starts: date
    until: date
    name: str
    kind: Kind = Kind.HOLIDAY
    announced: bool = True


def mistakes(entries: list[Entry], field: str) -> Iterator[FieldError]:
    """Every rule that an entry breaks, alone or beside the others."""
    if not entries:
        yield FieldError(field, "must hold at least one day")
    if len(entries) > MOST_ENTRIES:
        yield FieldError(field, f"must hold at most {MOST_ENTRIES} days")
        return
    for entry in entries:
        yield from _alone(entry)
    yield from _twice(entries)


def _alone(entry: Entry) -> Iterator[FieldError]:
    if entry.kind is not Kind.WORKED and not entry.name:
        yield FieldError(f"{entry.where}.name", "write the name of the holiday")
    if len(entry.name) > LONGEST_NAME:
        yield FieldError(f"{entry.where}.name", f"must be at most {LONGEST_NAME} characters")
    if not FIRST_YEAR <= entry.starts.year <= entry.until.year <= LAST_YEAR:
        said = f"must lie between the years {FIRST_YEAR} and {LAST_YEAR}"
        yield FieldError(f"{entry.where}.date", said)
    if entry.until < entry.starts:
        yield FieldError(f"{entry.where}.until", "must not be before its date")
    elif (entry.until - entry.starts).days >= LONGEST_BREAK_DAYS:
        yield FieldError(f"{entry.where}.until", f"must be within {LONGEST_BREAK_DAYS} days")
    if entry.kind is Kind.HOLIDAY and entry.starts == entry.until and _weekend(entry.starts):
        said = f"{entry.starts} is a {entry.starts:%A}; write the day not worked in its place"
        yield FieldError(f"{entry.where}.date", said)


def _twice(entries: list[Entry]) -> Iterator[FieldError]:
    for school in (True, False):
        of_kind = [one for one in entries if (one.kind is Kind.SCHOOL) is school]
        of_kind.sort(key=lambda one: one.starts)
        for before, after in pairwise(of_kind):
            if after.starts <= before.until:
                said = f"{after.starts} is in the import twice, also in {before.where}"
                yield FieldError(f"{after.where}.date", said)


def _weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY
