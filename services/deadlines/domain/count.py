"""The outcome of one count, with every step that led to it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class Why(StrEnum):
    """Why a day or a span of time did or did not count."""

    ANCHOR = "anchor"
    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"
    SCHOOL_HOLIDAY = "school_holiday"


class Day(NamedTuple):
    """One local date of a count; `name` is the holiday's, or the school holidays'."""

    date: date
    counted: bool
    why: Why
    name: str | None = None


class Span(NamedTuple):
    """Elapsed time between two UTC instants."""

    starts: datetime
    ends: datetime
    counted: bool
    why: Why


@dataclass(frozen=True, slots=True)
class Count:
    """When it is due, if the count came to an end, and the days or the spans it went through.

    `due_at` is exclusive: whatever is received at that instant is late.
    """

    due_at: datetime | None = None
    due_on: date | None = None
    days: tuple[Day, ...] = ()
    spans: tuple[Span, ...] = ()


NOT_COUNTED = Count()


class BeyondReach(Exception):
    """The count would end after the last day this service answers for."""
