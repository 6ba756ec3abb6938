"""A count of days as a calendar shows it: month by month, Monday first, every skipped day named."""

from calendar import monthcalendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """One day; `why` is empty where no count reaches, `number` is its place in the count."""

    date: date
    why: str = ""
    number: int | None = None
    name: str = ""
    due: bool = False

    @property
    def reason(self) -> str:
        """What a skipped day is called: the holiday's own name, if it has one."""
        return self.name or self.why


@dataclass(frozen=True, slots=True)
class Skipped:
    """Days of one month that do not count for one reason, in words: `4 and 5, 11 and 12`."""

    reason: str
    days: str


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks of one month; a week has seven places, empty outside the month."""

    first: date
    weeks: Sequence[Sequence[Cell | None]]
    skipped: Sequence[Skipped]


def months_of(days: Sequence[Mapping[str, Any]], due_on: str | None) -> list[Month]:
    """The months that a count touches, from the answer of deadlines."""
    cells = _cells(days, due_on)
    firsts = sorted({each.replace(day=1) for each in cells})
    return [_month(first, cells) for first in firsts]


def _cells(days: Sequence[Mapping[str, Any]], due_on: str | None) -> dict[date, Cell]:
    numbers = count(1)
    cells: dict[date, Cell] = {}
    for each in days:
        when = date.fromisoformat(each["date"])
        number = next(numbers) if each["why"] == "counted" else None
        due = due_on is not None and each["date"] == due_on
        cells[when] = Cell(when, each["why"], number, each.get("name") or "", due)
    return cells


def _month(first: date, cells: Mapping[date, Cell]) -> Month:
    weeks = [
        [_cell(first.replace(day=day), cells) if day else None for day in week]
        for week in monthcalendar(first.year, first.month)
    ]
    of_month = [one for week in weeks for one in week if one is not None]
    return Month(first, weeks, _skipped(of_month))


def _cell(when: date, cells: Mapping[date, Cell]) -> Cell:
    return cells.get(when) or Cell(when)


def _skipped(cells: Sequence[Cell]) -> list[Skipped]:
    by_reason: dict[str, list[date]] = {}
    for cell in cells:
        if cell.why not in ("", "anchor", "counted"):
            by_reason.setdefault(cell.reason, []).append(cell.date)
    return [Skipped(reason, _in_words(days)) for reason, days in by_reason.items()]


def _in_words(days: Sequence[date]) -> str:
    """`4 and 5, 11 and 12` or `14 to 20`."""
    runs = [[days[0]]]
    for before, after in pairwise(days):
        if after - before == timedelta(days=1):
            runs[-1].append(after)
        else:
            runs.append([after])
    return ", ".join(map(_run, runs))


def _run(days: Sequence[date]) -> str:
    if len(days) == 1:
        return str(days[0].day)
    joined = "and" if len(days) == 2 else "to"
    return f"{days[0].day} {joined} {days[-1].day}"
