"""Where Scottish local dates and instants meet."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from shared.clock import LONDON

ONE_DAY = timedelta(days=1)
# What this service answers for; an answer beyond it is refused.
LAST_DAY = date(2200, 12, 31)


# Clocks and their reminders come back to the same days again and again.
@lru_cache(maxsize=4096)
def midnight(day: date) -> datetime:
    """The UTC instant at which `day` begins in Scotland; no clock change ever falls on midnight."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first UTC instant after `day`, as Scotland counts days."""
    return midnight(day + ONE_DAY)
