"""Days and times as people write them into forms: times are Scottish time."""

from datetime import UTC, date, datetime

from shared.clock import LONDON

NO_DAY = "Write the date, such as 2026-03-28."
NO_TIME = "Write the date and the time, such as 2026-03-28 22:30."
NO_SUCH_TIME = "That hour was skipped when the clocks went forward. Choose another time."


def is_day(text: str) -> bool:
    """Whether it is a date, and written as browsers write one."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def instant_of(text: str) -> str:
    """The instant with its offset; `ValueError` says what to write instead."""
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=LONDON)
        back = local.astimezone(UTC).astimezone(LONDON)
    except (ValueError, OverflowError):
        raise ValueError(NO_TIME) from None
    if back.replace(fold=0) != local or back.hour != local.hour:
        raise ValueError(NO_SUCH_TIME)
    return local.isoformat()
