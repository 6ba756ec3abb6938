"""What has become of a case's clocks since anybody was last told, and when to look again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.local_time import ONE_DAY, midnight
from services.deadlines.domain.states import State
from shared.clock import london_date


class Change(StrEnum):
    """Something about a clock that others are told."""

    STARTED = "started"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"
    MET = "met"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


# Told once in a clock's life, however often a decision stops it and starts it again.
ONCE = frozenset({Change.STARTED, Change.DUE_SOON, Change.OVERDUE})
_MET = frozenset({State.MET, State.MET_LATE})
_WARNED = frozenset({State.DUE_SOON, State.OVERDUE})
_RUNNING = frozenset({State.OPEN, State.DUE_SOON, State.PAUSED})


@dataclass(frozen=True, slots=True)
class Known:
    """A clock as it was last recorded: its state then, and what was told once and for all."""

    id: str
    rule: str
    state: State = State.NOT_STARTED
    told: frozenset[Change] = frozenset()


def changes(known: Known, clock: Clock, begun_at: datetime) -> tuple[Change, ...]:
    """What to tell now, in order; `begun_at` is when this service learned of the case."""
    found = [
        (Change.STARTED, clock.state is not State.NOT_STARTED),
        (Change.REOPENED, known.state is State.CANCELLED and clock.state is not State.CANCELLED),
        (Change.DUE_SOON, clock.state in _WARNED and _had_a_warning(clock, begun_at)),
        (Change.OVERDUE, clock.state is State.OVERDUE),
        (Change.MET, clock.state in _MET and known.state not in _MET),
        (Change.CANCELLED, clock.state is State.CANCELLED and known.state is not State.CANCELLED),
    ]
    return tuple(change for change, is_so in found if is_so and change not in known.told)


def _had_a_warning(clock: Clock, begun_at: datetime) -> bool:
    # A case that arrives after the due date never had a warning to miss: it is overdue at once.
    return clock.due_at is not None and begun_at < clock.due_at


def after(known: Known, clock: Clock, told: tuple[Change, ...]) -> Known:
    """The record of the clock once these changes were told."""
    return Known(known.id, known.rule, clock.state, known.told | ONCE.intersection(told))


def look_again(clock: Clock) -> datetime | None:
    """The next instant at which time alone changes something; None when nothing will."""
    moments = [at for at in _known_ahead(clock) if at is not None and at > clock.as_at]
    if clock.state is State.PAUSED:
        moments.append(midnight(london_date(clock.as_at) + ONE_DAY))
    return min(moments, default=None)


def _known_ahead(clock: Clock) -> list[datetime | None]:
    facts = clock.facts
    # Another service's clock may be a little ahead of ours: its facts take effect when it is time.
    moments = [clock.anchor_at, facts.completed_at(clock.rule.obligation)]
    depends = clock.rule.cancelled_by or clock.rule.only_if
    moments += [decision.at for decision in facts.decisions if depends]
    moments += [turn.at for turn in facts.turns]
    return moments + ([clock.warn_at, clock.due_at] if clock.state in _RUNNING else [])
