"""A council area's calendar is Scotland's with days of its own: it follows a corrected Scotland."""

from dataclasses import replace
from datetime import date

from services.deadlines.domain.calendar import Break, Calendar
from services.deadlines.domain.calendar_making import Difference, differences


def following(own: Calendar, before: Calendar, after: Calendar) -> Calendar:
    """The area's next version, once Scotland's has gone from `before` to `after`.

    A day of which the area said otherwise than Scotland stays as the area has it. Of which both
    said the same, the area now says what Scotland says.
    """
    found = differences(before, after)
    return replace(
        own,
        version=str(int(own.version) + 1),
        holidays=dict(sorted(_holidays(own, before, found).items())),
        known_from=min(own.known_from, after.known_from),
        known_until=max(own.known_until, after.known_until),
        announced_until=max(own.announced_until, after.announced_until),
        school=_school(own, found),
    )


def _holidays(own: Calendar, before: Calendar, found: Difference) -> dict[date, str]:
    holidays = {day: name for day, name in own.holidays.items() if day not in found.removed}
    same = {day for day in found.renamed if holidays.get(day) == before.holidays[day]}
    renamed = {day: name for day, name in found.renamed.items() if day in same}
    return found.added | holidays | renamed


def _school(own: Calendar, found: Difference) -> tuple[Break, ...]:
    kept = [one for one in own.school if one not in found.school_removed]
    new = [
        one
        for one in found.school_added
        if all(one.ends < held.starts or held.ends < one.starts for held in kept)
    ]
    return tuple(sorted({*kept, *new}))
