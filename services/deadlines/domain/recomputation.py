"""What a corrected calendar changes about the open clocks of one case."""

from dataclasses import dataclass
from datetime import date, datetime

from services.deadlines.domain.calendar import Calendar, Pin
from services.deadlines.domain.calendar_making import differences
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock, derive_clock
from services.deadlines.domain.count import BeyondReach
from services.deadlines.domain.progress import Known, changes, look_again
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import Rule
from services.deadlines.domain.states import State
from shared.clock import london_date


@dataclass(frozen=True, slots=True)
class Recorded:
    """A clock that runs, as it was last recorded."""

    known: Known
    due_at: datetime | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case with those of its clocks that run."""

    case: Case
    running: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One clock whose due date is another now."""

    before: Recorded
    clock: Clock

    @property
    def days(self) -> int:
        """By how many days it moved; 0 where it had or has no date."""
        after = self.clock.counted.due_on
        return (after - self.before.due_on).days if after and self.before.due_on else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case after a correction: what it counts by now, what moved, when to look at it again."""

    case: Case
    moves: tuple[Move, ...]
    look_again: datetime | None


class Recomputation:
    """Moves open clocks on to the calendars that a rulebook has in force, at one instant."""

    def __init__(self, rulebook: Rulebook, now: datetime) -> None:
        self._rulebook = rulebook
        self._now = now
        self._days: dict[tuple[Pin, Pin], frozenset[date]] = {}

    def of(self, found: OpenCase) -> Outcome | None:
        """None when every clock counts by the version in force already."""
        case = found.case
        rules = self._rulebook.rule_sets[case.rule_set]
        pins: dict[str, Pin] = {}
        moves: list[Move] = []
        for recorded in found.running:
            rule = rules.rule(recorded.known.rule)
            calendar = self._in_force(rule, case)
            if rule is None or calendar is None or case.pins.get(rule.id) == calendar.pin:
                continue
            pins[rule.id] = calendar.pin
            move = self._move(case, rule, recorded, calendar)
            if move is not None:
                moves.append(move)
        if not pins:
            return None
        return Outcome(case.pinned(pins), tuple(moves), self._look_again(case, moves))

    def _in_force(self, rule: Rule | None, case: Case) -> Calendar | None:
        return self._rulebook.calendars.for_rule(rule.calendar, case.area) if rule else None

    def _move(self, case: Case, rule: Rule, recorded: Recorded, calendar: Calendar) -> Move | None:
        if not self._touched(case, rule, recorded, calendar):
            return None
        try:
            clock = derive_clock(rule, case.facts, case.area, self._rulebook.calendars, self._now)
        except BeyondReach:
            return None
        return Move(recorded, clock) if clock.due_at != recorded.due_at else None

    def _touched(self, case: Case, rule: Rule, recorded: Recorded, calendar: Calendar) -> bool:
        """A day outside the count, from the anchor to the due date, cannot move the due date."""
        anchor, due_on = case.facts.anchor(rule.anchor), recorded.due_on
        if anchor is None or due_on is None:
            return False
        begun = london_date(anchor)
        return any(begun < day <= due_on for day in self._changed(case.pins.get(rule.id), calendar))

    def _changed(self, old: Pin | None, calendar: Calendar) -> frozenset[date]:
        before = self._rulebook.calendars.versions.get(old) if old else None
        if old is None or before is None:
            return frozenset(calendar.holidays)
        found = self._days.get((old, calendar.pin))
        if found is None:
            found = self._days[(old, calendar.pin)] = differences(before, calendar).days
        return found

    def _look_again(self, case: Case, moves: list[Move]) -> datetime | None:
        """At once where something is to be told by now."""
        if any(self._tells(case, move) for move in moves):
            return self._now
        return min(filter(None, (look_again(move.clock) for move in moves)), default=None)

    def _tells(self, case: Case, move: Move) -> bool:
        by_time = {State.OPEN, State.DUE_SOON, State.OVERDUE}
        known = move.before.known
        turned = {known.state, move.clock.state} <= by_time and known.state != move.clock.state
        return turned or bool(changes(known, move.clock, case.begun_at))
