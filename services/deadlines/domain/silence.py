"""No notifications, or consistently few, are a finding: each area against its own history."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.areas import COUNCIL_AREAS

# The window that is looked at, and the least history that says what is usual.
WINDOW_MONTHS, LEAST_HISTORY_MONTHS = 12, 12
# So unlikely is it that as few come by chance alone, before it is called a finding.
UNUSUAL = 0.05


class Finding(StrEnum):
    """What an area's silence amounts to."""

    NEVER = "never"
    SILENT = "silent"
    FEWER = "fewer-than-usual"
    USUAL = "as-usual"
    UNKNOWN = "too-little-history"


@dataclass(frozen=True, slots=True)
class Silence:
    """One area: `expected` in the last 12 months by what came before them.

    `chance` is how likely so few are if nothing has changed (a Poisson count).
    """

    area: str
    name: str
    last_on: date | None
    in_window: int
    expected: float | None
    chance: float | None
    finding: Finding


def silences(
    counts: Mapping[str, Mapping[date, int]], last: Mapping[str, date], today: date
) -> list[Silence]:
    """Every council area; `counts` are notifications by area and first day of the month."""
    begun = min((month for by_month in counts.values() for month in by_month), default=None)
    return [
        _silence(area, counts.get(area, {}), last.get(area), begun, today) for area in COUNCIL_AREAS
    ]


def _silence(
    area: str, by_month: Mapping[date, int], last_on: date | None, begun: date | None, today: date
) -> Silence:
    opens = _months_before(today, WINDOW_MONTHS)
    in_window = sum(number for month, number in by_month.items() if month > opens)
    earlier = sum(number for month, number in by_month.items() if month <= opens)
    history = _months_between(begun, opens) + 1 if begun and begun <= opens else 0
    expected = earlier / history * WINDOW_MONTHS if history >= LEAST_HISTORY_MONTHS else None
    chance = _at_most(in_window, expected) if expected is not None else None
    finding = _finding(in_window, last_on, chance)
    return Silence(area, COUNCIL_AREAS[area], last_on, in_window, expected, chance, finding)


def _finding(in_window: int, last_on: date | None, chance: float | None) -> Finding:
    if last_on is None:
        return Finding.NEVER
    if chance is None:
        return Finding.UNKNOWN
    if chance > UNUSUAL:
        return Finding.USUAL
    return Finding.SILENT if in_window == 0 else Finding.FEWER


def _at_most(number: int, expected: float) -> float:
    """The chance of at most `number` where `expected` are usual."""
    logs = (each * math.log(expected) - math.lgamma(each + 1) for each in range(number + 1))
    if expected <= 0:
        return 1.0
    return min(1.0, math.fsum(math.exp(log - expected) for log in logs))


def _months_before(day: date, number: int) -> date:
    """The first day of the month so many months before that of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 - number, 12)
    return date(years, month + 1, 1)


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
