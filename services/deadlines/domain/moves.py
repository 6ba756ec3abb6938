"""What an act or a correction changed about the clocks of one case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.states import RUNNING


@dataclass(frozen=True, slots=True)
class Cause:
    """Why clocks are derived anew: `because` as in `ClockRecomputed`, `act` the id of what did it.

    `facts` say what else was before and after; `clock` is the one an act was done to.
    """

    because: str
    act: str | None = None
    clock: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """One clock of a case before and after; `before` is None where it is new."""

    case: Case
    before: Clock | None
    after: Clock

    @property
    def differs(self) -> bool:
        """Whether anybody would see a difference."""
        return self.before is None or _seen(self.before) != _seen(self.after)


def moves(case: Case, before: tuple[Clock, ...], after: tuple[Clock, ...]) -> Iterator[Moved]:
    """Every clock of the case, in the order of its rules after the change."""
    known = {clock.rule.id: clock for clock in before}
    return (Moved(case, known.get(clock.rule.id), clock) for clock in after)


def _seen(clock: Clock) -> tuple[Any, ...]:
    # While it runs, it matters whether a breach would be discussed; later, what the breach is.
    lateness = clock.discuss if clock.state in RUNNING else clock.breach
    return (clock.due_at, clock.counted.due_on, clock.state, lateness, clock.rule.version)
