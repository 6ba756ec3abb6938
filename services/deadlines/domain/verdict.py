"""The last sentences of an explanation: when it is due, and how it stands."""

from datetime import datetime

from services.deadlines.domain import wording
from services.deadlines.domain.clock import Breach, Clock
from services.deadlines.domain.rules import Unit
from services.deadlines.domain.states import State

_RUNNING = {
    State.NOT_STARTED: "has not started",
    State.NO_LIMIT: "is still to be met",
    State.OVERDUE: "is overdue",
    State.PAUSED: "is paused",
    State.DUE_SOON: "is due soon",
    State.OPEN: "is open",
}


def verdict(clock: Clock) -> str:
    """The answer, then the state on the day the question was asked."""
    return f"{_due(clock)} {_stands(clock)}"


def _due(clock: Clock) -> str:
    counted, rule = clock.counted, clock.rule
    if counted.due_at is None or counted.due_on is None:
        return _no_due_date(clock)
    if rule.unit is Unit.HOURS:
        return f"It is due before {_exact(counted.due_at)}; received at that moment is late."
    return f"It is due by the end of {wording.long_date(counted.due_on)}."


def _no_due_date(clock: Clock) -> str:
    if clock.rule.unit is Unit.NONE:
        return "No number is set, so it has no due date and is never overdue."
    if clock.rule.unit is Unit.LOCAL:
        return "The area has not given a number, so there is no due date yet."
    if clock.anchor_at is None:
        return "There is no due date until then."
    return "The count runs into a pause that has no end yet, so there is no due date for now."


def _stands(clock: Clock) -> str:
    match clock.state:
        case State.MET:
            return f"It was met at {_completed(clock)}."
        case State.MET_LATE:
            return f"It was met late, at {_completed(clock)}{_discussed(clock)}."
        case State.CANCELLED:
            said = f"is cancelled by {_ended(clock)}"
        case running:
            said = _RUNNING[running]
    return f"As at {wording.instant(clock.as_at)} it {said}{_discussed(clock)}."


def _discussed(clock: Clock) -> str:
    to_discuss = clock.breach is Breach.DISCUSS
    return ", which the emergency regime makes a matter to discuss" if to_discuss else ""


def _ended(clock: Clock) -> str:
    held = clock.facts.decision_held(clock.as_at)
    if held is not None and held.decision in clock.rule.cancelled_by:
        return f"the decision: {wording.decision(held.decision)}, {wording.instant(held.at)}"
    turn = clock.facts.turned(clock.as_at)
    return f"the case being {turn.standing}, {wording.instant(turn.at)}" if turn else "nothing"


def _completed(clock: Clock) -> str:
    at = clock.facts.completed_at(clock.rule.obligation)
    return _exact(at) if at is not None else "an unknown time"


def _exact(at: datetime) -> str:
    seconds = f", {at:%S} seconds past the minute" if at.second or at.microsecond else ""
    return f"{wording.instant(at)}{seconds}"
