"""Calendars as iCalendar (RFC 5545): one all-day event a holiday."""

from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from services.deadlines.domain.calendar_entries import Entry, Kind
from shared.errors import FieldError, Invalid

SCHOOL = frozenset({"SCHOOL", "SCHOOL-HOLIDAY", "SCHOOL HOLIDAY", "SCHOOL HOLIDAYS"})
_REPEATING = ("RRULE", "RDATE", "EXDATE")


def read_ics(text: str) -> list[Entry]:
    """The entries of a file; `Invalid` names the line where an event begins, and its property."""
    try:
        parsed = Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError) as error:
        raise Invalid(FieldError("icalendar", "is not an iCalendar file (RFC 5545)")) from error
    places = _places(text)
    events = list(parsed.walk("VEVENT"))
    if len(events) != len(places):
        raise Invalid(FieldError("icalendar", "is not an iCalendar file (RFC 5545)"))
    read = [
        _entry(event, f"icalendar.line-{line}") for event, line in zip(events, places, strict=True)
    ]
    wrong = [one for one in read if isinstance(one, FieldError)]
    if wrong:
        raise Invalid(*wrong)
    return [one for one in read if isinstance(one, Entry)]


def _places(text: str) -> list[int]:
    lines = text.lstrip("\ufeff").splitlines()
    return [
        number
        for number, line in enumerate(lines, start=1)
        if line.strip().upper() == "BEGIN:VEVENT"
    ]


def _entry(event: Any, where: str) -> Entry | FieldError | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    if event.errors:
        return FieldError(f"{where}.{event.errors[0][0].lower()}", "cannot be read")
    repeated = next((name for name in _REPEATING if name in event), None)
    if repeated:
        said = "repeating events are not read; write each day as an event of its own"
        return FieldError(f"{where}.{repeated.lower()}", said)
    starts = _day(event.get("DTSTART"))
    until = _until(event, starts)
    if starts is None or until is None:
        name = "dtstart" if starts is None else "dtend"
        return FieldError(f"{where}.{name}", "must be a whole day, such as VALUE=DATE:20260615")
    kind = Kind.SCHOOL if SCHOOL & _categories(event) else Kind.HOLIDAY
    return Entry(where, starts, until, str(event.get("SUMMARY", "")).strip(), kind)


def _until(event: Any, starts: date | None) -> date | None:
    """The last day of an event, whose DTEND is the first day after it."""
    if starts is None or "DTEND" not in event:
        length = getattr(event.get("DURATION"), "dt", timedelta(days=1))
        whole = length >= timedelta(days=1) and length % timedelta(days=1) == timedelta()
        return starts + length - timedelta(days=1) if starts and whole else None
    ends = _day(event.get("DTEND"))
    return ends - timedelta(days=1) if ends else None


def _day(value: Any) -> date | None:
    found = getattr(value, "dt", None)
    return found if isinstance(found, date) and not isinstance(found, datetime) else None


def _categories(event: Any) -> set[str]:
    given = event.get("CATEGORIES")
    several = given if isinstance(given, list) else [given] if given is not None else []
    return {str(name).strip().upper() for one in several for name in getattr(one, "cats", ())}
