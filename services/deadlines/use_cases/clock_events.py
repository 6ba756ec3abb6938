"""The event that tells one change of one clock."""

from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.progress import Change
from services.deadlines.domain.states import State
from shared.events.deadlines import (
    ClockCancelled,
    ClockDueSoon,
    ClockMet,
    ClockOverdue,
    ClockReopened,
    ClockStarted,
)
from shared.events.envelope import Event


def clock_event(change: Change, case: Case, clock_id: str, clock: Clock) -> Event:
    """The event for `change`, with references, codes and instants only."""
    about = {
        "reference": case.reference,
        "area": case.area,
        "clock": clock_id,
        "rule": clock.rule.id,
        "obligation": clock.rule.obligation,
    }
    match change:
        case Change.STARTED:
            return _started(about, clock)
        case Change.DUE_SOON:
            return ClockDueSoon(**about, due_at=_certain(clock.due_at))
        case Change.OVERDUE:
            return ClockOverdue(**about, due_at=_certain(clock.due_at))
        case Change.MET:
            return _met(about, clock)
        case Change.CANCELLED:
            return ClockCancelled(**about, decision=_decision(clock))
        case Change.REOPENED:
            return ClockReopened(**about, decision=_decision(clock))


def _started(about: dict[str, str], clock: Clock) -> Event:
    return ClockStarted(
        **about,
        version=clock.rule.version,
        governing=clock.rule.governing,
        state=clock.state.value,
        due_at=clock.due_at,
        due_on=clock.counted.due_on,
    )


def _met(about: dict[str, str], clock: Clock) -> Event:
    completed_at = clock.facts.completed_at(clock.rule.obligation)
    late = clock.state is State.MET_LATE
    return ClockMet(**about, late=late, completed_at=_certain(completed_at))


def _decision(clock: Clock) -> str:
    """What ended it or brought it back, whichever was said last."""
    held, turn = clock.facts.decision_held(clock.as_at), clock.facts.turned(clock.as_at)
    if turn is not None and (held is None or turn.at >= held.at):
        return turn.standing.value
    return held.decision if held else ""


def _certain(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("a clock without this instant cannot have changed so")
    return at
