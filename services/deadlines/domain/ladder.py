"""The ladder of reminders of one rule: who is told when, before and after the due date.

A rung belongs to one due date: where the date moves, the ladder begins anew for the new one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from services.deadlines.domain.local_time import midnight
from shared.clock import london_date

TICK = timedelta(microseconds=1)


class Side(StrEnum):
    """Before the due date, or from it on."""

    BEFORE = "before"
    AFTER = "after"


class Audience(StrEnum):
    """Who is written to; a reminder that finds no link inspector goes to the support team."""

    LINK_INSPECTOR = "link-inspector"
    SUPPORT_TEAM = "support-team"
    CHIEF_INSPECTOR = "chief-inspector"


@dataclass(frozen=True, slots=True)
class Rung:
    """One reminder, so many elapsed hours or local dates from the due date: our configuration."""

    name: str
    side: Side
    hours: int
    days: int
    to: Audience

    @property
    def before(self) -> bool:
        """Whether it warns of the due date, which is still to come."""
        return self.side is Side.BEFORE


Ladder = tuple[Rung, ...]


class Deadline(NamedTuple):
    """What a ladder is laid against.

    `due_on` is the last day; `known_at` is when this service learned of the case: nobody could be
    told before it, and what is overdue by then escalates from that moment and not from the past.
    """

    due_at: datetime
    due_on: date
    known_at: datetime


class Reached(NamedTuple):
    """A rung whose instant has come."""

    rung: Rung
    at: datetime


class Verdict(StrEnum):
    """What becomes of a rung that was reached."""

    TELL = "told"
    LEAVE = "passed-over"


def laid(ladder: Ladder, deadline: Deadline) -> tuple[Reached, ...]:
    """Every rung with the instant at which it is reached, earliest first.

    Hours are elapsed. Days before count like a warning window, up to and including the last day;
    days after begin with the local day so many on. Where the case came too late to be warned at
    all, the rungs before the due date are left out.
    """
    if deadline.known_at >= deadline.due_at:
        return tuple(_laid(ladder, deadline))
    # Many clocks are due together, and who learned of one in time does not matter then.
    key = (id(ladder), deadline.due_at, deadline.due_on)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[key] = (ladder, tuple(_laid(ladder, deadline)))
    return found[1]


# By the identity of the ladder, which is kept beside it so that no other can take its place.
MOST_KEPT = 4096
_kept: dict[tuple[int, datetime, date], tuple[Ladder, tuple[Reached, ...]]] = {}


def _laid(ladder: Ladder, deadline: Deadline) -> list[Reached]:
    warned = deadline.known_at < deadline.due_at
    begins = max(deadline.due_at, deadline.known_at)
    # The first instant after a day belongs to the day on which it is first overdue.
    last_day = london_date(begins - TICK)
    found = [
        Reached(rung, _before(rung, deadline) if rung.before else _after(rung, begins, last_day))
        for rung in ladder
        if warned or not rung.before
    ]
    found.sort(key=itemgetter(1))
    return found


def verdicts(
    found: Iterable[Reached], told: Collection[str], *, warnings_over: bool
) -> list[tuple[Reached, Verdict]]:
    """What to do with each rung that was reached and is not in the ledger yet.

    Of several for the same people on the same side of the due date, only the latest is told: it
    says all that the earlier ones would have said. With `warnings_over` (that it is overdue was
    told long ago) none from before the due date is.
    """
    fresh = [each for each in found if each.rung.name not in told]
    if not fresh:
        return []
    latest = {(each.rung.to, each.rung.side): each for each in fresh}
    return [(each, _verdict(each, latest, warnings_over)) for each in fresh]


def _verdict(
    each: Reached, latest: dict[tuple[Audience, Side], Reached], warnings_over: bool
) -> Verdict:
    stale = warnings_over and each.rung.side is Side.BEFORE
    last = latest[each.rung.to, each.rung.side]
    return Verdict.TELL if each is last and not stale else Verdict.LEAVE


def _before(rung: Rung, deadline: Deadline) -> datetime:
    if rung.days:
        return midnight(deadline.due_on - timedelta(days=rung.days - 1))
    return deadline.due_at - timedelta(hours=rung.hours)


def _after(rung: Rung, begins: datetime, last_day: date) -> datetime:
    if rung.days:
        return midnight(last_day + timedelta(days=rung.days + 1))
    return begins + timedelta(hours=rung.hours)
