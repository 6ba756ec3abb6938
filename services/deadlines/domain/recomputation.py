"""What a corrected calendar changes about the open clocks of one case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.deadlines.domain.calendar import Calendar, Pin
from services.deadlines.domain.calendar_making import differences
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock, derive_clock
from services.deadlines.domain.count import BeyondReach
from services.deadlines.domain.progress import Known, changes, look_again
from services.deadlines.domain.reminders import reminders
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import Rule
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
    """One clock whose due date is another now; `next_at` is when to look at it again.

    It is `quiet` when all there is to tell is that it moved.
    """

    before: Recorded
    clock: Clock
    quiet: bool
    next_at: datetime | None

    @property
    def days(self) -> int:
        """By how many days it moved; 0 where it had or has no date."""
        after = self.clock.counted.due_on
        return (after - self.before.due_on).days if after and self.before.due_on else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case after a correction: what it counts by now, and what that moved."""

    case: Case
    moves: tuple[Move, ...]

    @property
    def quiet(self) -> bool:
        """Whether nothing follows from it by now, such as a reminder."""
        return all(move.quiet for move in self.moves)

    @property
    def next_at(self) -> datetime | None:
        """The first instant at which one of the moved clocks is to be looked at again."""
        return min((move.next_at for move in self.moves if move.next_at), default=None)


def may_move(anchor: datetime | None, due_on: date | None, changed: Iterable[date]) -> bool:
    """Whether another calendar may move a due date.

    A day outside the count, from the anchor to the due date, cannot; nor is there anything to move
    where a count has not begun, or has no end.
    """
    if anchor is None or due_on is None:
        return False
    begun = london_date(anchor)
    return any(begun < day <= due_on for day in changed)


class Recomputation:
    """Moves open clocks on to the calendars that a rulebook has in force, at one instant."""

    def __init__(self, rulebook: Rulebook, now: datetime) -> None:
        self._rulebook = rulebook
        self._now = now
        self._days: dict[tuple[Pin, Pin], frozenset[date]] = {}
        self._rules: dict[tuple[str, str], Rule | None] = {}

    def of(self, found: OpenCase) -> Outcome | None:
        """None when every clock counts by the version in force already."""
        case = found.case
        pins: dict[str, Pin] = {}
        moves: list[Move] = []
        for recorded in found.running:
            rule = self._rule(case.rule_set, recorded.known.rule)
            calendar = self._in_force(rule, case)
            if rule is None or calendar is None or case.pins.get(rule.id) == calendar.pin:
                continue
            pins[rule.id] = calendar.pin
            move = self._move(case, rule, recorded, calendar)
            if move is not None:
                moves.append(move)
        if not pins:
            return None
        return Outcome(case.pinned(pins), tuple(moves))

    def _rule(self, rule_set: str, rule_id: str) -> Rule | None:
        key = (rule_set, rule_id)
        if key not in self._rules:
            self._rules[key] = self._rulebook.rule_sets[rule_set].rule(rule_id)
        return self._rules[key]

    def _in_force(self, rule: Rule | None, case: Case) -> Calendar | None:
        return self._rulebook.calendars.for_rule(rule.calendar, case.area) if rule else None

    def _move(self, case: Case, rule: Rule, recorded: Recorded, calendar: Calendar) -> Move | None:
        if not self._touched(case, rule, recorded, calendar):
            return None
        try:
            clock = derive_clock(rule, case.facts, case.area, self._rulebook.calendars, self._now)
        except BeyondReach:
            return None
        return _moved(case, recorded, clock) if clock.due_at != recorded.due_at else None

    def _touched(self, case: Case, rule: Rule, recorded: Recorded, calendar: Calendar) -> bool:
        changed = self._changed(case.pins.get(rule.id), calendar)
        return may_move(case.facts.anchor(rule.anchor), recorded.due_on, changed)

    def _changed(self, old: Pin | None, calendar: Calendar) -> frozenset[date]:
        if old is None:
            return frozenset(calendar.holidays)
        found = self._days.get((old, calendar.pin))
        if found is None:
            before = self._rulebook.calendars.versions[old]
            found = self._days[(old, calendar.pin)] = differences(before, calendar).days
        return found


def _moved(case: Case, recorded: Recorded, clock: Clock) -> Move:
    known = recorded.known
    ladder = reminders(known, clock, case.begun_at, ())
    told = changes(known, clock, case.begun_at) or ladder.verdicts
    moments = [at for at in (look_again(clock), ladder.next_at) if at is not None]
    quiet = not told and clock.state is known.state
    return Move(recorded, clock, quiet, min(moments, default=None))
