"""Which way of counting a rule's unit asks for."""

from datetime import datetime

from services.deadlines.domain.calendar import Calendar
from services.deadlines.domain.count import NOT_COUNTED, Count
from services.deadlines.domain.day_years import (
    EVERY_DAY,
    Years,
    outside_school_holidays,
    working_days,
)
from services.deadlines.domain.days import count_days, count_months
from services.deadlines.domain.hours import count_hours
from services.deadlines.domain.pauses import Standstill
from services.deadlines.domain.rules import Rule, Unit
from shared.clock import london_date

DAYS_OF_A_WEEK = 7


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
    if rule.unit is Unit.SCHOOL_WEEKS:
        amount *= DAYS_OF_A_WEEK
    return count_days(day, amount, paused, _years(rule, calendar))


def _years(rule: Rule, calendar: Calendar | None) -> Years:
    if calendar is None:
        return EVERY_DAY
    school = rule.unit is Unit.SCHOOL_WEEKS
    return outside_school_holidays(calendar) if school else working_days(calendar)
