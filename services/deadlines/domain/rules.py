"""A rule is data: what must be done, counted from when, in which unit, on whose authority."""

from dataclasses import dataclass
from enum import StrEnum

from services.deadlines.domain.ladder import Ladder


class Unit(StrEnum):
    """How a rule counts; `none` sets no number, `local` leaves it to the area."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
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
