"""Which rungs of a clock's ladder are to be told now, and when the next is reached."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.ladder import Deadline, Ladder, Reached, Verdict, laid, verdicts
from services.deadlines.domain.progress import Change, Known
from services.deadlines.domain.states import State

# Nobody is reminded of what is met, cancelled or paused.
_REMINDED = frozenset({State.OPEN, State.DUE_SOON, State.OVERDUE})


def worth_reminding(clock: Clock) -> bool:
    """Only the governing wording of an obligation is, and only while it runs.

    What was received before anybody looked is told as met late, and nobody is reminded of it.
    """
    return clock.rule.governing and clock.state in _REMINDED


def ladder_of(clock: Clock) -> Ladder:
    """The rungs that are climbed: a breach that is to be discussed is not urged on anybody."""
    if not worth_reminding(clock):
        return ()
    ladder = clock.rule.reminders
    return tuple(rung for rung in ladder if rung.before) if clock.discuss else ladder


@dataclass(frozen=True, slots=True)
class Reminders:
    """What to do with the rungs that were reached, and when the next one is."""

    verdicts: list[tuple[Reached, Verdict]] = field(default_factory=list)
    next_at: datetime | None = None


def reminders(known: Known, clock: Clock, begun_at: datetime, told: Collection[str]) -> Reminders:
    """The ladder of a clock as it stands; `told` are the rungs decided for this due date.

    `known` is what was told before this look at the clock, `begun_at` when this service learned
    of the case.
    """
    due_at, due_on, now = clock.due_at, clock.counted.due_on, clock.as_at
    ladder = ladder_of(clock)
    if due_at is None or due_on is None or not ladder:
        return Reminders()
    rungs = laid(ladder, Deadline(due_at, due_on, begun_at))
    found = [each for each in rungs if each.at <= now]
    warnings_over = Change.OVERDUE in known.told
    next_at = rungs[len(found)].at if len(found) < len(rungs) else None
    return Reminders(verdicts(found, told, warnings_over=warnings_over), next_at)
