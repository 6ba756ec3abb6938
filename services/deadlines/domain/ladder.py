"""The ladder of reminders of one rule: who is told when, before and after the due date.

A rung belongs to one due date: where the date moves, the ladder begins anew for the new one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.deadlines.domain.local_time import ONE_DAY, midnight
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


Ladder = tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a ladder is laid against.

    `due_on` is the last day; `known_at` is when this service learned of the case: nobody could be
    told before it, and what is overdue by then escalates from that moment and not from the past.
    """

    due_at: datetime
    due_on: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """A rung whose instant has come."""

    rung: Rung
    at: datetime


class Verdict(StrEnum):
    """What becomes of a rung that was reached."""

    TELL = "told"
    LEAVE = "passed-over"


def instant_of(rung: Rung, deadline: Deadline) -> datetime | None:
    """When a rung is reached; None where the case came too late to be warned at all.

    Hours are elapsed. Days before count like a warning window, up to and including the last day;
    days after begin with the local day so many on.
    """
    if rung.side is Side.BEFORE:
        return _before(rung, deadline) if deadline.known_at < deadline.due_at else None
    return _after(rung, max(deadline.due_at, deadline.known_at))


def reached(ladder: Ladder, deadline: Deadline, now: datetime) -> list[Reached]:
    """Every rung whose instant has come, earliest first."""
    return [each for each in _all(ladder, deadline) if each.at <= now]


def next_rung_at(ladder: Ladder, deadline: Deadline, now: datetime) -> datetime | None:
    """When the next rung is reached."""
    return min((each.at for each in _all(ladder, deadline) if each.at > now), default=None)


def verdicts(
    found: Iterable[Reached], told: frozenset[str], *, warnings_over: bool
) -> list[tuple[Reached, Verdict]]:
    """What to do with each rung that was reached and is not in the ledger yet.

    Of several for the same people on the same side of the due date, only the latest is told: it
    says all that the earlier ones would have said. With `warnings_over` (that it is overdue was
    told long ago) none from before the due date is.
    """
    fresh = [each for each in found if each.rung.name not in told]
    latest = {(each.rung.to, each.rung.side): each for each in fresh}
    return [(each, _verdict(each, latest, warnings_over)) for each in fresh]


def _verdict(
    each: Reached, latest: dict[tuple[Audience, Side], Reached], warnings_over: bool
) -> Verdict:
    stale = warnings_over and each.rung.side is Side.BEFORE
    last = latest[each.rung.to, each.rung.side]
    return Verdict.TELL if each is last and not stale else Verdict.LEAVE


def _all(ladder: Ladder, deadline: Deadline) -> Iterator[Reached]:
    found = ((instant_of(rung, deadline), rung) for rung in ladder)
    every = [Reached(rung, at) for at, rung in found if at is not None]
    yield from sorted(every, key=lambda each: each.at)


def _before(rung: Rung, deadline: Deadline) -> datetime:
    if rung.days:
        return midnight(deadline.due_on - timedelta(days=rung.days - 1))
    return deadline.due_at - timedelta(hours=rung.hours)


def _after(rung: Rung, begins: datetime) -> datetime:
    if rung.days:
        # The first instant after the last day belongs to the day on which it is first overdue.
        return midnight(london_date(begins - TICK) + ONE_DAY * (rung.days + 1))
    return begins + timedelta(hours=rung.hours)
