"""Days and months are walked date by date, from the day after the anchor's."""

import calendar as gregorian
from collections.abc import Iterator
from datetime import date

from services.deadlines.domain.calendar import Calendar
from services.deadlines.domain.count import BeyondReach, Count, Day, Why
from services.deadlines.domain.local_time import LAST_DAY, ONE_DAY, end_of
from services.deadlines.domain.pauses import Standstill

# Where no due date is known, so much of the count is shown and no more.
MOST_DAYS_SHOWN = 400


def count_days(anchor: date, amount: int, paused: Standstill, calendar: Calendar | None) -> Count:
    """Due by the end of the `amount`th day that counts; with a calendar, only working days do."""
    days: list[Day] = []
    left = amount
    for day in _walk(anchor, paused, calendar):
        days.append(day)
        left -= day.counted
        if not left:
            return Count(end_of(day.date), day.date, days=tuple(days))
    if paused.open_from is None or paused.open_from > LAST_DAY:
        raise BeyondReach
    return Count(days=tuple(days[:MOST_DAYS_SHOWN]))


def count_months(anchor: date, amount: int, paused: Standstill) -> Count:
    """As many calendar days as lie up to the same day `amount` months on; pauses push it on."""
    return count_days(anchor, (_months_on(anchor, amount) - anchor).days, paused, None)


def _walk(anchor: date, paused: Standstill, calendar: Calendar | None) -> Iterator[Day]:
    last = LAST_DAY
    if paused.open_from is not None:
        last = min(last, paused.open_from - ONE_DAY)
    if anchor <= last:
        yield Day(anchor, False, Why.ANCHOR)
    pauses = iter(paused.closed)
    starts, ends = next(pauses, (date.max, date.max))
    day = anchor
    while day < last:
        day += ONE_DAY
        while day >= ends:
            starts, ends = next(pauses, (date.max, date.max))
        yield Day(day, False, Why.PAUSED) if day >= starts else _day(day, calendar)


def _day(day: date, calendar: Calendar | None) -> Day:
    off = calendar.day_off(day) if calendar else None
    return Day(day, False, Why(off[0]), off[1]) if off else Day(day, True, Why.COUNTED)


def _months_on(anchor: date, amount: int) -> date:
    years, month = divmod(anchor.month - 1 + amount, 12)
    year = anchor.year + years
    if year > date.max.year:
        return date.max
    longest = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, longest))
