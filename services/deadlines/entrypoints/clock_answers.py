"""A clock and its explanation as they are answered."""

from datetime import date, datetime

from msgspec import UNSET, Struct, UnsetType, field

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.count import Count
from services.deadlines.domain.explanation import explain


class AnchorOut(Struct, frozen=True):
    """What a rule counts from; `at` is null while it is not given."""

    name: str
    at: datetime | None


class DayOut(Struct, frozen=True):
    """One local date of a count; a holiday has a `name`."""

    date: date
    counted: bool
    why: str
    name: str | UnsetType = UNSET


class SpanOut(Struct, frozen=True):
    """Elapsed time between two instants."""

    starts: datetime = field(name="from")
    ends: datetime = field(name="until")
    counted: bool
    why: str


class OtherOut(Struct, frozen=True):
    """Another official wording of the same obligation, and its answer."""

    rule: str
    instrument: str
    standing: str
    governing: bool
    due_at: datetime | None
    due_on: date | None
    state: str


class CalendarOut(Struct, frozen=True):
    """Which calendar said what a working day is."""

    id: str
    version: str


class ExplanationOut(Struct, frozen=True):
    """`days` for days and months, `spans` for hours; `calendar` where one was looked at."""

    text: str
    days: list[DayOut]
    spans: list[SpanOut]
    others: list[OtherOut]
    calendar: CalendarOut | None


class ClockOut(Struct, frozen=True, kw_only=True):
    """One rule's answer; `due_at` is exclusive: whatever arrives at that instant is late."""

    rule: str
    version: str
    obligation: str
    governing: bool
    standing: str
    anchor: AnchorOut
    due_at: datetime | None
    due_on: date | None
    state: str
    explanation: ExplanationOut


class ClocksOut(Struct, frozen=True):
    """One clock for every rule of the kind, in the order of the rule set."""

    clocks: list[ClockOut]


def clocks_out(clocks: tuple[Clock, ...]) -> list[ClockOut]:
    """The clocks of one case, each explained."""
    return [clock_out(clock, clocks) for clock in clocks]


def clock_out(clock: Clock, case: tuple[Clock, ...]) -> ClockOut:
    """One clock; `case` are all clocks of the same facts."""
    rule, counted = clock.rule, clock.counted
    return ClockOut(
        rule=rule.id,
        version=rule.version,
        obligation=rule.obligation,
        governing=rule.governing,
        standing=rule.standing,
        anchor=AnchorOut(rule.anchor, clock.anchor_at),
        due_at=counted.due_at,
        due_on=counted.due_on,
        state=clock.state,
        explanation=_explanation(clock, case),
    )


def _explanation(clock: Clock, case: tuple[Clock, ...]) -> ExplanationOut:
    calendar = clock.calendar
    return ExplanationOut(
        text=explain(clock),
        days=_days(clock.counted),
        spans=[SpanOut(*span) for span in clock.counted.spans],
        others=[_other(other) for other in case if _is_other(other, clock)],
        calendar=CalendarOut(calendar.id, calendar.version) if calendar else None,
    )


def _days(counted: Count) -> list[DayOut]:
    return [DayOut(day.date, day.counted, day.why, day.name or UNSET) for day in counted.days]


def _is_other(other: Clock, clock: Clock) -> bool:
    return other.rule.obligation == clock.rule.obligation and other.rule.id != clock.rule.id


def _other(other: Clock) -> OtherOut:
    rule = other.rule
    return OtherOut(
        rule=rule.id,
        instrument=rule.instrument,
        standing=rule.standing,
        governing=rule.governing,
        due_at=other.counted.due_at,
        due_on=other.counted.due_on,
        state=other.state,
    )
