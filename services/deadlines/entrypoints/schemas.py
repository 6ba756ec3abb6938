"""What the routes answer beside previews: rules, and recorded clocks."""

from msgspec import Struct

from services.deadlines.domain.rules import Rule
from services.deadlines.entrypoints.clock_answers import ClockOut, clock_out
from services.deadlines.use_cases.show_clocks import Shown


class WarningOut(Struct, frozen=True):
    """How long before the due date a clock is `due_soon`: our configuration, nothing official."""

    hours: int
    days: int


class RuleOut(Struct, frozen=True, kw_only=True):
    """One official wording, and how sure we are of it."""

    id: str
    version: str
    kind: str
    obligation: str
    anchor: str
    amount: int | None
    unit: str
    calendar: str | None
    cancelled_by: list[str]
    standing: str
    governing: bool
    instrument: str
    source: str
    certainty: str
    warning: WarningOut | None


class RecordedClockOut(ClockOut, frozen=True, kw_only=True):
    """A clock as in a preview, and whose it is."""

    id: str
    reference: str
    kind: str
    area: str


def rule_out(rule: Rule) -> RuleOut:
    """One rule."""
    return RuleOut(
        id=rule.id,
        version=rule.version,
        kind=rule.kind,
        obligation=rule.obligation,
        anchor=rule.anchor,
        amount=rule.amount,
        unit=rule.unit,
        calendar=rule.calendar,
        cancelled_by=list(rule.cancelled_by),
        standing=rule.standing,
        governing=rule.governing,
        instrument=rule.instrument,
        source=rule.source,
        certainty=rule.certainty,
        warning=WarningOut(rule.warning.hours, rule.warning.days) if rule.amount else None,
    )


def recorded_clock_out(shown: Shown) -> RecordedClockOut:
    """One recorded clock, explained as it stands now."""
    clock, case = clock_out(shown.clock, shown.case), shown.listed.case
    fields = {name: getattr(clock, name) for name in ClockOut.__struct_fields__}
    return RecordedClockOut(
        id=shown.listed.id, reference=case.reference, kind=case.kind, area=case.area, **fields
    )
