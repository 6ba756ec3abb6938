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
    makers = {
        Change.STARTED: _started,
        Change.DUE_SOON: _due_soon,
        Change.OVERDUE: _overdue,
        Change.MET: _met,
        Change.CANCELLED: _cancelled,
        Change.REOPENED: _reopened,
    }
    return makers[change](case, clock_id, clock)


def _started(case: Case, clock_id: str, clock: Clock) -> Event:
    return ClockStarted(
        reference=case.reference,
        area=case.area,
        clock=clock_id,
        rule=clock.rule.id,
        version=clock.rule.version,
        obligation=clock.rule.obligation,
        governing=clock.rule.governing,
        state=clock.state.value,
        due_at=clock.due_at,
        due_on=clock.counted.due_on,
    )


def _due_soon(case: Case, clock_id: str, clock: Clock) -> Event:
    return ClockDueSoon(
        reference=case.reference,
        area=case.area,
        clock=clock_id,
        rule=clock.rule.id,
        obligation=clock.rule.obligation,
        due_at=_certain(clock.due_at),
    )


def _overdue(case: Case, clock_id: str, clock: Clock) -> Event:
    return ClockOverdue(
        reference=case.reference,
        area=case.area,
        clock=clock_id,
        rule=clock.rule.id,
        obligation=clock.rule.obligation,
        due_at=_certain(clock.due_at),
    )


def _met(case: Case, clock_id: str, clock: Clock) -> Event:
    return ClockMet(
        reference=case.reference,
        area=case.area,
        clock=clock_id,
        rule=clock.rule.id,
        obligation=clock.rule.obligation,
        late=clock.state is State.MET_LATE,
        completed_at=_certain(clock.facts.completed_at(clock.rule.obligation)),
    )


def _cancelled(case: Case, clock_id: str, clock: Clock) -> Event:
    return ClockCancelled(
        reference=case.reference,
        area=case.area,
        clock=clock_id,
        rule=clock.rule.id,
        obligation=clock.rule.obligation,
        decision=_decision(clock),
    )


def _reopened(case: Case, clock_id: str, clock: Clock) -> Event:
    return ClockReopened(
        reference=case.reference,
        area=case.area,
        clock=clock_id,
        rule=clock.rule.id,
        obligation=clock.rule.obligation,
        decision=_decision(clock),
    )


def _decision(clock: Clock) -> str:
    held = clock.facts.decision_held(clock.as_at)
    return held.decision if held else ""


def _certain(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("a clock without this instant cannot have changed so")
    return at
