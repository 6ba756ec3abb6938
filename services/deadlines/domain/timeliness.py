"""How a met clock is judged: in time, late, late but promptly once the service was aware.

Late notifications were often outside the control of the service, so what took long is told apart
from what was done as soon as somebody knew; lateness under an emergency regime is discussed.
"""

from datetime import datetime
from enum import StrEnum

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.count import BeyondReach
from services.deadlines.domain.counting import count
from services.deadlines.domain.pauses import standstill
from services.deadlines.domain.states import State

AWARE = "aware_at"
_MET = frozenset({State.MET, State.MET_LATE})


class Outcome(StrEnum):
    """What became of an obligation that has a number."""

    IN_TIME = "in-time"
    DISCUSS = "late-under-regime"
    PROMPT = "late-prompt-once-aware"
    LATE = "late"


def outcome(clock: Clock) -> Outcome | None:
    """None while it is not met, was cancelled, or where the rule sets no number."""
    if clock.due_at is None or clock.state not in _MET:
        return None
    if clock.state is State.MET:
        return Outcome.IN_TIME
    if clock.discuss:
        return Outcome.DISCUSS
    return Outcome.PROMPT if _prompt_once_aware(clock) else Outcome.LATE


def completed_at(clock: Clock) -> datetime | None:
    """When it was met, if it is."""
    met = clock.state in _MET
    return clock.facts.completed_at(clock.rule.obligation) if met else None


def _prompt_once_aware(clock: Clock) -> bool:
    completed, rule = completed_at(clock), clock.rule
    if completed is None or clock.facts.aware_at <= clock.facts.occurred_at:
        return False
    paused = standstill(clock.facts.pauses_of(rule.obligation))
    try:
        counted = count(rule, clock.facts.anchor(AWARE), clock.extended, paused, clock.calendar)
    except BeyondReach:
        return True
    return counted.due_at is not None and completed < counted.due_at
