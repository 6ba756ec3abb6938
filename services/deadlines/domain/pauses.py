"""Pauses laid over each other: overlapping ones count once."""

from dataclasses import dataclass
from datetime import date

from services.deadlines.domain.facts import Pause


@dataclass(frozen=True, slots=True)
class Standstill:
    """The paused days of one obligation.

    `closed` are separate runs `[starts, ends)`, earliest first, all before `open_from`: from then
    on nothing counts, as long as the earliest open pause lasts.
    """

    closed: tuple[tuple[date, date], ...]
    open_from: date | None

    def covers(self, day: date) -> bool:
        """Whether `day` is paused."""
        if self.open_from is not None and day >= self.open_from:
            return True
        return any(starts <= day < ends for starts, ends in self.closed)


NEVER = Standstill((), None)


def standstill(pauses: tuple[Pause, ...]) -> Standstill:
    """Join pauses that overlap or touch; `pauses` come earliest first."""
    if not pauses:
        return NEVER
    open_from = min((pause.starts for pause in pauses if pause.ends is None), default=None)
    runs: list[tuple[date, date]] = []
    for pause in pauses:
        _add(runs, pause.starts, _end(pause, open_from))
    return Standstill(tuple(runs), open_from)


def _end(pause: Pause, open_from: date | None) -> date:
    ends = [day for day in (pause.ends, open_from) if day is not None]
    return min(ends)


def _add(runs: list[tuple[date, date]], starts: date, ends: date) -> None:
    if ends <= starts:
        return
    if runs and starts <= runs[-1][1]:
        runs[-1] = (runs[-1][0], max(runs[-1][1], ends))
    else:
        runs.append((starts, ends))
