"""Days, weeks and months are walked date by date, from the day after the anchor's."""

import calendar as gregorian
from bisect import bisect_left
from datetime import date
from functools import lru_cache

from services.deadlines.domain.count import BeyondReach, Count, Day, Why
from services.deadlines.domain.day_years import EVERY_DAY, PAUSED, Years
from services.deadlines.domain.local_time import LAST_DAY, ONE_DAY, end_of
from services.deadlines.domain.pauses import NEVER, Standstill

# Where no due date is known, so much of the count is shown and no more.
MOST_DAYS_SHOWN = 400


def count_days(anchor: date, amount: int, paused: Standstill, years: Years) -> Count:
    """Due by the end of the `amount`th day that counts in `years` and is not paused."""
    unpaused = paused is NEVER
    return _unpaused(anchor, amount, years) if unpaused else _counted(anchor, amount, paused, years)


# Cases that are due together began together, and so their days are counted once.
@lru_cache(maxsize=4096)
def _unpaused(anchor: date, amount: int, years: Years) -> Count:
    return _counted(anchor, amount, NEVER, years)


def _counted(anchor: date, amount: int, paused: Standstill, years: Years) -> Count:
    end = _end(paused)
    if anchor < end:
        walk = _Walk(anchor, amount)
        for starts, ends in paused.closed:
            walk.go(years, min(starts, end))
            walk.go(PAUSED, min(ends, end))
        walk.go(years, end)
        if not walk.left:
            due_on = walk.days[-1].date
            return Count(end_of(due_on), due_on, days=tuple(walk.days))
        shown = tuple(walk.days[:MOST_DAYS_SHOWN])
    else:
        shown = ()
    if paused.open_from is None or paused.open_from > LAST_DAY:
        raise BeyondReach
    return Count(days=shown)


def count_months(anchor: date, amount: int, paused: Standstill) -> Count:
    """As many calendar days as lie up to the same day `amount` months on; pauses push it on."""
    return count_days(anchor, (_months_on(anchor, amount) - anchor).days, paused, EVERY_DAY)


class _Walk:
    """A count under way: the days behind it, and how many still have to count."""

    def __init__(self, anchor: date, amount: int) -> None:
        self.days = [Day(anchor, False, Why.ANCHOR)]
        self.left = amount
        self._next = anchor + ONE_DAY

    def go(self, years: Years, until: date) -> None:
        """Walk up to, not including, `until`, or to the day on which nothing is left."""
        while self.left and self._next < until:
            year = years.of(self._next.year)
            here = self._next.toordinal() - year.first
            there = min(until.toordinal() - year.first, len(year.days))
            wanted = year.counted[here] + self.left
            if wanted <= year.counted[there]:
                there = bisect_left(year.counted, wanted, here, there + 1)
            self.left = wanted - year.counted[there]
            self.days += year.days[here:there]
            self._next = date.fromordinal(year.first + there)


def _end(paused: Standstill) -> date:
    """The first day that is not looked at any more."""
    last = LAST_DAY + ONE_DAY
    return last if paused.open_from is None else min(last, paused.open_from)


def _months_on(anchor: date, amount: int) -> date:
    years, month = divmod(anchor.month - 1 + amount, 12)
    year = anchor.year + years
    if year > date.max.year:
        return date.max
    longest = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, longest))
