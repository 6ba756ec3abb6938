"""A clock is derived from a rule and the facts of a case, whole, every time it is asked for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.deadlines.domain.calendar import Calendar, Calendars
from services.deadlines.domain.count import BeyondReach, Count
from services.deadlines.domain.counting import count
from services.deadlines.domain.emergency import discussed, emergency
from services.deadlines.domain.facts import STAGE_BEFORE, Facts, Regime
from services.deadlines.domain.local_time import LAST_DAY, midnight
from services.deadlines.domain.pauses import NEVER, Standstill, standstill
from services.deadlines.domain.rules import Rule
from services.deadlines.domain.states import State, applies, state_of
from shared.errors import FieldError, Invalid

_LATE = frozenset({State.OVERDUE, State.MET_LATE})


class Breach(StrEnum):
    """What not being in time means: under an emergency regime it is talked over."""

    MISSED = "missed"
    DISCUSS = "discuss"


@dataclass(frozen=True, slots=True)
class Clock:
    """One rule applied to one case as at one instant; `warn_at` is when it becomes due soon.

    `extended` are all units that extensions and the `regimes` that touch it add to its amount.
    """

    rule: Rule
    facts: Facts
    as_at: datetime
    anchor_at: datetime | None
    counted: Count
    warn_at: datetime | None
    state: State
    calendar: Calendar | None
    extended: int = 0
    regimes: tuple[Regime, ...] = ()
    # Whether a breach would be discussed, because an emergency regime holds when it is due.
    discuss: bool = False

    @property
    def breach(self) -> Breach | None:
        """What its lateness is; None while it is not late."""
        if self.state not in _LATE:
            return None
        return Breach.DISCUSS if self.discuss else Breach.MISSED

    @property
    def due_at(self) -> datetime | None:
        """The instant from which it is late."""
        return self.counted.due_at


def derive_clocks(
    rules: tuple[Rule, ...], facts: Facts, area: str, calendars: Calendars, as_at: datetime
) -> tuple[Clock, ...]:
    """One clock a rule, in their order; every answer out of reach is refused at once."""
    clocks: list[Clock] = []
    refused: list[FieldError] = []
    for rule in rules:
        try:
            clocks.append(derive_clock(rule, facts, area, calendars, as_at))
        except BeyondReach:
            refused.append(_out_of_reach(rule, facts))
    if refused:
        raise Invalid(*refused)
    return tuple(clocks)


def derive_clock(
    rule: Rule, facts: Facts, area: str, calendars: Calendars, as_at: datetime
) -> Clock:
    """Replay the facts under one rule."""
    rule = rule.in_area(area)
    paused = _standstill(rule, facts)
    calendar = calendars.for_rule(rule.calendar, area, rule.id)
    anchor = facts.anchor(rule.anchor) if applies(rule, facts, as_at) else None
    extended = facts.extended_by(rule.obligation)

    def count_with(more: int) -> Count:
        return count(rule, anchor, extended + more, paused, calendar)

    regimes = emergency(rule, facts, anchor, count_with)
    counted = count_with(regimes.extended)
    warn_at = warns_at(rule, counted.due_at, counted.due_on)
    state = state_of(rule, facts, counted.due_at, warn_at, paused, as_at)
    return Clock(
        rule,
        facts,
        as_at,
        anchor,
        counted,
        warn_at,
        state,
        calendar,
        extended + regimes.extended,
        regimes.regimes,
        discussed(regimes.regimes, counted.due_at),
    )


def _standstill(rule: Rule, facts: Facts) -> Standstill:
    return standstill(facts.pauses_of(rule.obligation)) if facts.pauses else NEVER


def warns_at(rule: Rule, due_at: datetime | None, due_on: date | None) -> datetime | None:
    """When a clock with this due date becomes due soon."""
    if due_at is None or due_on is None:
        return None
    if rule.warning.hours:
        return due_at - timedelta(hours=rule.warning.hours)
    return midnight(due_on - timedelta(days=rule.warning.days - 1))


def _out_of_reach(rule: Rule, facts: Facts) -> FieldError:
    field = "decisions" if rule.anchor == "decided_at" else rule.anchor
    if field.startswith(STAGE_BEFORE):
        field = "completions"
    if facts.pauses_of(rule.obligation):
        field = "pauses"
    if facts.extended_by(rule.obligation):
        field = "extensions"
    year = LAST_DAY.year
    return FieldError(field, f"the due date of {rule.id} would lie beyond the year {year}")
