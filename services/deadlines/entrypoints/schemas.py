"""What the routes answer beside previews: rules, and recorded clocks."""

from datetime import date
from typing import Any

from msgspec import Struct, field

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.facts import Regime
from services.deadlines.domain.rule_changes import RuleSetChanges
from services.deadlines.domain.rules import Rule, RuleSet
from services.deadlines.entrypoints.clock_answers import ClockOut, clock_out
from services.deadlines.use_cases.show_clocks import Shown


class WarningOut(Struct, frozen=True):
    """How long before the due date a clock is `due_soon`: our configuration, nothing official."""

    hours: int
    days: int


class ValidityOut(Struct, frozen=True):
    """The dates on which a wording holds, `until` not included; null is without end."""

    starts: date | None = field(name="from")
    ends: date | None = field(name="until")
    why: str


class LimitsOut(Struct, frozen=True):
    """How far an inspector may go alone: our configuration, nothing official; null is no limit."""

    extend_most: int | None
    back_days: int | None


class LocalOut(Struct, frozen=True):
    """What one area has set where the rule leaves the number to it."""

    area: str
    amount: int
    unit: str
    source: str


class RuleOut(Struct, frozen=True, kw_only=True):
    """One official wording, and how sure we are of it; `others` are rules for the same duty."""

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
    only_if: str | None
    validity: ValidityOut
    limits: LimitsOut
    local: list[LocalOut]
    others: list[str]


class RuleSetOut(Struct, frozen=True):
    """One version of the rules; the one in force is what new cases are pinned to."""

    version: str
    rules: int
    in_force: bool


class FieldChangeOut(Struct, frozen=True):
    """One thing that a rule says otherwise."""

    field: str
    before: Any
    after: Any


class RuleChangeOut(Struct, frozen=True):
    """One rule that does not say the same in both versions."""

    rule: str
    fields: list[FieldChangeOut]


class RuleChangesOut(Struct, frozen=True, kw_only=True):
    """From one version of the rules to another."""

    before: str = field(name="from")
    after: str = field(name="to")
    added: list[RuleOut]
    removed: list[RuleOut]
    changed: list[RuleChangeOut]


class RegimeHeldOut(Struct, frozen=True):
    """An emergency regime that touches a clock, and by how many units it extends it."""

    id: str
    name: str
    starts: date = field(name="from")
    ends: date | None = field(name="until")
    amount: int


class RecordedClockOut(ClockOut, frozen=True, kw_only=True):
    """A clock as in a preview, and whose it is.

    `breach` is `missed` or, within an emergency regime, `discuss`; null while it is not late.
    """

    id: str
    reference: str
    kind: str
    area: str
    breach: str | None
    regimes: list[RegimeHeldOut]


def rule_out(rule: Rule, rules: RuleSet) -> RuleOut:
    """One rule of a set."""
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
        only_if=rule.only_if,
        validity=ValidityOut(rule.validity.starts, rule.validity.ends, rule.validity.why),
        limits=LimitsOut(rule.limits.extend_most, rule.limits.back_days),
        local=[
            LocalOut(area, own.amount, own.unit, own.source) for area, own in rule.local.items()
        ],
        others=[
            other.id
            for other in rules.of(rule.kind)
            if other.obligation == rule.obligation and other.id != rule.id
        ],
    )


def rule_set_out(rules: RuleSet, in_force: RuleSet) -> RuleSetOut:
    """One version of the rules."""
    return RuleSetOut(rules.version, len(rules.rules), rules.version == in_force.version)


def rule_changes_out(before: RuleSet, after: RuleSet, found: RuleSetChanges) -> RuleChangesOut:
    """What two versions say differently."""
    return RuleChangesOut(
        before=before.version,
        after=after.version,
        added=[rule_out(rule, after) for rule in found.added],
        removed=[rule_out(rule, before) for rule in found.removed],
        changed=[
            RuleChangeOut(
                change.rule.id,
                [FieldChangeOut(one.field, one.before, one.after) for one in change.fields],
            )
            for change in found.changed
        ],
    )


def recorded_clock_out(shown: Shown) -> RecordedClockOut:
    """One recorded clock, explained as it stands now."""
    clock, case = clock_out(shown.clock, shown.case), shown.listed.case
    fields = {name: getattr(clock, name) for name in ClockOut.__struct_fields__}
    return RecordedClockOut(
        id=shown.listed.id,
        reference=case.reference,
        kind=case.kind,
        area=case.area,
        breach=shown.clock.breach,
        regimes=[_held(regime, shown.clock) for regime in shown.clock.regimes],
        **fields,
    )


def _held(regime: Regime, clock: Clock) -> RegimeHeldOut:
    amount = regime.extends(clock.rule.obligation)
    return RegimeHeldOut(regime.id, regime.name, regime.starts, regime.ends, amount)
