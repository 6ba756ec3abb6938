"""A second implementation of coverage, one day at a time, written only to be compared with."""

from datetime import date, timedelta

from services.directory.domain.appointment import Appointment, Kind

Days = list[date]


def every_day(start: date, end: date) -> Days:
    """Each date of `[start, end)`."""
    return [start + timedelta(days=number) for number in range((end - start).days)]


def slow_holder(appointments: list[Appointment], day: date) -> Appointment | None:
    """Look at the covers first, and at the rest only when there is none; the last begun wins."""
    for kind in (Kind.COVER, Kind.SUBSTANTIVE):
        there = []
        for each in appointments:
            begun = each.starts_on <= day
            over = each.ends_on is not None and each.ends_on <= day
            if each.kind is kind and begun and not over:
                there.append((each.starts_on, each.id, each))
        if there:
            return max(there, key=lambda pair: pair[:2])[2]
    return None


def slow_uncovered(appointments: list[Appointment], start: date, end: date) -> Days:
    """The days on which nobody is there."""
    return [day for day in every_day(start, end) if slow_holder(appointments, day) is None]


def slow_doubled(appointments: list[Appointment], start: date, end: date) -> Days:
    """The days on which two of one kind are there."""
    return [
        day
        for day in every_day(start, end)
        for kind in Kind
        if sum(each.kind is kind and each.holds_on(day) for each in appointments) > 1
    ]
