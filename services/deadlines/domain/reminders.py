"""Which rungs of a clock's ladder are to be told now, and when the next is reached."""

from datetime import datetime

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.ladder import (
    Deadline,
    Reached,
    Verdict,
    next_rung_at,
    reached,
    verdicts,
)
from services.deadlines.domain.progress import Change, Known
from services.deadlines.domain.states import State

# Nobody is reminded of what is met, cancelled or paused.
_REMINDED = frozenset({State.OPEN, State.DUE_SOON, State.OVERDUE})


def worth_reminding(clock: Clock) -> bool:
    """Only the governing wording of an obligation is, and only while it runs.

    What was received before anybody looked is told as met late, and nobody is reminded of it.
    """
    return clock.rule.governing and clock.state in _REMINDED


def due_reminders(
    known: Known, clock: Clock, begun_at: datetime, told: frozenset[str]
) -> list[tuple[Reached, Verdict]]:
    """What to do with the rungs that were reached and are not `told` for this due date yet.

    `known` is what was told before this look at the clock.
    """
    deadline = _deadline(clock, begun_at)
    if deadline is None or not worth_reminding(clock):
        return []
    found = reached(clock.rule.reminders, deadline, clock.as_at)
    return verdicts(found, told, warnings_over=Change.OVERDUE in known.told)


def next_reminder(clock: Clock, begun_at: datetime) -> datetime | None:
    """When to look at the clock again on account of its ladder."""
    deadline = _deadline(clock, begun_at)
    if deadline is None or not worth_reminding(clock):
        return None
    return next_rung_at(clock.rule.reminders, deadline, clock.as_at)


def _deadline(clock: Clock, begun_at: datetime) -> Deadline | None:
    due_at, due_on = clock.due_at, clock.counted.due_on
    if due_at is None or due_on is None:
        return None
    return Deadline(due_at, due_on, begun_at)
