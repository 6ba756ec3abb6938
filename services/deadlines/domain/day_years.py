"""Local dates, year by year, as one way of counting sees them; made when first needed and kept.

A count of centuries is then cut out of whole years instead of being decided day by day.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from services.deadlines.domain.calendar import Calendar
from services.deadlines.domain.count import Day, Why
from services.deadlines.domain.local_time import ONE_DAY

Seen = Callable[[date], Day]
# So many calendars are remembered at once; beyond them, all are forgotten and made again.
MOST_KEPT = 200


class Year(NamedTuple):
    """The days of one year from the one with ordinal `first`.

    `counted[i]` says how many of the days before index `i` count.
    """

    first: int
    days: tuple[Day, ...]
    counted: tuple[int, ...]


class Years:
    """Every year as one way of counting sees it."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._made: dict[int, Year] = {}

    def of(self, year: int) -> Year:
        """One year."""
        found = self._made.get(year)
        if found is None:
            found = self._made[year] = _year(year, self._seen)
        return found


def _year(year: int, seen: Seen) -> Year:
    day, days, counted = date(year, 1, 1), list[Day](), [0]
    first = day.toordinal()
    while day.year == year:
        days.append(seen(day))
        counted.append(counted[-1] + days[-1].counted)
        day += ONE_DAY
    return Year(first, tuple(days), tuple(counted))


EVERY_DAY = Years(lambda day: Day(day, True, Why.COUNTED))
PAUSED = Years(lambda day: Day(day, False, Why.PAUSED))

# By the identity of the calendar, which is kept beside it so that no other can take its place.
_kept: dict[tuple[int, bool], tuple[Calendar, Years]] = {}


def working_days(calendar: Calendar) -> Years:
    """Monday to Friday but for the holidays of the calendar."""
    return _of(calendar, school=False)


def outside_school_holidays(calendar: Calendar) -> Years:
    """All days but those in the school holidays of the calendar."""
    return _of(calendar, school=True)


def _of(calendar: Calendar, *, school: bool) -> Years:
    found = _kept.get((id(calendar), school))
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        years = Years(_school_day(calendar) if school else _working_day(calendar))
        found = _kept[id(calendar), school] = (calendar, years)
    return found[1]


def _working_day(calendar: Calendar) -> Seen:
    def seen(day: date) -> Day:
        off = calendar.day_off(day)
        return Day(day, False, Why(off[0]), off[1]) if off else Day(day, True, Why.COUNTED)

    return seen


def _school_day(calendar: Calendar) -> Seen:
    def seen(day: date) -> Day:
        name = calendar.school_holiday(day)
        off = name is not None
        return Day(day, False, Why.SCHOOL_HOLIDAY, name) if off else Day(day, True, Why.COUNTED)

    return seen
