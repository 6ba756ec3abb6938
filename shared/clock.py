"""The one place that reads the time; everything else is handed it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current instant, in UTC."""
    return datetime.now(UTC)


def london_date(instant: datetime) -> date:
    """The calendar date people in Scotland would write for `instant`."""
    return instant.astimezone(LONDON).date()
