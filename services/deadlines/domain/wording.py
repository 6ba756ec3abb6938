"""Dates, instants and durations as a letter would write them."""

from datetime import date, datetime
from functools import lru_cache

from services.deadlines.domain.rules import Rule, Unit
from shared.clock import LONDON

_UNITS = {
    Unit.HOURS: "hour",
    Unit.CALENDAR_DAYS: "calendar day",
    Unit.WORKING_DAYS: "working day",
    Unit.MONTHS: "month",
    Unit.SCHOOL_WEEKS: "week outside school holidays",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def long_date(day: date) -> str:
    """Like `Friday 3 April 2026`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Like `3 April`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


# All clocks of one answer name the same few moments.
@lru_cache(maxsize=1024)
def instant(at: datetime) -> str:
    """Scottish local time, like `10:30 on Friday 3 April 2026`."""
    local = at.astimezone(LONDON)
    return f"{local:%H:%M} on {long_date(local.date())}"


def amount(number: int, unit: Unit) -> str:
    """Like `24 hours` or `1 working day`."""
    if unit is Unit.SCHOOL_WEEKS and number != 1:
        return f"{number} weeks outside school holidays"
    return f"{number} {_UNITS[unit]}{'' if number == 1 else 's'}"


def allowed(rule: Rule) -> str:
    """How much time a rule gives, as a phrase."""
    if rule.unit is Unit.LOCAL:
        return "within a number of days that is set locally"
    if rule.amount is None:
        return "without a number of hours or days"
    said = f"within {amount(rule.amount, rule.unit)}"
    return f"{said} (as the area has set: {rule.set_by})" if rule.set_by else said


def decision(name: str) -> str:
    """A decision as a clause."""
    said = {
        "learning-review": "a learning review is undertaken",
        "no-learning-review": "no learning review is undertaken",
    }
    return said.get(name, name)


def listed(parts: list[str]) -> str:
    """Like `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def obligation(name: str) -> str:
    """An obligation as a noun phrase."""
    return "the notification" if name == "notify" else f"the {name.replace('-', ' ')}"
