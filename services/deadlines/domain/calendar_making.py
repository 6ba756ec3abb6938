"""A new version of a calendar is made of the one before it and what an import says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.deadlines.domain.calendar import SATURDAY, Break, Calendar
from services.deadlines.domain.calendar_entries import Entry, Kind


class Mode(StrEnum):
    """Whether an import tells all days of the years it names, or single days that differ."""

    YEARS = "years"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Difference:
    """What one version has that another has not."""

    added: dict[date, str]
    removed: dict[date, str]
    renamed: dict[date, str]
    school_added: tuple[Break, ...]
    school_removed: tuple[Break, ...]

    @property
    def days(self) -> frozenset[date]:
        """The days that count in one version and may not in the other."""
        changed = (*self.school_added, *self.school_removed)
        school = {day for one in changed for day in _days(one.starts, one.ends)}
        return frozenset(self.added) | frozenset(self.removed) | school

    @property
    def nothing(self) -> bool:
        """Whether the two say the same."""
        told = (self.added, self.removed, self.renamed, self.school_added, self.school_removed)
        return not any(told)


def make_version(
    base: Calendar, calendar_id: str, version: str, entries: list[Entry], mode: Mode
) -> Calendar:
    """The next version; what the entries do not speak of is taken from `base`.

    In `years` mode the years in which an entry begins are told whole: other holidays of theirs
    are no longer. Years that nobody has announced stay what `base` projects.
    """
    kept = base.holidays if mode is Mode.CHANGES else _outside(base.holidays, _years(entries))
    holidays = dict(kept)
    for entry in entries:
        _apply(holidays, entry)
    told = [entry.until for entry in entries if entry.kind is Kind.HOLIDAY and entry.announced]
    announced = max([base.announced_until, *(date(day.year, 12, 31) for day in told)])
    known = [*holidays, base.known_from, base.known_until]
    return Calendar(
        id=calendar_id,
        version=version,
        holidays=dict(sorted(holidays.items())),
        known_from=date(min(known).year, 1, 1),
        known_until=date(max(known).year, 12, 31),
        announced_until=announced,
        school=_school(base, entries, mode),
    )


def differences(before: Calendar, after: Calendar) -> Difference:
    """From one version to another."""
    old, new = before.holidays, after.holidays
    return Difference(
        added={day: name for day, name in new.items() if day not in old},
        removed={day: name for day, name in old.items() if day not in new},
        renamed={day: name for day, name in new.items() if day in old and old[day] != name},
        school_added=tuple(one for one in after.school if one not in before.school),
        school_removed=tuple(one for one in before.school if one not in after.school),
    )


def _apply(holidays: dict[date, str], entry: Entry) -> None:
    if entry.kind is Kind.SCHOOL:
        return
    for day in _weekdays(entry):
        if entry.kind is Kind.WORKED:
            holidays.pop(day, None)
        else:
            holidays[day] = entry.name


def _school(base: Calendar, entries: list[Entry], mode: Mode) -> tuple[Break, ...]:
    told = [Break(one.starts, one.until, one.name) for one in entries if one.kind is Kind.SCHOOL]
    years = _years([one for one in entries if one.kind is Kind.SCHOOL])
    kept = [one for one in base.school if mode is Mode.CHANGES or one.starts.year not in years]
    kept = [
        one for one in kept if all(one.ends < new.starts or new.ends < one.starts for new in told)
    ]
    return tuple(sorted({*kept, *told}))


def _years(entries: Iterable[Entry]) -> frozenset[int]:
    return frozenset(entry.starts.year for entry in entries)


def _outside(holidays: dict[date, str], years: frozenset[int]) -> dict[date, str]:
    return {day: name for day, name in holidays.items() if day.year not in years}


def _weekdays(entry: Entry) -> Iterable[date]:
    return (day for day in _days(entry.starts, entry.until) if day.weekday() < SATURDAY)


def _days(first: date, last: date) -> Iterable[date]:
    length = (last - first).days + 1
    return (first + timedelta(days=number) for number in range(length))
