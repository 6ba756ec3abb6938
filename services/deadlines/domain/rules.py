"""A rule is data: what must be done, counted from when, in which unit, on whose authority."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.deadlines.domain.ladder import Ladder


class Unit(StrEnum):
    """How a rule counts; `none` sets no number, `local` leaves it to the area.

    `school_weeks` are weeks of seven days, of which days in the area's school holidays don't count.
    """

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    SCHOOL_WEEKS = "school_weeks"
    NONE = "none"
    LOCAL = "local"

    @property
    def has_number(self) -> bool:
        """Whether the rule itself says how long there is."""
        return self not in {Unit.NONE, Unit.LOCAL}


class Standing(StrEnum):
    """How binding the wording is."""

    STATUTORY = "statutory"
    GUIDANCE = "guidance"
    EXPECTED = "expected"


class Certainty(StrEnum):
    """How sure we are of the wording, and of what it counts from."""

    READ = "read"
    FOUNDING = "founding"
    ANCHOR_NOT_FOUND = "anchor-not-found"


@dataclass(frozen=True, slots=True)
class WarningWindow:
    """How long before the due date a clock is `due_soon`: our configuration, nothing official."""

    hours: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Validity:
    """The local dates on which a wording holds, the last one not included; `why` says what ends it.

    It ends no clock: a case is judged by the rules it is pinned to. Explanations say when what
    happened lies outside of it.
    """

    starts: date | None = None
    ends: date | None = None
    why: str = ""

    def holds(self, day: date) -> bool:
        """Whether the wording held on `day`."""
        after = self.starts is None or day >= self.starts
        return after and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True)
class LocalNumber:
    """What one area has set where the rule leaves the number to it."""

    amount: int
    unit: Unit
    source: str
    warning: WarningWindow
    reminders: Ladder = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an inspector may go alone: our configuration, nothing official; None is no limit."""

    extend_most: int | None = None
    back_days: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One official wording of one obligation for one kind of notification."""

    id: str
    version: str
    kind: str
    obligation: str
    anchor: str
    amount: int | None
    unit: Unit
    calendar: str | None
    cancelled_by: tuple[str, ...]
    standing: Standing
    governing: bool
    instrument: str
    source: str
    certainty: Certainty
    warning: WarningWindow
    # Who is reminded when: our configuration, nothing official.
    reminders: Ladder = ()
    # It runs only while the decision that holds is this one.
    only_if: str | None = None
    validity: Validity = Validity()
    limits: Limits = Limits()
    local: Mapping[str, LocalNumber] = field(default_factory=dict)
    # The source of the area's own number, once the rule was read for an area that set one.
    set_by: str = ""

    def in_area(self, area: str) -> "Rule":
        """The rule as it counts in one area, which may have set the number that it leaves open."""
        own = self.local.get(area) if self.local else None
        if own is None:
            return self
        return replace(
            self,
            amount=own.amount,
            unit=own.unit,
            set_by=own.source,
            warning=own.warning,
            reminders=own.reminders,
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of one version, in the order in which they are shown."""

    version: str
    rules: tuple[Rule, ...]
    by_kind: dict[str, tuple[Rule, ...]]

    def of(self, kind: str) -> tuple[Rule, ...]:
        """The rules of one kind; none for a kind that is not known."""
        return self.by_kind.get(kind, ())

    def rule(self, rule_id: str) -> Rule | None:
        """One rule by its id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def obligations(self, kind: str) -> tuple[str, ...]:
        """What a kind obliges to, in the order of its rules."""
        return tuple(dict.fromkeys(rule.obligation for rule in self.of(kind)))


def rule_set(version: str, rules: tuple[Rule, ...]) -> RuleSet:
    """The rules of one version, grouped by kind once and for all."""
    kinds = dict.fromkeys(rule.kind for rule in rules)
    by_kind = {kind: tuple(rule for rule in rules if rule.kind == kind) for kind in kinds}
    return RuleSet(version, rules, by_kind)
