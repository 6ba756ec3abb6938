"""Who is link inspector of an area, as far as the directory's events have told this service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Tenure:
    """One appointment as link inspector, on the days `[starts_on, ends_on)`.

    `starts_on` is None while only the appointment's end has been heard of.
    """

    appointment: str
    person: str
    area: str
    cover: bool
    starts_on: date | None
    ends_on: date | None
    version: int

    def holds_on(self, day: date) -> bool:
        """Whether the day is one of its days."""
        begun = self.starts_on is not None and self.starts_on <= day
        return begun and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class Service:
    """A person is an area's link inspector from `starts_on` to `ends_on`, both included."""

    area: str
    person: str
    starts_on: date
    ends_on: date


def serving(tenures: Iterable[Tenure], first: date, last: date) -> list[Service]:
    """Who serves each area from `first` to `last`: cover before substantive, later-begun first."""
    by_area: dict[str, list[Tenure]] = {}
    for tenure in tenures:
        by_area.setdefault(tenure.area, []).append(tenure)
    return [each for area in sorted(by_area) for each in _area(area, by_area[area], first, last)]


def _area(area: str, tenures: Sequence[Tenure], first: date, last: date) -> list[Service]:
    found: list[Service] = []
    for begin, after in pairwise(_cuts(tenures, first, last + timedelta(days=1))):
        holder = _holder(tenures, begin)
        if holder is None:
            continue
        until = after - timedelta(days=1)
        if found and found[-1].person == holder.person and _adjoin(found[-1], begin):
            found[-1] = Service(area, holder.person, found[-1].starts_on, until)
        else:
            found.append(Service(area, holder.person, begin, until))
    return found


def _adjoin(service: Service, begin: date) -> bool:
    return service.ends_on + timedelta(days=1) == begin


def _cuts(tenures: Sequence[Tenure], start: date, end: date) -> list[date]:
    days = {day for each in tenures for day in (each.starts_on, each.ends_on)}
    return sorted({start, end, *(day for day in days if day is not None and start < day < end)})


def _holder(tenures: Sequence[Tenure], day: date) -> Tenure | None:
    def rank(each: Tenure) -> tuple[bool, date, str]:
        return (each.cover, each.starts_on or date.min, each.appointment)

    return max((each for each in tenures if each.holds_on(day)), key=rank, default=None)
