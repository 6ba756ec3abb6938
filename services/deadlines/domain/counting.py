"""Which way of counting a rule's unit asks for."""

from datetime import datetime

from services.deadlines.domain.calendar import Calendar
from services.deadlines.domain.count import NOT_COUNTED, Count
from services.deadlines.domain.days import count_days, count_months
from services.deadlines.domain.hours import count_hours
from services.deadlines.domain.pauses import Standstill
from services.deadlines.domain.rules import Rule, Unit
from shared.clock import london_date


def count(
    rule: Rule,
    anchor: datetime | None,
    extended: int,
    paused: Standstill,
    calendar: Calendar | None,
) -> Count:
    """The due date of one rule; none without an anchor, or where the rule sets no number."""
    if anchor is None or rule.amount is None:
        return NOT_COUNTED
    amount = rule.amount + extended
    if rule.unit is Unit.HOURS:
        return count_hours(anchor, amount, paused)
    day = london_date(anchor)
    if rule.unit is Unit.MONTHS:
        return count_months(day, amount, paused)
    return count_days(day, amount, paused, calendar)
