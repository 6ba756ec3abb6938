"""Which days are worked: Monday to Friday, except the holidays of a calendar."""

from dataclasses import dataclass, field
from datetime import date

FALLBACK = "scotland"
# What a rule's `calendar` says when each council area has its own.
OF_AREA = "area"
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """One version of one calendar.

    Holidays are announced up to and including `announced_until`, projected from the usual pattern
    up to and including `known_until`, and not known before `known_from` or after that.
    """

    id: str
    version: str
    holidays: dict[date, str]
    known_from: date
    known_until: date
    announced_until: date

    def day_off(self, day: date) -> tuple[str, str | None] | None:
        """Why `day` is not a working day, and the holiday's name; None when it is one."""
        name = self.holidays.get(day)
        if name is not None:
            return "holiday", name
        return ("weekend", None) if day.weekday() >= SATURDAY else None


@dataclass(frozen=True, slots=True)
class Calendars:
    """The newest version of every calendar, by id; an area's own is kept under its GSS code."""

    by_id: dict[str, Calendar] = field(default_factory=dict)

    def for_rule(self, name: str | None, area: str) -> Calendar | None:
        """The calendar a rule counts by: the area's own if it has one, else Scotland's."""
        if name is None:
            return None
        wanted = area if name == OF_AREA else name
        return self.by_id.get(wanted) or self.by_id[FALLBACK]
