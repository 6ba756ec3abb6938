"""Which days are worked: Monday to Friday, except the holidays of a calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from shared.areas import COUNCIL_AREAS

FALLBACK = "scotland"
# What a rule's `calendar` says when each council area has its own.
OF_AREA = "area"
SATURDAY = 5
# Every calendar there may be: Scotland's, and one for each council area.
CALENDAR_IDS = (FALLBACK, *COUNCIL_AREAS)


class Break(NamedTuple):
    """School holidays from `starts` to `ends`, both days included; they are worked days."""

    starts: date
    ends: date
    name: str


class Pin(NamedTuple):
    """One version of one calendar, by which a clock counts until a correction moves it on."""

    calendar: str
    version: str


class UnknownVersion(LookupError):
    """A clock counts by a version that this process has not read yet."""


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
    school: tuple[Break, ...] = ()

    @property
    def pin(self) -> Pin:
        """What a clock that counts by it is pinned to."""
        return Pin(self.id, self.version)

    def day_off(self, day: date) -> tuple[str, str | None] | None:
        """Why `day` is not a working day, and the holiday's name; None when it is one."""
        name = self.holidays.get(day)
        if name is not None:
            return "holiday", name
        return ("weekend", None) if day.weekday() >= SATURDAY else None

    def school_holiday(self, day: date) -> str | None:
        """The name of the school holidays that `day` lies in."""
        return next((each.name for each in self.school if each.starts <= day <= each.ends), None)


@dataclass(frozen=True, slots=True)
class Calendars:
    """The version in force of every calendar, by id; an area's own is kept under its GSS code.

    `versions` are all that were ever in force; `pins` says by which of them each rule of one case
    counts, whatever came into force since.
    """

    by_id: dict[str, Calendar] = field(default_factory=dict)
    versions: dict[Pin, Calendar] = field(default_factory=dict)
    pins: Mapping[str, Pin] = field(default_factory=dict)

    def for_rule(self, name: str | None, area: str, rule: str | None = None) -> Calendar | None:
        """The calendar a rule counts by: the pinned one, else the area's own, else Scotland's."""
        if name is None:
            return None
        pin = self.pins.get(rule) if rule else None
        if pin is not None:
            return self._pinned(pin)
        wanted = area if name == OF_AREA else name
        return self.by_id.get(wanted) or self.by_id[FALLBACK]

    def pinned(self, pins: Mapping[str, Pin]) -> "Calendars":
        """The same calendars, for a case whose rules are pinned so."""
        return replace(self, pins=pins) if pins else self

    def holds(self, pins: Mapping[str, Pin]) -> bool:
        """Whether every version that a case is pinned to has been read."""
        return all(pin in self.versions for pin in pins.values())

    def _pinned(self, pin: Pin) -> Calendar:
        found = self.versions.get(pin)
        if found is None:
            raise UnknownVersion(f"calendar {pin.calendar}, version {pin.version}")
        return found


def calendars(in_force: list[Calendar], earlier: list[Calendar] | None = None) -> Calendars:
    """The calendars in force, and what was in force before them."""
    every = [*(earlier or ()), *in_force]
    return Calendars({one.id: one for one in in_force}, {one.pin: one for one in every})
