"""What a clock says at one instant: the first state that applies, in this order."""

from datetime import datetime
from enum import StrEnum

from services.deadlines.domain.facts import Facts, Standing
from services.deadlines.domain.pauses import Standstill
from services.deadlines.domain.rules import Rule
from shared.clock import london_date


class State(StrEnum):
    """`met` and `met_late` are judged by when the thing was received, not by who looked when."""

    NOT_STARTED = "not_started"
    CANCELLED = "cancelled"
    MET = "met"
    MET_LATE = "met_late"
    NO_LIMIT = "no_limit"
    OVERDUE = "overdue"
    PAUSED = "paused"
    DUE_SOON = "due_soon"
    OPEN = "open"


RUNNING = frozenset({State.OPEN, State.DUE_SOON, State.OVERDUE, State.PAUSED, State.NOT_STARTED})


def state_of(
    rule: Rule,
    facts: Facts,
    due_at: datetime | None,
    warn_at: datetime | None,
    paused: Standstill,
    as_at: datetime,
) -> State:
    """The state of a clock; facts later than `as_at` neither complete, cancel nor pause it."""
    settled = _settled(rule, facts, due_at, as_at)
    return settled or running_state(rule, due_at, warn_at, paused, as_at)


def _settled(rule: Rule, facts: Facts, due_at: datetime | None, as_at: datetime) -> State | None:
    anchor = facts.anchor(rule.anchor)
    if anchor is None or anchor > as_at or not applies(rule, facts, as_at):
        return State.NOT_STARTED
    completed = facts.completed_at(rule.obligation)
    if cancelling(rule, facts, as_at):
        return State.CANCELLED
    if completed is None or completed > as_at:
        return None
    return State.MET if due_at is None or completed < due_at else State.MET_LATE


def applies(rule: Rule, facts: Facts, as_at: datetime) -> bool:
    """Whether the decision that holds is the one on which alone the rule runs."""
    if rule.only_if is None:
        return True
    held = facts.decision_held(as_at)
    return held is not None and held.decision == rule.only_if


def cancelling(rule: Rule, facts: Facts, as_at: datetime) -> bool:
    """Whether it was ended by a decision, or with its case, before it was completed."""
    ended = ended_at(rule, facts, as_at)
    if ended is None:
        return False
    completed = facts.completed_at(rule.obligation)
    return completed is None or completed >= ended


def ended_at(rule: Rule, facts: Facts, as_at: datetime) -> datetime | None:
    """When the decision that holds, or else what was last said of the case, ended it."""
    held = facts.decision_held(as_at) if rule.cancelled_by else None
    if held is not None and held.decision in rule.cancelled_by:
        return held.at
    turn = facts.turned(as_at) if facts.turns else None
    return turn.at if turn is not None and turn.standing is not Standing.REOPENED else None


def running_state(
    rule: Rule,
    due_at: datetime | None,
    warn_at: datetime | None,
    paused: Standstill,
    as_at: datetime,
) -> State:
    """The state of a clock that has begun and that nothing but time has ended yet."""
    if not rule.unit.has_number:
        return State.NO_LIMIT
    if due_at is not None and as_at >= due_at:
        return State.OVERDUE
    if paused.covers(london_date(as_at)):
        return State.PAUSED
    return State.DUE_SOON if warn_at is not None and as_at >= warn_at else State.OPEN
