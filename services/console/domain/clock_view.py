"""Clocks as people look at them: by what is owed, the governing wording first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from services.console.domain.calendar_picture import Month, months_of
from shared.clock import LONDON

Clock = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One wording and its answer, with the picture of its days."""

    clock: Clock
    due: str
    months: Sequence[Month]

    @property
    def spans(self) -> Sequence[Mapping[str, Any]]:
        """For hours: what elapsed, counted or not."""
        return self.clock["explanation"]["spans"]


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed: the wording that governs, and the others beside it."""

    obligation: str
    view: ClockView
    others: Sequence[ClockView]


def owed(clocks: Iterable[Clock]) -> list[Owed]:
    """Everything that is owed, in the order in which the rules name it."""
    by_obligation: dict[str, list[ClockView]] = {}
    for clock in clocks:
        by_obligation.setdefault(clock["obligation"], []).append(view_of(clock))
    return [_owed(obligation, views) for obligation, views in by_obligation.items()]


def view_of(clock: Clock) -> ClockView:
    """One clock."""
    explained = clock["explanation"]
    return ClockView(clock, due_words(clock), months_of(explained["days"], clock["due_on"]))


def due_words(clock: Clock) -> str:
    """`by the end of 10 March 2026`, `by 10.30pm on 29 March 2026`, or that there is no date."""
    if not clock["due_at"]:
        return "no date"
    local = datetime.fromisoformat(clock["due_at"]).astimezone(LONDON)
    due_on = date.fromisoformat(clock["due_on"]) if clock["due_on"] else local.date()
    if local.time() == time(0) and due_on < local.date():
        return f"by the end of {_day(due_on)}"
    half = "am" if local.hour < 12 else "pm"
    return f"by {local.hour % 12 or 12}.{local:%M}{half} on {_day(local.date())}"


def _owed(obligation: str, views: Sequence[ClockView]) -> Owed:
    governing = next((one for one in views if one.clock["governing"]), views[0])
    return Owed(obligation, governing, [one for one in views if one is not governing])


def _day(when: date) -> str:
    return f"{when.day} {when:%B %Y}"
